package io.handfast.k8s.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.k8s.controlplane.source.DirectorySource;
import io.handfast.k8s.controlplane.source.SidecarValidator;
import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.Ambient;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.SidecarOptions;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What README's tour does with examples/control-plane, and what else happens to a directory. */
final class ExampleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path FETCH_ENVOY = Path.of("../proxy/proofs/envoy").toAbsolutePath();
  private static final int FETCH_SECONDS = 300;

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
            registry));
  }

  private double sum(String counter) {
    return registry.find("handfast.control.plane." + counter).counters().stream()
        .mapToDouble(Counter::count)
        .sum();
  }

  private Sidecar sidecar(String bootstrap) throws Exception {
    return opened(
        Sidecar.start(
            new SidecarOptions(
                BootstrapSource.ofYaml(bootstrap),
                1,
                Duration.ofSeconds(20),
                Optional.empty(),
                "test",
                List.of(),
                Optional.empty()),
            Ambient.system(),
            new LogSetup(),
            () -> {}));
  }

  private static void awaitAnswer(Example example, String expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(example.get()).isEqualTo("200 " + expected));
  }

  /** Asks all the time, and keeps what was not answered as it should be. */
  private Queue<String> ask(Example example) {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    AtomicBoolean on = new AtomicBoolean(true);
    Thread asking =
        Thread.ofVirtual()
            .start(() -> {
              while (on.get()) {
                String answer = example.get();
                if (!answer.equals("200 blue") && !answer.equals("200 green")) {
                  wrong.add(answer);
                }
              }
            });
    opened(() -> {
      on.set(false);
      asking.join();
    });
    return wrong;
  }

  @ParameterizedTest
  @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
  void shouldFollowEditsWithoutLosingARequest(String api) throws Exception {
    // Given
    Example example = opened(new Example(directory));
    example.write();
    int port = controlPlane().address().getPort();
    sidecar(example.bootstrap(port, 0).replace("DELTA_GRPC", api));
    awaitAnswer(example, "blue");
    Queue<String> wrong = ask(example);

    // When, Then: as the tour does
    example.edit("routes.yaml", "cluster: blue", "cluster: green");
    awaitAnswer(example, "green");

    // A file that is half right, and is mended
    String routes = Files.readString(directory.resolve("routes.yaml"));
    example.put("routes.yaml", routes.replace("prefix: /", "safe_regex: { regex: '(' }"));
    example.edit("endpoints.yaml", "cluster_name: green", "cluster_name: blue2");
    example.edit("endpoints.yaml", "cluster_name: blue2", "cluster_name: green");
    example.put("routes.yaml", routes.replace("cluster: green", "cluster: blue"));
    awaitAnswer(example, "blue");

    // A cluster that is renamed, and the old one dropped at once
    example.edit("clusters.yaml", "name: green", "name: verde");
    example.edit("endpoints.yaml", "cluster_name: green", "cluster_name: verde");
    example.edit("routes.yaml", "cluster: blue", "cluster: verde");
    awaitAnswer(example, "green");
    assertThat(wrong).isEmpty();
  }

  @Test
  void shouldFollowAConfigMap() throws Exception {
    // Given
    Example example = opened(new Example(directory));
    mount(example.resources(), 1);
    sidecar(example.bootstrap(controlPlane().address().getPort(), 0));
    awaitAnswer(example, "blue");
    Queue<String> wrong = ask(example);

    // When
    Map<String, String> next = example.resources();
    next.computeIfPresent(
        "routes.yaml", (_, text) -> text.replace("cluster: blue", "cluster: green"));
    mount(next, 2);

    // Then
    awaitAnswer(example, "green");
    assertThat(wrong).isEmpty();
  }

  /** As Kubernetes does it: one rename turns all files at once. */
  private void mount(Map<String, String> files, int version) throws Exception {
    Path data = Files.createDirectory(directory.resolve("..v" + version));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(data.resolve(file.getKey()), file.getValue());
    }
    Path fresh = Files.createSymbolicLink(directory.resolve("..data_tmp"), data.getFileName());
    Files.move(fresh, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (String file : files.keySet()) {
      if (!Files.exists(directory.resolve(file))) {
        Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
      }
    }
  }

  @Tag("full")
  @ParameterizedTest
  @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
  void shouldBeTakenByAnEnvoy(String api) throws Exception {
    // Given
    Example example = opened(new Example(directory));
    example.write();
    Path bootstrap =
        Files.writeString(
            elsewhere.resolve("envoy.yaml"),
            example.bootstrap(controlPlane().address().getPort(), 0).replace("DELTA_GRPC", api));
    Process envoy =
        new ProcessBuilder(
                envoy(), "-c", bootstrap.toString(), "--use-dynamic-base-id", "--concurrency", "1")
            .redirectErrorStream(true)
            .redirectOutput(elsewhere.resolve("envoy.log").toFile())
            .start();
    opened(() -> {
      envoy.destroy();
      envoy.onExit().join();
    });
    awaitAnswer(example, "blue");

    // When
    example.edit("clusters.yaml", "name: green", "name: verde");
    example.edit("endpoints.yaml", "cluster_name: green", "cluster_name: verde");
    example.edit("routes.yaml", "cluster: blue", "cluster: verde");

    // Then
    awaitAnswer(example, "green");
    assertThat(sum("acks")).isGreaterThan(6);
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
