package io.handfast.k8s.controlplane.protocol;

import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.k8s.controlplane.snapshot.Versions;
import io.handfast.xds.resource.ResourceType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * State of the world: all that the client asks for is sent whenever any of it is another. Of types
 * whose responses are complete, what is left out is gone; of others, what is gone cannot be told.
 */
final class SotwWatch implements Watch<DiscoveryRequest, DiscoveryResponse> {

  private final Subscription wanted;

  /** What the last response listed. */
  private final Map<String, Served> sent = new TreeMap<>();

  private String lastNonce = "";
  private boolean unanswered;

  /** What the client says that it has from another stream; not looked at later. */
  private Optional<String> known = Optional.empty();

  private boolean asked;

  /** Whether names have ever been given: from then on a list without any is empty. */
  private boolean named;

  /** An answer is owed though nothing is another than what was sent. */
  private boolean owed;

  SotwWatch(ResourceType<?> type) {
    this.wanted = new Subscription(type);
  }

  @Override
  public Heard request(DiscoveryRequest request) {
    if (!lastNonce.isEmpty() && !request.getResponseNonce().equals(lastNonce)) {
      return new Heard.Stale();
    }
    Set<String> names = Subscription.named(request.getResourceNamesList());
    boolean forAll = request.getResourceNamesList().contains(Subscription.WILDCARD);
    named |= !names.isEmpty() || forAll;
    forAll |= !named && Subscription.isForAllByDefault(wanted.type());
    boolean more = (forAll && !wanted.isForAll()) || !wanted.names().containsAll(names);
    wanted.forAll(forAll);
    wanted.names().clear();
    wanted.names().addAll(names);
    sent.keySet().removeIf(name -> !wanted.wants(name));
    owed |= more && wanted.type().complete();
    if (!asked) {
      asked = true;
      known = forAll ? Optional.of(request.getVersionInfo()) : Optional.empty();
    }
    if (lastNonce.isEmpty()) {
      return new Heard.Asked();
    }
    unanswered = false;
    return Heard.answer(request.hasErrorDetail(), request.getErrorDetail());
  }

  @Override
  public Optional<Told<DiscoveryResponse>> next(
      Snapshot snapshot, boolean mayRemove, String nonce) {
    Map<String, Served> listed = listed(wanted.of(snapshot), mayRemove);
    String version = Versions.of(listed.values());
    boolean have = known.filter(version::equals).isPresent();
    known = Optional.empty();
    List<Served> changed = changed(listed);
    boolean tell = !have && (owed || !changed.isEmpty() || isLess(listed));
    owed = false;
    sent.clear();
    sent.putAll(listed);
    if (!tell) {
      return Optional.empty();
    }
    lastNonce = nonce;
    unanswered = true;
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(wanted.type().typeUrl())
            .setVersionInfo(version)
            .setNonce(nonce)
            .setControlPlane(DiscoveryStream.IDENTITY);
    listed.values().forEach(each -> response.addResources(each.content()));
    return Optional.of(new Told<>(response.build(), changed));
  }

  /** What is there, and what may not be taken away yet. */
  private Map<String, Served> listed(Collection<Served> there, boolean mayRemove) {
    Map<String, Served> listed = new TreeMap<>();
    if (!mayRemove && wanted.type().complete()) {
      listed.putAll(sent);
    }
    there.forEach(each -> listed.put(each.name(), each));
    return listed;
  }

  /** What was not sent last time, or not in this version. */
  private List<Served> changed(Map<String, Served> listed) {
    return listed.values().stream()
        .filter(each -> {
          Served before = sent.get(each.name());
          return before == null || !before.version().equals(each.version());
        })
        .toList();
  }

  private boolean isLess(Map<String, Served> listed) {
    return wanted.type().complete() && !listed.keySet().containsAll(sent.keySet());
  }

  @Override
  public void again(Set<String> names) {
    sent.keySet().removeAll(names);
  }

  @Override
  public boolean isUnanswered() {
    return unanswered;
  }

  @Override
  public int size() {
    return wanted.names().size() + sent.size();
  }

  @Override
  public long characters() {
    return wanted.characters();
  }
}
