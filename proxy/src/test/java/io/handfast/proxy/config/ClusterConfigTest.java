package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stays of a cluster when a part of it is replaced. */
class ClusterConfigTest {

  private static final ClusterConfig CLUSTER =
      new ClusterConfig(
          "bank",
          3,
          DiscoveryType.STATIC,
          List.of(),
          LoadBalancing.DEFAULTS,
          Duration.ofSeconds(1),
          ClusterConfig.CircuitBreakers.DEFAULTS,
          1024,
          ClusterConfig.UpstreamHttpOptions.DEFAULTS,
          ClusterConfig.DnsOptions.DEFAULTS,
          FilterMetadata.NONE,
          Optional.of(tls("old.example")),
          Optional.of(new NetworkAddress.Tcp("127.0.0.6", 0)));

  @Test
  void shouldKeepAllElseWhenItsCertificatesChange() {
    // When
    ClusterConfig rotated = CLUSTER.with(tls("new.example"));

    // Then
    assertThat(rotated.tls()).contains(tls("new.example"));
    assertThat(rotated).usingRecursiveComparison().ignoringFields("tls").isEqualTo(CLUSTER);
  }

  @Test
  void shouldKeepAllElseWhenItsEndpointsOrItsPlaceChange() {
    // When
    ClusterConfig moved =
        CLUSTER
            .withEndpointsOf(
                ClusterConfig.of(
                    "other", 9, ClusterConfig.DiscoveryType.STATIC, List.of(Endpoint.of("h", 1))))
            .at(4);

    // Then
    assertThat(moved.localities()).hasSize(1);
    assertThat(moved.index()).isEqualTo(4);
    assertThat(moved)
        .usingRecursiveComparison()
        .ignoringFields("localities", "index")
        .isEqualTo(CLUSTER);
  }

  private static TlsConfig.Upstream tls(String sni) {
    return new TlsConfig.Upstream(
        new TlsContextConfig(TlsParameters.DEFAULTS, List.of(), Optional.empty(), List.of()),
        sni,
        false,
        false);
  }
}
