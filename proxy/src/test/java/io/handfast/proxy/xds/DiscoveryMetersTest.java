package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.stats.Stats;
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
}
