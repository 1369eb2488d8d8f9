package io.handfast.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** A machine, what it did last, and how to say things to it. */
final class Machines {

  static final Duration FETCH = Duration.ofSeconds(15);
  static final Node NODE = Node.newBuilder().setId("sidecar-1").setCluster("shop").build();

  final StreamMachine machine;
  List<Effect> effects = List.of();

  private Machines(StreamMachine machine) {
    this.machine = machine;
  }

  static Machines delta() {
    return delta(false);
  }

  static Machines delta(boolean failOnDataErrors) {
    return new Machines(new DeltaMachine(options(failOnDataErrors, true), new Random(1)));
  }

  /** Which say in each request who asks. */
  static List<Machines> ofFewAssumptions() {
    return List.of(
        new Machines(new DeltaMachine(options(false, false), new Random(1))),
        new Machines(new SotwMachine(options(false, false), new Random(1))));
  }

  static Machines sotw() {
    return sotw(false);
  }

  static Machines sotw(boolean failOnDataErrors) {
    return new Machines(new SotwMachine(options(failOnDataErrors, true), new Random(1)));
  }

  private static StreamMachine.Options options(boolean failOnDataErrors, boolean nodeOnce) {
    return new StreamMachine.Options(
        NODE,
        nodeOnce,
        ResourceType.ALL,
        new Backoff.Policy(Duration.ofSeconds(1), Duration.ofMinutes(2), 2, 0),
        failOnDataErrors);
  }

  Machines step(Event event) {
    effects = machine.step(event);
    return this;
  }

  Machines open() {
    return step(new Event.Opened());
  }

  Machines close(String error) {
    return step(new Event.Closed(error));
  }

  Machines subscribe(ResourceType<?> type, String... names) {
    return step(new Event.Subscribed(type, Set.of(names), FETCH));
  }

  /** The response comes, and all of it is taken but for the faults. */
  Machines receive(Message response, ResourceFault... faults) {
    step(new Event.Received(response));
    List<Effect> all = new ArrayList<>(effects);
    for (Update update : of(Effect.Deliver.class).stream().map(Effect.Deliver::update).toList()) {
      step(new Event.Applied(update, List.of(faults)));
      all.addAll(effects);
    }
    effects = all;
    return this;
  }

  Machines fire(TimerKey timer) {
    return step(new Event.TimerFired(timer));
  }

  <E extends Effect> List<E> of(Class<E> kind) {
    return effects.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  List<DeltaDiscoveryRequest> deltaSent() {
    return of(Effect.Send.class).stream()
        .map(send -> (DeltaDiscoveryRequest) send.request())
        .toList();
  }

  List<DiscoveryRequest> sotwSent() {
    return of(Effect.Send.class).stream().map(send -> (DiscoveryRequest) send.request()).toList();
  }

  Update delivered() {
    return of(Effect.Deliver.class).getFirst().update();
  }

  static ResourceFault fault(String name) {
    return ResourceFault.of(name, "clusters[" + name + "].lb_policy", "9 (expected: less)");
  }

  static TimerKey absent(ResourceType<?> type, String name) {
    return new TimerKey.Absent(type.typeUrl(), name);
  }

  static Cluster cluster(String name) {
    return Cluster.newBuilder().setName(name).build();
  }

  static ClusterLoadAssignment endpoints(String name) {
    return ClusterLoadAssignment.newBuilder().setClusterName(name).build();
  }

  static DiscoveryResponse sotwResponse(
      ResourceType<?> type, String version, String nonce, Message... resources) {
    DiscoveryResponse.Builder response =
        DiscoveryResponse.newBuilder()
            .setTypeUrl(type.typeUrl())
            .setVersionInfo(version)
            .setNonce(nonce);
    for (Message each : resources) {
      response.addResources(each instanceof Any any ? any : Any.pack(each));
    }
    return response.build();
  }

  static DeltaDiscoveryResponse deltaResponse(
      ResourceType<?> type, String nonce, Resource... resources) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setNonce(nonce)
        .setSystemVersionInfo("s-" + nonce)
        .addAllResources(List.of(resources))
        .build();
  }

  static Resource resource(String name, String version, Message message) {
    return Resource.newBuilder()
        .setName(name)
        .setVersion(version)
        .setResource(Any.pack(message))
        .build();
  }

  static Resource withTtl(Resource resource, Duration ttl) {
    return resource.toBuilder().setTtl(Durations.fromMillis(ttl.toMillis())).build();
  }

  static Any garbage(ResourceType<?> type) {
    return Any.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setValue(ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff, 1}))
        .build();
  }
}
