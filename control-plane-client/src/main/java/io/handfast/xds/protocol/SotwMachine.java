package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.xds.resource.ResourceType;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * State of the world: every request has all names, every response of listeners and clusters has all
 * resources.
 */
public final class SotwMachine extends StreamMachine {

  /** A machine that has seen no stream. */
  public SotwMachine(Options options, RandomGenerator random) {
    super(options, false, random);
  }

  @Override
  String typeUrl(Message response) {
    return cast(response).getTypeUrl();
  }

  @Override
  Incoming read(ResourceType<?> type, Message response) {
    return Incoming.of(type, cast(response));
  }

  private static DiscoveryResponse cast(Message response) {
    if (response instanceof DiscoveryResponse sotw) {
      return sotw;
    }
    throw new IllegalArgumentException(
        "response: " + response.getClass().getName() + " (expected: DiscoveryResponse)");
  }

  @Override
  @Nullable Message firstRequest(TypeState type) {
    if (type.wanted().isEmpty()) {
      return null;
    }
    // Servers that know no "*" are many; an empty first list is everything to all of them.
    type.legacyWildcard = type.type.complete() && type.wanted().equals(Set.of(WILDCARD));
    return request(type).clearResponseNonce().build();
  }

  @Override
  Message withNode(Message request, Node node) {
    return ((DiscoveryRequest) request).toBuilder().setNode(node).build();
  }

  @Override
  @Nullable Message changeRequest(TypeState type) {
    if (type.legacyWildcard && type.wanted().isEmpty()) {
      // An empty list would mean everything again. What comes is answered, and goes unused.
      return null;
    }
    type.legacyWildcard = false;
    if (type.applying) {
      return null;
    }
    return answer(type, takeKeptNack(type));
  }

  @Override
  Message answer(TypeState type, @Nullable Status error) {
    DiscoveryRequest.Builder request = request(type);
    if (error != null) {
      request.setErrorDetail(error);
    }
    return request.build();
  }

  private static DiscoveryRequest.Builder request(TypeState type) {
    DiscoveryRequest.Builder request =
        DiscoveryRequest.newBuilder()
            .setTypeUrl(type.url())
            .setVersionInfo(type.ackedVersion)
            .setResponseNonce(type.nonce);
    return type.legacyWildcard ? request : request.addAllResourceNames(type.wanted());
  }

  @Override
  Set<String> omitted(TypeState type, Set<String> listed) {
    Set<String> omitted = new TreeSet<>();
    if (type.type.complete()) {
      omitted.addAll(type.held.keySet());
      omitted.addAll(type.refused);
      omitted.removeAll(listed);
    }
    return omitted;
  }

  @Override
  boolean answersUnasked() {
    // The empty list of an answer would be the first request, and ask for everything.
    return false;
  }
}
