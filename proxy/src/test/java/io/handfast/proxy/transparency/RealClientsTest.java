package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.transparency.Way.Http;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that people use, over the ways that they can take, to a service that says it back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RealClientsTest {
  private static final int BYTES = 1 << 20;

  private HttpServer service;
  private Mesh mesh;
  private Path directory;
  private byte[] body;

  @BeforeAll
  void start(@TempDir Path made) throws Exception {
    directory = made;
    body = new byte[BYTES];
    new Random(1).nextBytes(body);
    Files.write(directory.resolve("body"), body);
    service = EchoService.start();
    mesh = Mesh.before(service.getAddress().getPort(), directory);
  }

  @AfterAll
  void stop() throws IOException {
    mesh.close();
    service.stop(0);
  }

  static Stream<Way> toHttp1() {
    return Way.withService(Http.H1);
  }

  static Stream<Way> inTheClear() {
    return toHttp1().filter(way -> way.link() != null || !way.mutualTls());
  }

  static Stream<Way> http1InTheClear() {
    return inTheClear().filter(way -> way.client() == Http.H1);
  }

  static Stream<Way> http2InTheClear() {
    return inTheClear().filter(way -> way.client() == Http.H2);
  }

  /** The JDK speaks HTTP/2 at once only where TLS has agreed on it. */
  static Stream<Way> takenByTheJdk() {
    return toHttp1().filter(way -> way.client() == Http.H1 || secure(way));
  }

  private static boolean secure(Way way) {
    return way.link() == null && way.mutualTls();
  }

  private String url(Way way) {
    return (secure(way) ? "https" : "http") + "://localhost:" + mesh.port(way) + "/echo?a=b";
  }

  private String run(String... command) throws IOException, InterruptedException {
    return Programs.run(directory, Arrays.asList(command));
  }

  @ParameterizedTest
  @MethodSource("toHttp1")
  void shouldServeCurl(Way way) throws Exception {
    Programs.assumeThere("curl");
    // Given
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sS", "--max-time", "20", "--data-binary", "@body", "-o", "answer"));
    command.addAll(List.of("-w", "%{http_version} %{http_code}", url(way)));
    if (secure(way)) {
      command.addAll(List.of("--cacert", "ca.pem", "--cert", "front.pem", "--key", "front.key"));
    }
    boolean http2 = way.client() == Http.H2;
    command.add(!http2 ? "--http1.1" : secure(way) ? "--http2" : "--http2-prior-knowledge");

    // When
    String result = Programs.run(directory, command);

    // Then
    assertThat(result).isEqualTo(http2 ? "2 200" : "1.1 200");
    assertThat(Files.readAllBytes(directory.resolve("answer"))).isEqualTo(body);
  }

  @ParameterizedTest
  @MethodSource("http1InTheClear")
  void shouldServeCurlThroughConnect(Way way) throws Exception {
    Programs.assumeThere("curl");
    // When
    String result =
        run(
            "curl",
            "-sS",
            "--max-time",
            "20",
            "--proxytunnel",
            "--proxy",
            "http://localhost:" + mesh.port(way),
            "--data-binary",
            "@body",
            "-o",
            "answer",
            "-w",
            "%{http_connect} %{http_code}",
            "http://far.example/echo");

    // Then
    assertThat(result).isEqualTo("200 200");
    assertThat(Files.readAllBytes(directory.resolve("answer"))).isEqualTo(body);
  }

  @ParameterizedTest
  @MethodSource("http2InTheClear")
  void shouldServeNghttp(Way way) throws Exception {
    Programs.assumeThere("nghttp");
    // When
    String result = run("nghttp", "--timeout=20", "--stat", "--null-out", "-d", "body", url(way));

    // Then
    assertThat(result).containsPattern("(?m)\\s200\\s+1M\\s+/echo");
  }

  @ParameterizedTest
  @MethodSource("inTheClear")
  void shouldServeH2load(Way way) throws Exception {
    Programs.assumeThere("h2load");
    // Given
    List<String> command = new ArrayList<>(List.of("h2load", "-n", "1000", "-c", "4"));
    command.addAll(way.client() == Http.H1 ? List.of("--h1") : List.of("-m", "16"));
    command.add(url(way));

    // When
    String result = Programs.run(directory, command);

    // Then
    assertThat(result)
        .contains("1000 succeeded, 0 failed, 0 errored, 0 timeout", "status codes: 1000 2xx");
  }

  @ParameterizedTest
  @MethodSource("takenByTheJdk")
  void shouldServeTheJdk(Way way) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder()
            .sslContext(mesh.clientTls())
            .version(
                way.client() == Http.H2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(20))
            .build()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url(way)))
              .timeout(Duration.ofSeconds(20))
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();

      // When
      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());

      // Then
      assertThat(answer.version())
          .isEqualTo(
              way.client() == Http.H2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(body);
    }
  }
}
