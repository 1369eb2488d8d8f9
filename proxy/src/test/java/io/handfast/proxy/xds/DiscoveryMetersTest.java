package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.stats.StatsFilter;
import io.handfast.proxy.stats.StatsText;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DiscoveryMetersTest {

  @Test
  void shouldBeConnectedAsLongAsOneOfTwoStreamsToAServerIs() {
    // Given
    Stats stats = new Stats();
    DiscoveryMeters meters = new DiscoveryMeters(stats, () -> 0);
    meters.connected("control", true);
    meters.connected("control", true);

    // When, Then
    meters.connected("control", false);
    assertThat(stats.gauge("control_plane.connected_state").value()).isEqualTo(1);
    meters.connected("control", false);
    assertThat(stats.gauge("control_plane.connected_state").value()).isZero();
    stats.close();
  }

  @Test
  void shouldForgetWhatNobodyAsksForAndLetClustersOfThatNameCountOn() {
    // Given
    Stats stats = new Stats();
    DiscoveryMeters meters = new DiscoveryMeters(stats, () -> 0);
    for (ResourceType<?> type :
        List.of(ResourceType.SECRET, ResourceType.ENDPOINT, ResourceType.EXTENSION_CONFIG)) {
      meters.unreadable(type, Set.of("gone", "kept"));
    }
    meters.unreadable(ResourceType.ENDPOINT, Set.of("cluster"));
    stats.cluster("cluster");
    meters.answered("gone", ResourceType.SECRET.typeUrl(), true);
    meters.connected("gone", true);
    meters.connected("gone", false);

    // When
    for (ResourceType<?> type :
        List.of(ResourceType.SECRET, ResourceType.ENDPOINT, ResourceType.EXTENSION_CONFIG)) {
      meters.forget(type, Set.of("gone", "cluster"));
    }
    meters.forget("gone");

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .contains("sds.kept.update_failure: 1\n", "cluster.kept.update_failure: 1\n")
        .contains("extension_config_discovery.http_filter.kept.update_failure: 1\n")
        .contains("cluster.cluster.upstream_rq_total: 0\n")
        .contains("cluster.cluster.update_failure: 1\n")
        .doesNotContain("cluster.gone.", "sds.gone", "filter.gone", "xds_client.gone");
    stats.close();
  }

  @Test
  void shouldCountEndpointsForTheClustersThatUseThem() {
    // Given
    Stats stats = new Stats();
    DiscoveryMeters meters = new DiscoveryMeters(stats, () -> 0);
    meters.cluster(using("one", "service"));
    meters.cluster(using("two", "service"));
    meters.cluster(using("three", "service"));
    meters.cluster(using("three", "other"));
    meters.cluster(using("own", ""));

    // When
    meters.unreadable(ResourceType.ENDPOINT, Set.of("service", "own"));

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .contains("cluster.one.update_failure: 1\n", "cluster.two.update_failure: 1\n")
        .contains("cluster.own.update_failure: 1\n")
        .doesNotContain("cluster.service.", "cluster.three.", "cluster.other.");

    // When
    meters.forget(ResourceType.ENDPOINT, Set.of("service"));
    meters.unreadable(ResourceType.ENDPOINT, Set.of("service"));

    // Then
    assertThat(StatsText.text(stats, StatsFilter.ALL))
        .contains("cluster.one.update_failure: 1\n", "cluster.service.update_failure: 1\n");
    stats.close();
  }

  private static Cluster using(String name, String service) {
    Cluster.Builder cluster = Cluster.newBuilder().setName(name).setType(Cluster.DiscoveryType.EDS);
    cluster.getEdsClusterConfigBuilder().setServiceName(service);
    return cluster.build();
  }
}
