package io.handfast.k8s.controlplane.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.ResourceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectorySourceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @TempDir Path elsewhere;

  private final SidecarValidator validator = new SidecarValidator();
  private final AtomicReference<Findings> newest = new AtomicReference<>();
  private DirectorySource source = new DirectorySource(Path.of("."), validator, System::nanoTime);

  @AfterEach
  void close() {
    source.close();
  }

  private List<String> start(Path root) throws InvalidConfigException {
    return start(root, DirectorySource.RESCAN);
  }

  private List<String> start(Path root, Duration rescan) throws InvalidConfigException {
    source = new DirectorySource(root, validator, System::nanoTime, rescan);
    newest.set(source.start(newest::set));
    return clusters();
  }

  private List<String> clusters() {
    return newest.get().snapshot().all(ResourceType.CLUSTER).stream()
        .map(each -> each.name())
        .toList();
  }

  private void awaitClusters(String... names) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(clusters()).containsExactly(names));
  }

  private static Path write(Path file, String cluster) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(
        file,
        "'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: " + cluster + "\n");
  }

  @Test
  void shouldReadWhatIsBelowAndLeaveOutWhatIsHidden() throws Exception {
    // Given
    write(directory.resolve("a.yaml"), "a");
    write(directory.resolve("deep/er/b.yml"), "b");
    write(directory.resolve(".hidden.yaml"), "x");
    write(directory.resolve(".git/c.yaml"), "x");
    write(directory.resolve("a.yaml~"), "x");
    write(directory.resolve("notes.txt"), "x");

    // Then
    assertThat(start(directory)).containsExactly("a", "b");
  }

  @Test
  void shouldFollowEditsInPlaceAndByRenameInDirectoriesOldAndNew() throws Exception {
    // Given
    Path file = write(directory.resolve("a.yaml"), "a");
    assertThat(start(directory)).containsExactly("a");

    // When, Then: written over
    write(file, "b");
    awaitClusters("b");

    // As editors do it
    Files.move(write(directory.resolve(".a.yaml.swp"), "c"), file, StandardCopyOption.ATOMIC_MOVE);
    awaitClusters("c");

    // In a directory that was not there
    Path inner = write(directory.resolve("new/d.yaml"), "d");
    awaitClusters("c", "d");
    write(inner, "e");
    awaitClusters("c", "e");
    Files.delete(file);
    awaitClusters("e");
  }

  @Test
  void shouldFollowAConfigMapWhoseLinkIsTurned() throws Exception {
    // Given
    write(directory.resolve("..v1/a.yaml"), "a");
    write(directory.resolve("..v1/b.yaml"), "b");
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..v1"));
    Files.createSymbolicLink(directory.resolve("a.yaml"), Path.of("..data/a.yaml"));
    Files.createSymbolicLink(directory.resolve("b.yaml"), Path.of("..data/b.yaml"));
    assertThat(start(directory)).containsExactly("a", "b");

    // When: b.yaml is gone from it, and its link leads nowhere
    write(directory.resolve("..v2/a.yaml"), "c");
    Path fresh = Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..v2"));
    Files.move(fresh, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);

    // Then
    awaitClusters("c");
    assertThat(newest.get().refused()).isEmpty();
  }

  @Test
  void shouldKeepAllWhenTheDirectoryIsGoneAndFollowItWhenItIsBack() throws Exception {
    // Given
    Path root = elsewhere.resolve("mounted");
    Path file = write(root.resolve("a.yaml"), "a");
    assertThat(start(root, Duration.ofMillis(200))).containsExactly("a");

    // When
    Files.move(root, elsewhere.resolve("away"));

    // Then
    await().atMost(PATIENCE).until(() -> !newest.get().refused().isEmpty());
    assertThat(clusters()).containsExactly("a");
    assertThat(newest.get().refused().getOrDefault(root.toString(), List.of()).getFirst())
        .hasToString(root + ": no such directory (expected: a directory of resources)");
    write(file, "b");
    awaitClusters("b");
  }

  @Test
  void shouldRefuseToStartWithAFileThatCannotBeUsed() throws Exception {
    // Given
    write(directory.resolve("a.yaml"), "a");
    Files.writeString(directory.resolve("b.yaml"), "name: b");

    // Then
    assertThatThrownBy(() -> start(directory))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith("b.yaml (document 1): neither '@type' nor 'resources' (expected: ");
  }

  @Test
  void shouldRefuseToStartWithoutADirectory() throws Exception {
    // Given
    Path file = write(directory.resolve("a.yaml"), "a");

    // Then
    assertThatThrownBy(() -> start(file))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(file + ": not a directory (expected: a directory of resources)");
  }

  @Test
  void shouldRefuseALinkThatLeadsInACircle() throws Exception {
    // Given
    write(directory.resolve("a.yaml"), "a");
    Files.createSymbolicLink(directory.resolve("loop"), directory);

    // Then
    assertThatThrownBy(() -> start(directory))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            directory
                + ": cannot be read: "
                + directory.resolve("loop")
                + " leads to a directory that it is in (expected: links without circles)");
  }
}
