package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Status;
import io.handfast.xds.resource.ResourceType;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Traffic while a control plane misbehaves that has taken the place of a good one. */
final class FaultyServerTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String CLUSTERS = ResourceType.CLUSTER.typeUrl();

  /** Of a field that ends before it has begun. */
  private static final byte[] GARBAGE = {10, 100, 1};

  private final LiveServer control = new LiveServer();
  private final Relay relay = new Relay(control.port());
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    relay.close();
    control.close();
    one.close();
    two.close();
  }

  @Test
  void shouldServeOnAndComeAgainLaterWhenAMessageCannotBeReadC1() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    try (ScriptedServer<DeltaDiscoveryRequest> bad =
            ScriptedServer.delta((stream, request) -> stream.send(GARBAGE));
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.lead(bad.port());

      // Then: each stream is over with its first message, and the next one has the versions held
      await().atMost(PATIENCE).until(() -> bad.streams() == 2);
      assertThat(bad.requests().getLast().getInitialResourceVersionsMap()).isNotEmpty();
      assertThat(bad.requests()).noneMatch(DeltaDiscoveryRequest::hasErrorDetail);
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  void shouldRefuseAResourceThatCannotBeReadAndTakeTheOthersA6() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    Any unreadable =
        Any.newBuilder().setTypeUrl(CLUSTERS).setValue(ByteString.copyFrom(GARBAGE)).build();
    DeltaDiscoveryResponse response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(CLUSTERS)
            .setNonce("n")
            .addResources(Resource.newBuilder().setName("torn").setResource(unreadable))
            .addResources(
                Resource.newBuilder()
                    .setName("whole")
                    .setVersion("1")
                    .setResource(Any.pack(whole("whole"))))
            .build();
    try (ScriptedServer<DeltaDiscoveryRequest> bad =
            ScriptedServer.delta((stream, request) -> {
              if (request.getTypeUrl().equals(CLUSTERS) && request.getResponseNonce().isEmpty()) {
                stream.send(response);
              }
            });
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.lead(bad.port());

      // Then
      await()
          .atMost(PATIENCE)
          .until(() -> bad.requests().stream().anyMatch(DeltaDiscoveryRequest::hasErrorDetail));
      DeltaDiscoveryRequest nack = bad.requests().getLast();
      assertThat(nack.getResponseNonce()).isEqualTo("n");
      assertThat(nack.getErrorDetail().getMessage()).startsWith("clusters[torn]");
      await()
          .atMost(PATIENCE)
          .until(() -> sidecar.stat("cluster.whole.membership_total").isPresent());
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  void shouldRefuseATimeToLiveThatNoClockCountsX1() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    Resource.Builder eternal =
        Resource.newBuilder().setName("eternal").setResource(Any.pack(whole("eternal")));
    eternal.setTtl(com.google.protobuf.Duration.newBuilder().setSeconds(10_000_000_000L));
    try (ScriptedServer<DeltaDiscoveryRequest> bad =
            ScriptedServer.delta((stream, request) -> {
              if (request.getTypeUrl().equals(CLUSTERS) && request.getResponseNonce().isEmpty()) {
                stream.send(
                    DeltaDiscoveryResponse.newBuilder()
                        .setTypeUrl(CLUSTERS)
                        .setNonce("n")
                        .addResources(eternal)
                        .build());
              }
            });
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.lead(bad.port());

      // Then
      await()
          .atMost(PATIENCE)
          .until(() -> bad.requests().stream().anyMatch(DeltaDiscoveryRequest::hasErrorDetail));
      assertThat(bad.requests().getLast().getErrorDetail().getMessage())
          .startsWith("clusters[eternal].ttl");
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  void shouldSendAFewNacksOnlyWhenEachIsAnsweredAtOnceWithTheSameA7() {
    // Given: what a server of the state of the world does with a NACK
    LiveSidecar sidecar = started(SOTW);
    AtomicInteger nonces = new AtomicInteger();
    Cluster refused = whole("a").toBuilder().setPreconnectPolicy(preconnect()).build();
    try (ScriptedServer<DiscoveryRequest> bad =
            ScriptedServer.sotw((stream, request) -> {
              if (request.getTypeUrl().equals(CLUSTERS)) {
                stream.send(
                    DiscoveryResponse.newBuilder()
                        .setTypeUrl(CLUSTERS)
                        .setVersionInfo("bad")
                        .setNonce("n" + nonces.incrementAndGet())
                        .addResources(Any.pack(refused))
                        .addResources(Any.pack(whole("c")))
                        .build());
              }
            });
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.lead(bad.port());
      await().atMost(PATIENCE).until(() -> nacks(bad).size() == 1);
      long first = System.nanoTime();
      await().atMost(PATIENCE).until(() -> nacks(bad).size() == 3);

      // Then: 1 s and 1.6 s lie between them, less a fifth each
      assertThat(Duration.ofNanos(System.nanoTime() - first)).isGreaterThan(Duration.ofSeconds(2));
      assertThat(nonces.get()).isLessThanOrEqualTo(5);
      assertThat(nacks(bad))
          .allSatisfy(nack -> {
            assertThat(nack.getErrorDetail().getMessage()).startsWith("clusters[a].preconnect");
            assertThat(nack.getVersionInfo()).isEqualTo("1");
          });
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  void shouldReadNoMoreThanTheBeginningOfAResponseThatIsTooLargeP1() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    byte[] large = large((64 << 20) + 1);
    try (ScriptedServer<DeltaDiscoveryRequest> bad =
            ScriptedServer.delta((stream, request) -> stream.send(large));
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      long before = relay.toClients();
      relay.lead(bad.port());

      // Then
      await().atMost(PATIENCE).until(() -> bad.streams() == 2);
      assertThat(relay.toClients() - before).isLessThan(16 << 20);
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  void shouldTakeAResponseOfTheLimitWithoutHarmToTrafficP1() {
    // Given
    LiveSidecar sidecar = started(DELTA);
    byte[] large = large(64 << 20);
    AtomicInteger sent = new AtomicInteger();
    try (ScriptedServer<DeltaDiscoveryRequest> good =
            ScriptedServer.delta((stream, request) -> {
              if (request.getTypeUrl().equals(CLUSTERS) && sent.incrementAndGet() == 1) {
                stream.send(large);
              }
            });
        Traffic traffic = new Traffic(sidecar.port("l").orElseThrow())) {
      // When
      relay.lead(good.port());

      // Then
      await()
          .atMost(PATIENCE)
          .until(() ->
              good.requests().stream().anyMatch(each -> each.getResponseNonce().equals("large")));
      assertThat(good.requests()).noneMatch(DeltaDiscoveryRequest::hasErrorDetail);
      assertThat(good.streams()).isEqualTo(1);
      followsTheGoodOneAgain(traffic);
    }
  }

  @Test
  @Tag("full")
  void shouldUseLittleTimeWhileAServerFlapsForAMinuteC1() {
    // Given: each stream gets an answer and is ended, which is what begins the back-off anew
    LiveSidecar sidecar = started(DELTA);
    DeltaDiscoveryResponse nothingNew =
        DeltaDiscoveryResponse.newBuilder().setTypeUrl(CLUSTERS).setNonce("n").build();
    try (ScriptedServer<DeltaDiscoveryRequest> flapping =
        ScriptedServer.delta((stream, request) -> {
          stream.send(nothingNew);
          stream.end(Status.UNAVAILABLE);
        })) {
      relay.lead(flapping.port());
      await().atMost(PATIENCE).until(() -> flapping.streams() > 0);
      long threads = processNanos();

      // When
      Duration minute = Duration.ofSeconds(60);
      await()
          .pollDelay(minute)
          .atMost(minute.plus(PATIENCE))
          .until(() -> answer(sidecar).equals("200 one"));

      // Then: about one in a second
      assertThat(flapping.streams()).isBetween(20, 90);
      assertThat(Duration.ofNanos(processNanos() - threads)).isLessThan(Duration.ofSeconds(6));
    }
  }

  private static long processNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static String answer(LiveSidecar sidecar) {
    try (KeptConnection client = new KeptConnection(sidecar.port("l").orElseThrow())) {
      return client.get();
    }
  }

  private static List<DiscoveryRequest> nacks(ScriptedServer<DiscoveryRequest> server) {
    return server.requests().stream().filter(DiscoveryRequest::hasErrorDetail).toList();
  }

  private void followsTheGoodOneAgain(Traffic traffic) {
    control.serve(snapshot("2", "b"));
    relay.lead(control.port());
    traffic.awaitAnswer("200 two");
    traffic.assertUnharmed();
    assertThat(control.refusals()).isEmpty();
  }

  /** A response of so many bytes with nothing in it that is told of. */
  private static byte[] large(int bytes) {
    DeltaDiscoveryResponse small =
        DeltaDiscoveryResponse.newBuilder().setTypeUrl(CLUSTERS).setNonce("large").build();
    // Of the padding's two fields: a byte and a length of four each.
    int overhead = small.getSerializedSize() + 10;
    ControlPlane padding =
        ControlPlane.newBuilder().setIdentifier("x".repeat(bytes - overhead)).build();
    byte[] large = small.toBuilder().setControlPlane(padding).build().toByteArray();
    assertThat(large.length).isEqualTo(bytes);
    return large;
  }

  private static Cluster.PreconnectPolicy preconnect() {
    return Cluster.PreconnectPolicy.getDefaultInstance();
  }

  /** Which names nothing else. */
  private static Cluster whole(String name) {
    return cluster(name).toBuilder()
        .setType(Cluster.DiscoveryType.STATIC)
        .clearEdsClusterConfig()
        .build();
  }

  private LiveSidecar started(String type) {
    control.serve(snapshot("1", "a"));
    LiveSidecar sidecar = LiveSidecar.on(relay.port(), type);
    running = Optional.of(sidecar);
    await().atMost(PATIENCE).until(() -> sidecar.isReady() && sidecar.port("l").isPresent());
    return sidecar;
  }

  private Snapshot snapshot(String version, String serving) {
    return Snapshot.create(
        List.of(cluster("a"), cluster("b")),
        List.of(endpoints("a", one.port()), endpoints("b", two.port())),
        List.of(listener("l", "r")),
        List.of(routes("r", serving)),
        List.of(),
        version);
  }
}
