package io.handfast.proxy.status;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.status.ResourceStatus;
import io.handfast.xds.status.ResourceStatus.Accepted;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One resource of a control plane: what of it serves, and what is known of it.
 *
 * @param active what serves
 * @param status what was told of it; empty for what a cache brought
 */
record DynamicResource(
    ResourceName name,
    Optional<? extends Offered<? extends Message>> active,
    Optional<ResourceStatus> status) {

  /**
   * All of a type, by name.
   *
   * @param base what is static
   * @param serving what serves, static or not
   * @param statuses of every type
   */
  static <M extends Message> List<DynamicResource> of(
      ResourceType<M> type,
      ResourceSet base,
      ResourceSet serving,
      Map<ResourceName, ResourceStatus> statuses) {
    Map<ResourceName, Optional<Offered<M>>> names = new TreeMap<>();
    statuses.keySet().stream()
        .filter(name -> name.type().equals(type))
        .forEach(name -> names.put(name, Optional.empty()));
    Set<String> known =
        base.get(type).stream()
            .map(offered -> offered.content().name(type))
            .collect(Collectors.toSet());
    for (Offered<M> offered : serving.get(type)) {
      String name = XdstpName.normalise(offered.content().name(type));
      if (!known.contains(name)) {
        names.put(new ResourceName(type, name), Optional.of(offered));
      }
    }
    List<DynamicResource> all = new ArrayList<>(names.size());
    names.forEach((name, active) ->
        all.add(new DynamicResource(name, active, Optional.ofNullable(statuses.get(name)))));
    return List.copyOf(all);
  }

  ClientResourceStatus state() {
    return status.map(ResourceStatus::state).orElse(ClientResourceStatus.ACKED);
  }

  /** A version that was taken and does not serve yet. */
  Optional<Accepted> warming() {
    return status
        .flatMap(ResourceStatus::accepted)
        .filter(newest -> active.isEmpty() || !newest.content().equals(active.get().content()));
  }

  /** When what serves came first; empty if it came from a cache. */
  Optional<Timestamp> activeSince() {
    return status.stream()
        .flatMap(known -> Stream.concat(known.accepted().stream(), known.before().stream()))
        .filter(version -> active.isPresent() && version.content().equals(active.get().content()))
        .map(version -> Timestamps.fromMillis(version.changedMillis()))
        .findFirst();
  }
}
