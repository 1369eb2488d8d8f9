package io.handfast.proxy.xds;

import static io.handfast.proxy.xds.Resources.cluster;
import static io.handfast.proxy.xds.Resources.endpoints;
import static io.handfast.proxy.xds.Resources.listener;
import static io.handfast.proxy.xds.Resources.routes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Restarts on what control planes had sent, with a real control plane and traffic. */
final class ConfigCacheLiveTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern UPDATED = Pattern.compile("\"last_updated\": *\"([^\"]+)\"");

  @TempDir private Path directory;

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private Optional<LiveSidecar> running = Optional.empty();

  @AfterEach
  void close() {
    running.ifPresent(LiveSidecar::close);
    control.close();
    one.close();
    two.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldComeUpOnTheLastGoodAndFollowTheControlPlaneWhenItIsBackC5(String type) {
    // Given
    saveByAnEarlierProcess(type);
    control.stop();

    // When
    LiveSidecar sidecar = start(type);

    // Then
    await().atMost(PATIENCE).until(sidecar::isReady);
    assertThat(sidecar.stat("handfast.config_cache.active")).contains(1L);
    assertThat(sidecar.admin("/ready?verbose"))
        .startsWith("200 LIVE\nthe last good configuration serves, of 20")
        .contains("clusters: 2 of ", "listeners: 1 of ", "no control plane has told of everything");
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");
      assertThat(savedAt(sidecar)).isBefore(startedAt(sidecar));

      // And when it is back, with another route
      control.serve(snapshot("2", "b"));
      control.restart();
      await().atMost(PATIENCE).until(() -> client.get().equals("200 two"));
    }
    await()
        .atMost(PATIENCE)
        .until(() -> sidecar.stat("handfast.config_cache.active").equals(Optional.of(0L)));
    assertThat(sidecar.admin("/ready?verbose")).isEqualTo("200 LIVE");
    await()
        .atMost(PATIENCE)
        .until(() -> sidecar.stat("handfast.config_cache.save_success").equals(Optional.of(1L)));
    assertThat(control.refusals()).isEmpty();
  }

  @Test
  void shouldNotServeTheLastGoodWhenTheControlPlaneAnswersC5() {
    // Given
    saveByAnEarlierProcess(DELTA);
    control.serve(snapshot("2", "b"));

    // When
    LiveSidecar sidecar = start(DELTA);

    // Then
    await().atMost(PATIENCE).until(sidecar::isReady);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 two");
    }
    assertThat(sidecar.stat("handfast.config_cache.active")).contains(0L);
  }

  @Test
  void shouldWaitForTheControlPlaneWhenWhatIsSavedIsDamagedC5() throws IOException {
    // Given
    saveByAnEarlierProcess(DELTA);
    Path file = directory.resolve("config-cache");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    control.stop();

    // When
    LiveSidecar sidecar = start(DELTA);
    assertThat(sidecar.admin("/ready?verbose")).startsWith("503").contains("is awaited");
    control.restart();

    // Then
    await().atMost(PATIENCE).until(sidecar::isReady);
    try (KeptConnection client = client(sidecar)) {
      assertThat(client.get()).isEqualTo("200 one");
    }
    assertThat(sidecar.stat("handfast.config_cache.active")).contains(0L);
  }

  @Test
  void shouldRefuseTheStartWhenTheDirectoryCannotBeWrittenC5() throws IOException {
    // Given
    Path file = Files.createFile(directory.resolve("file"));

    // When, Then
    assertThatThrownBy(() ->
            Sidecars.start(
                LiveSidecar.bootstrap(control, DELTA), 1, Duration.ZERO, Optional.of(file)))
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("--config-cache-dir: " + file + " cannot be written: ");
  }

  /** Since when a cluster of the control plane is said to be in force. */
  private static Instant savedAt(LiveSidecar sidecar) {
    return time(sidecar, "/config_dump?resource=dynamic_active_clusters");
  }

  /** The start of the process. */
  private static Instant startedAt(LiveSidecar sidecar) {
    return time(sidecar, "/config_dump?resource=static_clusters");
  }

  private static Instant time(LiveSidecar sidecar, String path) {
    Matcher time = UPDATED.matcher(sidecar.admin(path));
    assertThat(time.find()).isTrue();
    return Instant.parse(time.group(1));
  }

  private void saveByAnEarlierProcess(String type) {
    control.serve(snapshot("1", "a"));
    LiveSidecar earlier = start(type);
    await().atMost(PATIENCE).until(earlier::isReady);
    try (KeptConnection client = client(earlier)) {
      assertThat(client.get()).isEqualTo("200 one");
    }
    earlier.close();
    running = Optional.empty();
  }

  private LiveSidecar start(String type) {
    LiveSidecar sidecar = LiveSidecar.keeping(LiveSidecar.bootstrap(control, type), directory);
    running = Optional.of(sidecar);
    return sidecar;
  }

  private static KeptConnection client(LiveSidecar sidecar) {
    await().atMost(PATIENCE).until(() -> sidecar.port("l").isPresent());
    return new KeptConnection(sidecar.port("l").orElseThrow());
  }

  private Snapshot snapshot(String version, String cluster) {
    return Snapshot.create(
        List.of(cluster("a"), cluster("b")),
        List.of(endpoints("a", one.port()), endpoints("b", two.port())),
        List.of(listener("l", "r")),
        List.of(routes("r", cluster)),
        List.of(),
        version);
  }
}
