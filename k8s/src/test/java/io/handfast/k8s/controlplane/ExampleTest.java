package io.handfast.k8s.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.k8s.controlplane.source.DirectorySource;
import io.handfast.k8s.controlplane.source.SidecarValidator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What README's tour does with examples/control-plane, and what else happens to a directory. */
final class ExampleTest {
  @TempDir Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  private ControlPlane controlPlane() throws Exception {
    return opened(
        ControlPlane.start(
            new DirectorySource(directory, new SidecarValidator(), System::nanoTime),
            new ServerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty()),
            new SimpleMeterRegistry()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
  void shouldFollowEditsWithoutLosingARequest(String api) throws Exception {
    // Given
    Example example = opened(new Example(directory));
    example.write();
    int port = controlPlane().address().getPort();
    opened(Example.sidecar(example.bootstrap(port, 0).replace("DELTA_GRPC", api)));
    example.awaitAnswer("blue");
    Queue<String> wrong = example.ask();

    // When, Then: as the tour does
    example.edit("routes.yaml", "cluster: blue", "cluster: green");
    example.awaitAnswer("green");

    // A file that is half right, and is mended
    String routes = Files.readString(directory.resolve("routes.yaml"));
    example.put("routes.yaml", routes.replace("prefix: /", "safe_regex: { regex: '(' }"));
    example.edit("endpoints.yaml", "cluster_name: green", "cluster_name: blue2");
    example.edit("endpoints.yaml", "cluster_name: blue2", "cluster_name: green");
    example.put("routes.yaml", routes.replace("cluster: green", "cluster: blue"));
    example.awaitAnswer("blue");

    // A cluster that is renamed, and the old one dropped at once
    example.edit("clusters.yaml", "name: green", "name: verde");
    example.edit("endpoints.yaml", "cluster_name: green", "cluster_name: verde");
    example.edit("routes.yaml", "cluster: blue", "cluster: verde");
    example.awaitAnswer("green");
    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldFollowAConfigMap() throws Exception {
    // Given
    Example example = opened(new Example(directory));
    example.mount(example.resources(), 1);
    opened(Example.sidecar(example.bootstrap(controlPlane().address().getPort(), 0)));
    example.awaitAnswer("blue");
    Queue<String> wrong = example.ask();

    // When
    Map<String, String> next = example.resources();
    next.computeIfPresent(
        "routes.yaml", (_, text) -> text.replace("cluster: blue", "cluster: green"));
    example.mount(next, 2);

    // Then
    example.awaitAnswer("green");
    assertThat(wrong).isEmpty();
  }
}
