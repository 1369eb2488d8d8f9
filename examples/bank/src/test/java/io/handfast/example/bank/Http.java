package io.handfast.example.bank;

import com.fasterxml.jackson.databind.JsonNode;
import io.handfast.example.bank.web.Call;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/** A client for one service under test. */
public record Http(int port) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  public record Response(int status, JsonNode body) {}

  public Response get(String path) throws IOException, InterruptedException {
    return send("GET", path, "", Map.of());
  }

  public Response put(String path, String body) throws IOException, InterruptedException {
    return send("PUT", path, body, Map.of());
  }

  public Response post(String path, String body) throws IOException, InterruptedException {
    return send("POST", path, body, Map.of());
  }

  public Response send(String method, String path, String body, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .method(method, BodyPublishers.ofString(body));
    headers.forEach(request::header);
    var response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    return new Response(response.statusCode(), Call.JSON.readTree(response.body()));
  }
}
