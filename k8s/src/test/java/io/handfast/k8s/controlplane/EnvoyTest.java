package io.handfast.k8s.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.k8s.controlplane.source.DirectorySource;
import io.handfast.k8s.controlplane.source.SidecarValidator;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Envoy on the control plane of examples/control-plane. */
@Tag("full")
final class EnvoyTest {
  private static final Path FETCH_ENVOY = Path.of("../proxy/proofs/envoy").toAbsolutePath();
  private static final int FETCH_SECONDS = 300;

  /** Enough for one that an Envoy would lose requests of to be among them. */
  private static final int PUSHES = 20;

  @TempDir Path directory;

  @TempDir Path elsewhere;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private double sum(String counter) {
    return registry.find("handfast.control.plane." + counter).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  /** Of a directory that has something, with an Envoy that has it too. */
  private void start(Example example, String api) throws Exception {
    ControlPlane controlPlane =
        ControlPlane.start(
            new DirectorySource(directory, new SidecarValidator(), System::nanoTime),
            new ServerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Optional.empty()),
            registry);
    open.add(controlPlane);
    Path bootstrap =
        Files.writeString(
            elsewhere.resolve("envoy.yaml"),
            example.bootstrap(controlPlane.address().getPort(), 0).replace("DELTA_GRPC", api));
    Process envoy =
        new ProcessBuilder(
                envoy(), "-c", bootstrap.toString(), "--use-dynamic-base-id", "--concurrency", "1")
            .redirectErrorStream(true)
            .redirectOutput(elsewhere.resolve("envoy.log").toFile())
            .start();
    open.add(() -> {
      envoy.destroy();
      envoy.onExit().join();
    });
    open.add(example);
    example.awaitAnswer("blue");
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
  void shouldLoseNoRequestWhenAllClustersAreRenamedAtEachPush(String api) throws Exception {
    // Given
    Example example = new Example(directory);
    example.mount(example.resources(), 1);
    start(example, api);
    Queue<String> wrong = example.ask();

    // When
    for (int push = 2; push < PUSHES; push++) {
      String colour = push % 2 == 0 ? "green" : "blue";
      Map<String, String> next = example.resources();
      String name = "cluster-" + push;
      next.computeIfPresent(
          "clusters.yaml", (_, text) -> text.replace("name: " + colour, "name: " + name));
      next.computeIfPresent(
          "endpoints.yaml",
          (_, text) -> text.replace("cluster_name: " + colour, "cluster_name: " + name));
      next.computeIfPresent(
          "routes.yaml", (_, text) -> text.replace("cluster: blue", "cluster: " + name));
      example.mount(next, push);
      example.awaitAnswer(colour);
    }

    // Then
    assertThat(wrong).isEmpty();
    assertThat(sum("acks")).isGreaterThan(PUSHES);
    assertThat(sum("nacks")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
  void shouldFollowARouteThoughItsClusterIsAnotherAndItsEndpointsAreNot(String api)
      throws Exception {
    // Given
    Example example = new Example(directory);
    example.mount(example.resources(), 1);
    start(example, api);
    Queue<String> wrong = example.ask();

    // When
    Map<String, String> next = example.resources();
    next.computeIfPresent(
        "clusters.yaml", (_, text) -> text.replace("connect_timeout: 1s", "connect_timeout: 2s"));
    next.computeIfPresent(
        "routes.yaml", (_, text) -> text.replace("cluster: blue", "cluster: green"));
    example.mount(next, 2);

    // Then
    example.awaitAnswer("green");
    assertThat(wrong).isEmpty();
    assertThat(sum("nacks")).isZero();
  }

  private static String envoy() throws Exception {
    String given = System.getProperty("handfast.envoy");
    if (given != null) {
      return given;
    }
    Process fetch = new ProcessBuilder(FETCH_ENVOY.toString()).redirectErrorStream(true).start();
    String output = new String(fetch.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean there = fetch.waitFor(FETCH_SECONDS, TimeUnit.SECONDS) && fetch.exitValue() == 0;
    if (!there && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("proofs/envoy: " + output);
    }
    assumeTrue(there, "proofs/envoy: " + output);
    return output.strip();
  }
}
