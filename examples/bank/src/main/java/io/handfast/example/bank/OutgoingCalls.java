package io.handfast.example.bank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/**
 * Calls other services with the trace context of the request that is being served, as an
 * OpenTelemetry agent or library would do unasked. Thread-safe.
 */
final class OutgoingCalls {
  private static final List<String> TRACE_CONTEXT = List.of("traceparent", "tracestate", "baggage");
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          // Answers are collected where they are read: whoever waits for one is woken once.
          .executor(Runnable::run)
          .build();

  JsonNode get(Call inbound, String peer, URI uri) throws InterruptedException {
    return send(inbound, peer, HttpRequest.newBuilder(uri).GET());
  }

  JsonNode post(Call inbound, String peer, URI uri, Object body) throws InterruptedException {
    return send(
        inbound,
        peer,
        HttpRequest.newBuilder(uri).header("content-type", "application/json").POST(json(body)));
  }

  private JsonNode send(Call inbound, String peer, HttpRequest.Builder request)
      throws InterruptedException {
    for (String name : TRACE_CONTEXT) {
      for (String value : inbound.headers().getOrDefault(name, List.of())) {
        request.header(name, value);
      }
    }
    HttpResponse<byte[]> response;
    try {
      response = client.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new Problem(
          502, "Bad Gateway", peer + " did not answer: " + e.getClass().getSimpleName());
    }
    JsonNode body = parse(response.body());
    int status = response.statusCode();
    if (status >= 200 && status < 300) {
      return body;
    }
    throw refusal(peer, status, body);
  }

  /**
   * A refusal of the peer's is this request's own; what is wrong with the peer is a bad gateway.
   */
  private static Problem refusal(String peer, int status, JsonNode body) {
    String detail = peer + ": " + body.path("detail").asText("answered " + status);
    return switch (status) {
      case 404, 422 -> Problem.unprocessable(body.path("title").asText("Unprocessable"), detail);
      case 409 -> Problem.conflict(detail);
      default -> new Problem(502, "Bad Gateway", detail + " (" + status + ")");
    };
  }

  private static JsonNode parse(byte[] body) {
    try {
      JsonNode node = Call.JSON.readTree(body);
      return node == null ? Call.JSON.missingNode() : node;
    } catch (IOException e) {
      return Call.JSON.missingNode();
    }
  }

  private static BodyPublisher json(Object body) {
    try {
      return BodyPublishers.ofByteArray(Call.JSON.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + body.getClass() + " as JSON", e);
    }
  }
}
