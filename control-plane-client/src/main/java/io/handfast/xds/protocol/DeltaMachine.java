package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.handfast.xds.resource.ResourceType;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Incremental xDS: requests and responses say what changes. */
public final class DeltaMachine extends StreamMachine {

  /** A machine that has seen no stream. */
  public DeltaMachine(Options options, RandomGenerator random) {
    super(options, true, random);
  }

  @Override
  String typeUrl(Message response) {
    return cast(response).getTypeUrl();
  }

  @Override
  Incoming read(ResourceType<?> type, Message response) {
    return Incoming.of(type, cast(response));
  }

  private static DeltaDiscoveryResponse cast(Message response) {
    if (response instanceof DeltaDiscoveryResponse delta) {
      return delta;
    }
    throw new IllegalArgumentException(
        "response: " + response.getClass().getName() + " (expected: DeltaDiscoveryResponse)");
  }

  @Override
  @Nullable Message firstRequest(TypeState type) {
    if (type.wanted().isEmpty()) {
      return null;
    }
    type.told = Set.copyOf(type.wanted());
    type.legacyWildcard = type.type.complete() && type.told.equals(Set.of(WILDCARD));
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type.url())
            .putAllInitialResourceVersions(type.held);
    if (!type.legacyWildcard) {
      request.addAllResourceNamesSubscribe(type.wanted());
    }
    return request.build();
  }

  @Override
  Message withNode(Message request, Node node) {
    return ((DeltaDiscoveryRequest) request).toBuilder().setNode(node).build();
  }

  @Override
  @Nullable Message changeRequest(TypeState type) {
    Set<String> added = new TreeSet<>(type.wanted());
    added.removeAll(type.told);
    Set<String> dropped = new TreeSet<>(type.told);
    dropped.removeAll(type.wanted());
    type.told = Set.copyOf(type.wanted());
    if (type.legacyWildcard && !added.isEmpty() && type.told.contains(WILDCARD)) {
      // From the first name on a server may take the list at its word.
      added.add(WILDCARD);
      type.legacyWildcard = false;
    }
    return added.isEmpty() && dropped.isEmpty()
        ? null
        : DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(type.url())
            .addAllResourceNamesSubscribe(added)
            .addAllResourceNamesUnsubscribe(dropped)
            .build();
  }

  @Override
  Message answer(TypeState type, @Nullable Status error) {
    DeltaDiscoveryRequest.Builder request =
        DeltaDiscoveryRequest.newBuilder().setTypeUrl(type.url()).setResponseNonce(type.nonce);
    if (error != null) {
      request.setErrorDetail(error);
    }
    return request.build();
  }

  @Override
  Set<String> omitted(TypeState type, Set<String> listed) {
    return Set.of();
  }

  @Override
  boolean answersUnasked() {
    return true;
  }
}
