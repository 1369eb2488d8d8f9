package io.handfast.k8s.controlplane.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Delta: only what is another than what the client holds is sent. What was sent counts as held
 * whether it was acknowledged or not: what a client has refused it gets again when it is another.
 */
final class DeltaWatch implements Watch<DeltaDiscoveryRequest, DeltaDiscoveryResponse> {

  /** In place of a version: the client has been told that there is none. */
  private static final String ABSENT = "";

  /** Bound of responses whose answers are awaited: each but the last is one to a request. */
  private static final int MAX_UNANSWERED = 100;

  private final Subscription wanted;
  private final Map<String, String> held = new HashMap<>();
  private final Set<String> unanswered = new LinkedHashSet<>();
  private boolean asked;

  /** An answer is owed though it may be empty: a client that holds nothing waits for one. */
  private boolean owed;

  DeltaWatch(ResourceType<?> type) {
    this.wanted = new Subscription(type);
  }

  @Override
  public Heard request(DeltaDiscoveryRequest request) {
    Set<String> more = Subscription.named(request.getResourceNamesSubscribeList());
    boolean all = request.getResourceNamesSubscribeList().contains(Subscription.WILDCARD);
    if (asked) {
      // Whoever asks again for what he has wants it again.
      held.keySet().removeAll(more);
    } else {
      asked = true;
      all |= more.isEmpty() && Subscription.isForAllByDefault(wanted.type());
      request
          .getInitialResourceVersionsMap()
          .forEach((name, version) -> held.put(XdstpName.normalise(name), version));
      owed = all && held.isEmpty();
    }
    wanted.names().addAll(more);
    if (all) {
      wanted.forAll(true);
    }
    unsubscribe(request.getResourceNamesUnsubscribeList());
    held.keySet().removeIf(name -> !wanted.wants(name));
    return unanswered.remove(request.getResponseNonce())
        ? Heard.answer(request.hasErrorDetail(), request.getErrorDetail())
        : new Heard.Asked();
  }

  private void unsubscribe(List<String> unwanted) {
    if (unwanted.contains(Subscription.WILDCARD)) {
      wanted.forAll(false);
    }
    for (String name : Subscription.named(unwanted)) {
      // Under a wildcard the client has dropped it, and is told again whether it is one of all.
      if (wanted.names().remove(name)) {
        held.remove(name);
      }
    }
  }

  @Override
  public Optional<Told<DeltaDiscoveryResponse>> next(
      Snapshot snapshot, boolean mayRemove, String nonce) {
    List<Served> changed = new ArrayList<>();
    for (Served each : wanted.of(snapshot)) {
      if (!each.version().equals(held.put(each.name(), each.version()))) {
        changed.add(each);
      }
    }
    List<String> removed = removed(snapshot, mayRemove);
    if (changed.isEmpty() && removed.isEmpty() && !owed) {
      return Optional.empty();
    }
    owed = false;
    if (unanswered.size() == MAX_UNANSWERED) {
      unanswered.remove(unanswered.iterator().next());
    }
    unanswered.add(nonce);
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(wanted.type().typeUrl())
            .setSystemVersionInfo(snapshot.version(wanted.type()))
            .setNonce(nonce)
            .setControlPlane(DiscoveryStream.IDENTITY)
            .addAllRemovedResources(removed);
    changed.forEach(each -> response.addResources(each.wrapper()));
    return Optional.of(new Told<>(response.build(), changed));
  }

  /** What the client holds and is gone, and what it asks for and is not there. */
  private List<String> removed(Snapshot snapshot, boolean mayRemove) {
    List<String> removed = new ArrayList<>();
    Iterator<Map.Entry<String, String>> each = held.entrySet().iterator();
    while (mayRemove && each.hasNext()) {
      Map.Entry<String, String> entry = each.next();
      if (!entry.getValue().equals(ABSENT)
          && snapshot.find(wanted.type(), entry.getKey()).isEmpty()) {
        removed.add(entry.getKey());
        if (wanted.names().contains(entry.getKey())) {
          entry.setValue(ABSENT);
        } else {
          each.remove();
        }
      }
    }
    for (String name : wanted.names()) {
      if (!held.containsKey(name) && snapshot.find(wanted.type(), name).isEmpty()) {
        removed.add(name);
        held.put(name, ABSENT);
      }
    }
    return removed;
  }

  @Override
  public void again(Set<String> names) {
    held.keySet().removeAll(names);
  }

  @Override
  public boolean isUnanswered() {
    return !unanswered.isEmpty();
  }

  @Override
  public int size() {
    return wanted.names().size() + held.size();
  }

  @Override
  public long characters() {
    long versions = 0;
    for (Map.Entry<String, String> each : held.entrySet()) {
      versions += each.getKey().length() + each.getValue().length();
    }
    return wanted.characters() + versions;
  }
}
