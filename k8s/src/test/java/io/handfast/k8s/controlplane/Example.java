package io.handfast.k8s.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.logging.LogSetup;
import io.handfast.proxy.server.Ambient;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.SidecarOptions;
import io.handfast.xds.bootstrap.BootstrapSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** The files of examples/control-plane, on ports that are free here. */
public final class Example implements AutoCloseable {
  private static final Path SOURCE = Path.of("../examples/control-plane");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final List<String> PORTS = List.of("10000", "10001", "10002");

  private final Path directory;
  private final Map<String, String> ports = new TreeMap<>();
  private final List<Thread> asking = new ArrayList<>();
  private volatile boolean closed;
  private final HttpClient http = HttpClient.newHttpClient();

  /** Resources go to that directory. */
  public Example(Path directory) {
    this.directory = directory;
    PORTS.forEach(port -> ports.put(port, String.valueOf(freePort())));
  }

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String onFreePorts(Path file) throws IOException {
    String text = Files.readString(file);
    for (Map.Entry<String, String> port : ports.entrySet()) {
      text = text.replace(port.getKey(), port.getValue());
    }
    return text;
  }

  /** All resources, by file. */
  Map<String, String> resources() throws IOException {
    Map<String, String> resources = new TreeMap<>();
    try (Stream<Path> files = Files.list(SOURCE.resolve("resources"))) {
      for (Path file : files.toList()) {
        resources.put(file.getFileName().toString(), onFreePorts(file));
      }
    }
    return resources;
  }

  /** Writes the resources as plain files. */
  public void write() throws IOException {
    for (Map.Entry<String, String> file : resources().entrySet()) {
      Files.writeString(directory.resolve(file.getKey()), file.getValue());
    }
  }

  /** As {@code sed -i} does it. */
  public void edit(String file, String from, String to) throws IOException {
    String text = Files.readString(directory.resolve(file));
    if (!text.contains(from)) {
      throw new AssertionError(file + ": without '" + from + "'");
    }
    put(file, text.replace(from, to));
  }

  void put(String file, String text) throws IOException {
    Path fresh = Files.writeString(directory.resolve("sedXYZ"), text);
    Files.move(fresh, directory.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  /** As Kubernetes does it: one rename turns all files at once. */
  void mount(Map<String, String> files, int version) throws IOException {
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

  public void awaitAnswer(String expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(get()).isEqualTo("200 " + expected));
  }

  /** Asks all the time until it is closed, and keeps what was not answered by blue or green. */
  public Queue<String> ask() {
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    asking.add(
        Thread.ofVirtual()
            .start(() -> {
              while (!closed) {
                String answer = get();
                if (!answer.equals("200 blue") && !answer.equals("200 green")) {
                  wrong.add(answer);
                }
              }
            }));
    return wrong;
  }

  /** A sidecar of that bootstrap. */
  public static Sidecar sidecar(String bootstrap) throws Exception {
    return Sidecar.start(
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
        () -> {});
  }

  /** Of a sidecar on the control plane at that port. */
  public String bootstrap(int controlPlane, int admin) throws IOException {
    return onFreePorts(SOURCE.resolve("bootstrap.yaml"))
        .replace("15010", String.valueOf(controlPlane))
        .replace("15000", String.valueOf(admin));
  }

  /** What is answered there: status and text. */
  String get() {
    URI uri = URI.create("http://127.0.0.1:" + ports.get("10000") + "/");
    try {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body().strip();
    } catch (IOException e) {
      return "none: " + e.getMessage();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      for (Thread each : asking) {
        each.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    http.close();
  }
}
