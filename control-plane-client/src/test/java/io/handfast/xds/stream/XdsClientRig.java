package io.handfast.xds.stream;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.xds.protocol.Backoff;
import io.handfast.xds.protocol.DeltaMachine;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ManualExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A client with servers that are played: one, and fallbacks as often as it asks for one. */
abstract class XdsClientRig {

  static final Duration FETCH = Duration.ofSeconds(15);
  static final Duration CONNECT = Duration.ofSeconds(20);
  static final Backoff.Policy STEADY =
      new Backoff.Policy(Duration.ofSeconds(1), Duration.ofMinutes(2), 1.6, 0);

  final ManualExecutor executor = new ManualExecutor();
  final RecordingHandler handler = new RecordingHandler();
  final FakeWire primary = new FakeWire();
  final List<FakeWire> fallbacks = new ArrayList<>();
  final List<String> events = new ArrayList<>();
  final XdsClient client = client(handler);

  XdsClient client(ResourceHandler to) {
    return new XdsClient(
        List.of(
            new XdsClient.Server("primary", () -> primary, CONNECT),
            new XdsClient.Server("fallback", this::fallback, CONNECT)),
        () ->
            new DeltaMachine(
                new StreamMachine.Options(
                    Node.newBuilder().setId("n").build(), true, ResourceType.ALL, STEADY, false),
                new Random(1)),
        STEADY,
        to,
        new ClientRuntime(executor, executor::nanoTime, new Random(1), new Events()));
  }

  Wire fallback() {
    fallbacks.add(new FakeWire());
    return fallbacks.getLast();
  }

  final class Events implements StreamEvents {
    @Override
    public void connected(String server, boolean now) {
      events.add(server + (now ? " connected" : " gone"));
    }

    @Override
    public void answered(String server, String typeUrl, boolean nack) {
      events.add(server + (nack ? " NACK" : " ACK"));
    }

    @Override
    public void updated(String server, ResourceType<?> type, int valid, int invalid) {
      events.add(type + " " + valid + "/" + invalid);
    }
  }

  static Map<String, String> firstVersions(FakeWire wire) {
    return ((DeltaDiscoveryRequest) wire.last().sent.getFirst()).getInitialResourceVersionsMap();
  }

  void start() {
    client.subscribe(ResourceType.CLUSTER, Set.of("*"), FETCH);
    client.start();
    executor.run();
    ready(primary);
  }

  void ready(FakeWire wire) {
    wire.last().listener.ready();
    executor.run();
  }

  void close(FakeWire wire, String error) {
    wire.last().listener.closed(error);
    executor.run();
  }

  void respond(FakeWire wire, String nonce, String... clusters) {
    receive(wire.last(), nonce, clusters);
    executor.run();
  }

  static void receive(FakeWire.FakeCall call, String nonce, String... clusters) {
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setNonce(nonce);
    for (String name : clusters) {
      Message cluster = Cluster.newBuilder().setName(name).build();
      response.addResources(
          Resource.newBuilder().setName(name).setVersion("1").setResource(Any.pack(cluster)));
    }
    call.listener.received(response.build());
  }

  static List<String> nonces(FakeWire.FakeCall call) {
    return call.sent.stream()
        .map(request -> ((DeltaDiscoveryRequest) request).getResponseNonce())
        .toList();
  }

  static long nacks(FakeWire.FakeCall call) {
    return call.sent.stream()
        .filter(request -> ((DeltaDiscoveryRequest) request).hasErrorDetail())
        .count();
  }
}
