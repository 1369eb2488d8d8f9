package io.handfast.demo.town;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A plain HTTP client for services and sidecars on this host. Thread-safe. */
public final class Rest implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * An answer.
   *
   * @param body what was JSON in it, or a missing node
   */
  public record Reply(int status, HttpHeaders headers, JsonNode body) {}

  public Reply get(int port, String path) throws IOException, InterruptedException {
    return send(port, "GET", path, "");
  }

  public Reply send(int port, String method, String path, String json)
      throws IOException, InterruptedException {
    return send("http://127.0.0.1:" + port, method, path, json);
  }

  /** As the others, of a server elsewhere. */
  public Reply send(String base, String method, String path, String json)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(TIMEOUT)
            .header("content-type", "application/json")
            .method(method, BodyPublishers.ofString(json))
            .build();
    HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
    return new Reply(response.statusCode(), response.headers(), parse(response.body()));
  }

  /** What is no JSON. */
  String text(int port, String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(TIMEOUT)
            .build();
    return client.send(request, BodyHandlers.ofString()).body();
  }

  boolean answers(int port, String path) throws InterruptedException {
    try {
      return get(port, path).status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  boolean answers(String base, String path) throws InterruptedException {
    try {
      return send(base, "GET", path, "").status() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private static JsonNode parse(byte[] body) {
    try {
      JsonNode node = JSON.readTree(body);
      return node == null ? MissingNode.getInstance() : node;
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
