package io.handfast.k8s.controlplane;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.k8s.controlplane.protocol.DiscoveryStream;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.stream.DiscoveryMethods;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * The aggregated service and that of each type, delta and state of the world, and their open calls.
 * Confined to the thread that gRPC calls it on.
 */
final class DiscoveryServices {

  /** Bound of open streams. */
  static final int MAX_STREAMS = 10_000;

  /**
   * How long listeners and routes wait for clusters to be acknowledged: as long as an Envoy waits
   * for what a cluster names.
   */
  private static final long PATIENCE_SECONDS = 15;

  private final Meters meters;
  private final ScheduledExecutorService timer;
  private final Set<DiscoveryCall<?, ?>> calls = new LinkedHashSet<>();
  private Optional<Snapshot> snapshot = Optional.empty();

  /** Makes the protocol's side of a call. */
  private interface Opening<Q, R>
      extends BiFunction<
          Optional<ResourceType<?>>, DiscoveryStream.Events<R>, DiscoveryStream<Q, R>> {}

  /**
   * @param timer runs what it is given on the thread of calls
   */
  DiscoveryServices(Meters meters, ScheduledExecutorService timer) {
    this.meters = meters;
    this.timer = timer;
  }

  /** What a server offers. */
  List<ServerServiceDefinition> definitions() {
    List<ServerServiceDefinition> definitions = new ArrayList<>();
    definitions.add(definition(DiscoveryMethods.AGGREGATED, Optional.empty()));
    for (ResourceType<?> type : ResourceType.ALL) {
      definitions.add(definition(DiscoveryMethods.of(type), Optional.of(type)));
    }
    return definitions;
  }

  private ServerServiceDefinition definition(
      DiscoveryMethods.Methods methods, Optional<ResourceType<?>> only) {
    Opening<DiscoveryRequest, DiscoveryResponse> sotw = DiscoveryStream::sotw;
    Opening<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta = DiscoveryStream::delta;
    return ServerServiceDefinition.builder(String.valueOf(methods.sotw().getServiceName()))
        .addMethod(
            methods.sotw(),
            ServerCalls.asyncBidiStreamingCall(client -> open(client, sotw, only, "SotW")))
        .addMethod(
            methods.delta(),
            ServerCalls.asyncBidiStreamingCall(client -> open(client, delta, only, "delta")))
        .build();
  }

  private <Q, R> StreamObserver<Q> open(
      StreamObserver<R> client,
      Opening<Q, R> opening,
      Optional<ResourceType<?>> only,
      String variant) {
    DiscoveryCall<Q, R> call =
        new DiscoveryCall<>(
            (ServerCallStreamObserver<R>) client,
            events -> opening.apply(only, events),
            new DiscoveryCall.Surroundings(
                () -> snapshot,
                meters,
                variant + only.map(type -> " of " + type).orElse(""),
                task -> timer.schedule(task, PATIENCE_SECONDS, TimeUnit.SECONDS),
                this::ended));
    if (calls.size() >= MAX_STREAMS) {
      call.refuse(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "streams: " + calls.size() + " (expected: at most " + MAX_STREAMS + ")"));
    } else {
      calls.add(call);
      meters.streams(calls.size());
    }
    return call;
  }

  private void ended(DiscoveryCall<?, ?> call) {
    if (calls.remove(call)) {
      meters.streams(calls.size());
    }
  }

  /** From now on this is what is served. */
  void publish(Snapshot next) {
    snapshot = Optional.of(next);
    List.copyOf(calls).forEach(call -> call.advance(next));
  }

  /** Ends all calls. */
  void end() {
    List.copyOf(calls).forEach(DiscoveryCall::end);
  }
}
