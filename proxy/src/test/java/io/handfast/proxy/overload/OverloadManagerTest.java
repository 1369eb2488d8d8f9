package io.handfast.proxy.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.overload.OverloadConfig;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.OverloadStats;
import io.handfast.proxy.stats.Stats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OverloadManagerTest {
  private static final String CGROUP = "envoy.resource_monitors.cgroup_memory";

  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final OverloadState state = new OverloadState();
  private final Stats stats = new Stats();
  private final FakeOldGeneration old = new FakeOldGeneration();
  private double pressure;
  private boolean broken;

  private double pressure() throws IOException {
    if (broken) {
      throw new IOException("no such file");
    }
    return pressure;
  }

  private OverloadManager started() {
    OverloadStats overload = new OverloadStats(stats);
    OverloadManager manager =
        OverloadManager.with(
            OverloadConfig.DEFAULTS,
            Map.of(CGROUP, this::pressure),
            state,
            overload,
            new HeapShrinker(Optional.of(old), overload.heapShrunk(), dispatcher, Runnable::run),
            dispatcher);
    manager.start();
    return manager;
  }

  @ParameterizedTest
  @CsvSource({
    "0.91, false, false, false",
    "0.92, true, false, false",
    "0.95, true, true, false",
    "0.98, true, true, true",
    "1.2, true, true, true"
  })
  void shouldDoMoreWhenMemoryGetsScarcer(
      double measured, boolean keepAlive, boolean requests, boolean connections) {
    // Given
    started();
    assertThat(state.requestsRefused()).isFalse();

    // When
    pressure = measured;
    dispatcher.advance(OverloadConfig.DEFAULT_REFRESH_INTERVAL);

    // Then
    assertThat(state.keepAliveDisabled()).isEqualTo(keepAlive);
    assertThat(state.requestsRefused()).isEqualTo(requests);
    assertThat(state.connectionsRefused()).isEqualTo(connections);
    String action = "overload.envoy.overload_actions.stop_accepting_requests.";
    assertThat(stats.gauge(action + "active").value()).isEqualTo(requests ? 1 : 0);
    assertThat(stats.gauge(action + "scale_percent").value()).isEqualTo(requests ? 100 : 0);
    assertThat(stats.gauge("overload." + CGROUP + ".pressure").value())
        .isEqualTo(Math.round(100 * measured));

    // When it is over
    pressure = 0.5;
    dispatcher.advance(OverloadConfig.DEFAULT_REFRESH_INTERVAL);
    assertThat(state.keepAliveDisabled()).isFalse();
    assertThat(state.requestsRefused()).isFalse();
    assertThat(state.connectionsRefused()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0.89, 0, 0", "0.9, 1, 2"})
  void shouldCollectGarbageBeforeAnybodyIsRefused(double measured, int soon, int later) {
    // Given
    old.usedMib = 100;
    started();

    // When
    pressure = measured;
    dispatcher.advance(OverloadConfig.DEFAULT_REFRESH_INTERVAL);

    // Then
    assertThat(old.collections).isEqualTo(soon);
    assertThat(state.keepAliveDisabled()).isFalse();
    String action = "overload.envoy.overload_actions.shrink_heap.";
    assertThat(stats.gauge(action + "active").value()).isEqualTo(soon);
    dispatcher.advance(HeapShrinker.SCARCE_INTERVAL.plus(OverloadConfig.DEFAULT_REFRESH_INTERVAL));
    assertThat(old.collections).isEqualTo(later);
    assertThat(stats.counter(action + "shrink_count").value()).isEqualTo(later);
  }

  @Test
  void shouldCollectGarbageOnceAMinuteWhenMemoryIsNotScarceUntilItIsClosed() {
    // Given
    old.usedMib = 100;
    OverloadManager manager = started();

    // When, Then
    dispatcher.advance(HeapShrinker.INTERVAL.multipliedBy(2));
    assertThat(old.collections).isEqualTo(2);
    manager.close();
    dispatcher.advance(HeapShrinker.INTERVAL);
    assertThat(old.collections).isEqualTo(2);
  }

  @Test
  void shouldKeepWhatItKnewWhenAResourceCannotBeRead() {
    // Given
    pressure = 0.96;
    OverloadManager manager = started();

    // When
    broken = true;
    dispatcher.advance(OverloadConfig.DEFAULT_REFRESH_INTERVAL);

    // Then
    assertThat(state.requestsRefused()).isTrue();
    assertThat(stats.counter("overload." + CGROUP + ".failed_updates").value()).isEqualTo(1);

    // When
    manager.close();
    dispatcher.advance(OverloadConfig.DEFAULT_REFRESH_INTERVAL);
    assertThat(stats.counter("overload." + CGROUP + ".failed_updates").value()).isEqualTo(1);
  }

  @Test
  void shouldGrantAsManyConnectionsAsThereMayBe() {
    // Given
    started();
    state.maxConnections(2);

    // When, Then
    assertThat(state.takeConnection()).isTrue();
    assertThat(state.takeConnection()).isTrue();
    assertThat(state.takeConnection()).isFalse();
    state.returnConnection();
    assertThat(state.takeConnection()).isTrue();
  }

  @Test
  void shouldReadTheWorkingSetOfAGroupOfVersion2(@TempDir Path root) throws IOException {
    // Given
    Path membership = Files.writeString(root.resolve("self"), "0::/kubepods/pod1\n");
    Path group = Files.createDirectories(root.resolve("kubepods/pod1"));
    Files.writeString(group.resolve("memory.current"), "900\n");
    Files.writeString(group.resolve("memory.max"), "1000\n");
    Files.writeString(group.resolve("memory.stat"), "anon 1\ninactive_file 400\n");

    // When, Then
    assertThat(CgroupMemory.of(root, membership, OptionalLong.empty()).pressure()).isEqualTo(0.5);
    assertThat(CgroupMemory.of(root, membership, OptionalLong.of(5000)).pressure()).isEqualTo(0.1);
    Files.writeString(group.resolve("memory.max"), "max\n");
    assertThat(CgroupMemory.of(root, membership, OptionalLong.empty()).pressure()).isZero();
  }

  @Test
  void shouldReadTheWorkingSetOfAGroupOfVersion1InsideOfAContainer(@TempDir Path root)
      throws IOException {
    // Given: the name outside is not there inside
    Path membership = Files.writeString(root.resolve("self"), "4:cpu:/x\n3:memory:/docker/1\n");
    Path group = Files.createDirectories(root.resolve("memory"));
    Files.writeString(group.resolve("memory.usage_in_bytes"), "750");
    Files.writeString(group.resolve("memory.limit_in_bytes"), "1000");
    Files.writeString(group.resolve("memory.stat"), "total_inactive_file 250\n");

    // When, Then
    assertThat(CgroupMemory.of(root, membership, OptionalLong.empty()).pressure()).isEqualTo(0.5);
  }

  @Test
  void shouldTellTheMemoryOfThisProcess() throws IOException {
    ResourceMonitor here =
        CgroupMemory.of(
            Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup"), OptionalLong.empty());
    assertThat(here.pressure()).isBetween(0.0, 1.5);
    assertThat(ProcessMemory.direct()).isBetween(0.0, 1.0);
    assertThat(ProcessMemory.liveBytes()).isNotNegative();
  }
}
