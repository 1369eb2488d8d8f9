package io.handfast.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.handfast.proxy.admin.OperatorToken;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/** Asks the administration server of a sidecar. */
final class AdminClient {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int GATEWAY_TIMEOUT = 504;
  private static final String TRANSACTIONS = "/transaction"; // what all of their paths begin with

  /** Bound of what is repeated of an answer that cannot be used. */
  private static final int MAX_SAID = 200;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String address;
  private final URI base;

  /**
   * A client of the server at {@code host:port}.
   *
   * @throws IllegalArgumentException if that is no address
   */
  AdminClient(String address) {
    this.address = address;
    try {
      this.base = new URI("http://" + address);
    } catch (URISyntaxException e) {
      throw malformed(address);
    }
    if (base.getHost() == null || base.getPort() < 0 || !base.getPath().isEmpty()) {
      throw malformed(address);
    }
  }

  private static IllegalArgumentException malformed(String address) {
    return new IllegalArgumentException(
        "--admin: " + address + " (expected: host:port, such as 127.0.0.1:15000)");
  }

  /** An answer, as it came and as it reads. */
  record Answer(String text, JsonNode json) {}

  /** No answer, or not the one asked for; the message is for people. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
      super(message);
    }
  }

  Answer get(String path) throws Failure {
    return send(path, HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT).build());
  }

  /** Changes something, as whom the token says. */
  Answer post(String path, String token) throws Failure {
    return send(
        path,
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(TIMEOUT)
            .header(OperatorToken.HEADER, token)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private Answer send(String path, HttpRequest request) throws Failure {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build()) {
      return read(path, client.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (ConnectException e) {
      throw new Failure(
          address
              + ": nothing listens there (expected: the admin address of a running sidecar, see --admin)");
    } catch (HttpTimeoutException e) {
      throw new Failure(address + ": no answer within " + TIMEOUT.toSeconds() + " s");
    } catch (IOException e) {
      throw new Failure(address + ": no answer: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(address + ": interrupted");
    }
  }

  private Answer read(String path, HttpResponse<String> response) throws Failure {
    String body = response.body();
    int status = response.statusCode();
    JsonNode json;
    try {
      json = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new Failure(foreign(path, status, body));
    }
    if (status != OK && json.path("error").isTextual()) {
      throw new Failure(address + ": " + json.path("error").asText());
    }
    if (status != OK || !json.isObject()) {
      throw new Failure(foreign(path, status, body));
    }
    return new Answer(body, json);
  }

  private String foreign(String path, int status, String body) {
    if (status == NOT_FOUND && path.startsWith(TRANSACTIONS)) {
      return address
          + ": takes part in no transactions (its bootstrap has no handfast.transaction_manager, or it is no sidecar)";
    }
    if (status == GATEWAY_TIMEOUT) {
      return address
          + ": no answer in time, the sidecar is busy or its store is (what was asked for may have"
          + " been done: look with `handfast tx show`)";
    }
    String said = body.strip().lines().findFirst().orElse("");
    return "%s: %s was answered by %d %s (expected: the admin address of a running sidecar, see --admin)"
        .formatted(
            address,
            path,
            status,
            said.length() > MAX_SAID ? said.substring(0, MAX_SAID) + "…" : said);
  }
}
