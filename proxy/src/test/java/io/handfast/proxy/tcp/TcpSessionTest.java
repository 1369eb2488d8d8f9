package io.handfast.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tcp.TcpProxyConfig.WeightedCluster;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A TCP connection and its clock. */
final class TcpSessionTest {
  private final ManualDispatcher loop = new ManualDispatcher();
  private final Stats stats = new Stats();
  private final AtomicLong drawn = new AtomicLong();
  private final List<String> logged = new ArrayList<>();
  private final ClusterManager clusters =
      new ClusterManager(
          stats,
          (name, family, callback) -> callback.onFailure("no names here"),
          loop,
          (dispatcher, cluster, host, protocol, listener) ->
              listener.onFailed(false, "no HTTP here"),
          bound -> drawn.get());
  private final EmbeddedChannel client = new EmbeddedChannel();
  private final EmbeddedChannel endpoint = new EmbeddedChannel();

  private TcpProxyFactory proxy(WeightedCluster... targets) {
    List<ClusterConfig> configs = new ArrayList<>();
    for (WeightedCluster target : targets) {
      configs.add(
          ClusterConfig.of(
              target.name(),
              configs.size(),
              DiscoveryType.STATIC,
              List.of(Endpoint.of("127.0.0.1", 9))));
    }
    clusters.commit(
        clusters.prepare(
            new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(), configs, List.of()), () -> {}));
    return new TcpProxyFactory(
        new TcpProxyConfig(
            "in", List.of(targets), Duration.ofSeconds(10), 1, Duration.ZERO, List.of()),
        clusters,
        (dispatcher, cluster, host, offered, listener) -> {
          dispatcher.execute(() -> listener.onOpen(endpoint));
          return endpoint::close;
        },
        stats.tcp("in"),
        List.of((info, request, response, trailers) -> logged.add(info.flagsText())),
        new Splicing(),
        bound -> drawn.get());
  }

  private void open(TcpProxyFactory proxy) {
    ConnectionInfo info =
        new ConnectionInfo(
            1, client.remoteAddress(), client.localAddress(), "in", TrafficDirection.UNSPECIFIED);
    TerminalFilter filter = proxy.create(new NetworkConnection(client, info, loop, 1 << 20));
    client.pipeline().addLast(filter.handler());
  }

  @AfterEach
  void release() {
    client.finishAndReleaseAll();
    endpoint.finishAndReleaseAll();
    stats.close();
  }

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static String read(EmbeddedChannel channel) {
    ByteBuf sent = channel.readOutbound();
    try {
      return sent.toString(StandardCharsets.US_ASCII);
    } finally {
      sent.release();
    }
  }

  @Test
  void shouldCloseBothSidesWhenNeitherSendsForTheIdleTimeout() {
    // Given
    open(proxy(new WeightedCluster("up", 1)));
    loop.runTasks();

    // When
    loop.advance(Duration.ofSeconds(9));
    client.writeInbound(bytes("x"));
    loop.advance(Duration.ofSeconds(9));
    endpoint.writeInbound(bytes("y"));
    loop.advance(Duration.ofMillis(9_999));

    // Then
    assertThat(read(endpoint)).isEqualTo("x");
    assertThat(read(client)).isEqualTo("y");
    assertThat(client.isOpen()).isTrue();
    assertThat(endpoint.isOpen()).isTrue();

    // When
    loop.advance(Duration.ofMillis(1));

    // Then
    assertThat(client.isOpen()).isFalse();
    assertThat(endpoint.isOpen()).isFalse();
    assertThat(stats.tcp("in").idleTimeout.value()).isEqualTo(1);
    assertThat(logged).containsExactly("-");
    assertThat(loop.timers()).isZero();
  }

  @Test
  void shouldKeepWhatComesBeforeTheEndpointIsThere() {
    // Given
    open(proxy(new WeightedCluster("up", 1)));

    // When
    client.writeInbound(bytes("early"));
    loop.runTasks();

    // Then
    assertThat(read(endpoint)).isEqualTo("early");
  }

  @Test
  void shouldLetGoOfTheEndpointWhenTheClientLeavesMeanwhile() {
    // Given
    open(proxy(new WeightedCluster("up", 1)));
    client.writeInbound(bytes("early"));

    // When
    client.close();
    loop.runTasks();

    // Then
    assertThat(endpoint.isOpen()).isFalse();
    assertThat(stats.cluster("up").cxActive.value()).isZero();
    assertThat(logged).containsExactly("-");
  }

  @Test
  void shouldChooseClustersByTheirWeights() {
    // Given
    TcpProxyFactory proxy = proxy(new WeightedCluster("a", 3), new WeightedCluster("b", 1));

    // When
    List<String> chosen =
        LongStream.range(0, 4)
            .mapToObj(draw -> {
              drawn.set(draw);
              return proxy.chooseCluster();
            })
            .toList();

    // Then
    assertThat(chosen).containsExactly("a", "a", "a", "b");
  }
}
