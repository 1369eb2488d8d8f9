package io.handfast.example.bank.web;

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

/**
 * Calls other services with the trace context of the request that is being served, as an
 * OpenTelemetry agent or library would do unasked. Thread-safe.
 */
public final class OutgoingCalls {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          // Answers are collected where they are read: whoever waits for one is woken once.
          .executor(Runnable::run)
          .build();

  /** Throws the answer for the caller when the peer does not answer with success. */
  public JsonNode get(TraceContext trace, String peer, URI uri) throws InterruptedException {
    return send(trace, peer, HttpRequest.newBuilder(uri).GET());
  }

  /** As {@link #get}, with a body that is written as JSON. */
  public JsonNode post(TraceContext trace, String peer, URI uri, Object body)
      throws InterruptedException {
    return send(
        trace,
        peer,
        HttpRequest.newBuilder(uri).header("content-type", "application/json").POST(json(body)));
  }

  private JsonNode send(TraceContext trace, String peer, HttpRequest.Builder request)
      throws InterruptedException {
    trace.fields().forEach((name, values) -> values.forEach(value -> request.header(name, value)));
    HttpResponse<byte[]> response;
    try {
      response = client.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw Problem.unanswered(peer, e.getClass().getSimpleName());
    }
    JsonNode body = parse(response.body());
    int status = response.statusCode();
    if (status >= 200 && status < 300) {
      return body;
    }
    String detail = body.path("detail").asText("answered " + status);
    throw new Problem(status, body.path("title").asText("Unprocessable"), detail).ofPeer(peer);
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
