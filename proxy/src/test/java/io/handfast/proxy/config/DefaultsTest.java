package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.handfast.proxy.config.ClusterConfig.DnsOptions;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HeaderLimits;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HostOptions;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.HttpConnectionManagerConfig.StripPort;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pins every default, so that none changes by accident. */
final class DefaultsTest {
  private static final Http2Options HTTP2 =
      new Http2Options(
          4096,
          1024,
          256 * 1024,
          16 * 1024 * 1024,
          10_000,
          1000,
          1,
          100,
          10,
          false,
          new Http2Options.Keepalive(Duration.ZERO, Duration.ofSeconds(10), 15, Duration.ZERO));

  private static final NetworkAddress ADDRESS = new NetworkAddress.Tcp("::1", 80);
  private static final HttpConnectionManagerConfig HTTP =
      HttpConnectionManagerConfig.of(
          "s",
          new RouteTable(List.of()),
          List.of(new HttpFilterConfig("router", "type", "config", false)));

  @Test
  void shouldHaveTheDefaultsOfAListener() {
    assertThat(ListenerConfig.of("l", ADDRESS, HTTP))
        .isEqualTo(
            new ListenerConfig(
                "l",
                ADDRESS,
                TrafficDirection.UNSPECIFIED,
                List.of(new FilterChainConfig(HTTP)),
                HTTP,
                1024 * 1024));
    assertThat(ADDRESS).hasToString("[::1]:80");
  }

  @Test
  void shouldHaveTheDefaultsOfAConnectionManager() {
    assertThat(HTTP)
        .isEqualTo(
            new HttpConnectionManagerConfig(
                "s",
                CodecType.AUTO,
                HTTP.routes(),
                HTTP.httpFilters(),
                new HttpTimeouts(
                    Duration.ofMinutes(5),
                    Duration.ZERO,
                    Duration.ofSeconds(15),
                    Duration.ofHours(1),
                    Duration.ofSeconds(1)),
                new HeaderLimits(60, 100),
                new Http1Options(true, false, "", false),
                HTTP2,
                new Forwarding(
                    false,
                    0,
                    true,
                    false,
                    new ClientCertForwarding(
                        ClientCertForwarding.Mode.SANITIZE, false, false, false, false, false)),
                new PathOptions(false, false, EscapedSlashes.KEEP),
                "handfast",
                List.of(),
                new HostOptions(StripPort.NONE, false)));
  }

  @Test
  void shouldHaveTheDefaultsOfACluster() {
    assertThat(ClusterConfig.of("c", 0, DiscoveryType.STATIC, List.of(Endpoint.of("h", 1))))
        .isEqualTo(
            new ClusterConfig(
                "c",
                0,
                DiscoveryType.STATIC,
                List.of(
                    new LocalityEndpoints(
                        new LocalityEndpoints.Locality("", "", ""),
                        0,
                        0,
                        List.of(
                            new Endpoint(
                                new NetworkAddress.Tcp("h", 1), "", 1, EndpointHealth.UNKNOWN)))),
                new LoadBalancing(new LoadBalancing.Policy.RoundRobin(), 50, 140, false),
                Duration.ofSeconds(5),
                new CircuitBreakers(1024, 1024, 1024, 3),
                1024 * 1024,
                new UpstreamHttpOptions(
                    Duration.ofHours(1), Duration.ZERO, 0, false, UpstreamProtocol.HTTP1, HTTP2),
                new DnsOptions(Duration.ofSeconds(5), DnsLookupFamily.AUTO),
                FilterMetadata.NONE,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void shouldHaveTheDefaultsOfARoute() {
    assertThat(ForwardOptions.DEFAULTS)
        .isEqualTo(
            new ForwardOptions(
                Duration.ofSeconds(15),
                Optional.empty(),
                new PathReplacement.Keep(),
                new HostRewrite.Keep(),
                false,
                new RetryPolicy(false, 0),
                503,
                RouteAction.Upgrades.NONE,
                new StreamDeadline.AsAsked(),
                RoutingPriority.DEFAULT));
    assertThat(RetryPolicy.DEFAULT_NUM_RETRIES).isEqualTo(1);
    assertThat(AdminConfig.DEFAULTS)
        .isEqualTo(new AdminConfig(new NetworkAddress.Tcp("127.0.0.1", 15_000)));
    assertThat(AccessLogConfig.DEFAULT_FORMAT).startsWith("[%START_TIME%] ").endsWith("\n");
  }

  @Test
  void shouldNotChangeWithTheListsItWasMadeOf() {
    // Given
    List<Object> extensions = new ArrayList<>(List.of("one"));
    List<ClusterConfig> clusters =
        new ArrayList<>(List.of(ClusterConfig.of("c", 0, DiscoveryType.STATIC, List.of())));
    ConfigSnapshot snapshot =
        new ConfigSnapshot(
            1,
            AdminConfig.DEFAULTS,
            List.of(ListenerConfig.of("l", ADDRESS, HTTP)),
            clusters,
            extensions);

    // When
    extensions.clear();
    clusters.clear();

    // Then
    assertThat(snapshot.bootstrapExtension(String.class)).contains("one");
    assertThat(snapshot.cluster("c")).isPresent();
    assertThat(snapshot.listener("l")).isPresent();
    assertThat(snapshot.cluster("d")).isEmpty();
    assertThatThrownBy(() -> snapshot.clusters().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> snapshot.listeners().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void shouldRefuseWhatNobodyMayBuild() {
    assertThatThrownBy(() -> new NetworkAddress.Tcp("", 1))
        .hasMessage("host: '' (expected: a non-empty string)");
    assertThatThrownBy(() -> new NetworkAddress.Tcp("h", 65_536))
        .hasMessage("port: 65536 (expected: 0 to 65535)");
    assertThatThrownBy(() -> Endpoint.of("h", 0))
        .hasMessage("port_value: 0 (expected: 1 to 65535)");
    assertThatThrownBy(() -> new HeaderLimits(8193, 1))
        .hasMessage("max_request_headers_kb: 8193 (expected: 1 to 8192)");
    assertThatThrownBy(() -> new DnsOptions(Duration.ZERO, DnsLookupFamily.AUTO))
        .hasMessage("dns_refresh_rate: PT0S (expected: > 0)");
    assertThatThrownBy(
            () -> new ForwardOptions(Duration.ofSeconds(-1), Optional.empty(), RetryPolicy.NONE))
        .hasMessage("timeout: PT-1S (expected: >= 0)");
    assertThatThrownBy(() ->
            new ConfigSnapshot(
                1,
                AdminConfig.DEFAULTS,
                List.of(),
                List.of(ClusterConfig.of("c", 1, DiscoveryType.STATIC, List.of())),
                List.of()))
        .hasMessage("clusters[0].index: 1 (expected: its position 0)");
  }
}
