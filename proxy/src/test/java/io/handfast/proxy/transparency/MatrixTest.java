package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.StartException;
import io.handfast.proxy.transparency.Party.Rest;
import io.handfast.proxy.transparency.Way.Http;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests and responses over every way; tunnels are {@link TunnelTest}'s. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MatrixTest {
  private static final String ALL_WAYS = "io.handfast.proxy.transparency.Way#all";

  private Mesh mesh;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException, StartException {
    mesh = Mesh.start(directory);
  }

  @BeforeEach
  void reset() throws IOException {
    mesh.reset();
  }

  @AfterAll
  void stop() throws IOException {
    mesh.close();
  }

  static Stream<Way> clientWithHttp1() {
    return Way.withClient(Http.H1);
  }

  static Stream<Way> serviceWithHttp1() {
    return Way.withService(Http.H1);
  }

  private static String[] request(String method, String... more) {
    List<String> fields =
        new ArrayList<>(
            List.of(
                ":method", method, ":scheme", "http", ":path", "/a%20b?c", ":authority", "h:1"));
    fields.addAll(Arrays.asList(more));
    return fields.toArray(String[]::new);
  }

  private static void assertRequest(Head head, String method) {
    assertThat(head.value(":method")).isEqualTo(method);
    assertThat(head.value(":path")).isEqualTo("/a%20b?c");
    assertThat(head.value(":authority")).isEqualTo("h:1");
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepFieldsAsTheyAre(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(
          true, request("GET", "x-two", "1", "x-two", "2", "x-bytes", "\u00e4\t\u00ff", "x-e", ""));
      try (Party service = mesh.service(way)) {
        Head asked = service.head();
        service.send(true, ":status", "204", "set-cookie", "a=1", "set-cookie", "b=2");

        // Then
        assertRequest(asked, "GET");
        assertThat(asked.fields())
            .containsSubsequence("x-two: 1", "x-two: 2")
            .contains("x-bytes: \u00e4\t\u00ff", "x-e: ");
        assertThat(asked.has("content-length")).isFalse();
        assertThat(asked.has("transfer-encoding")).isFalse();
        Head answer = client.head();
        assertThat(answer.status()).isEqualTo("204");
        assertThat(answer.fields()).containsSubsequence("set-cookie: a=1", "set-cookie: b=2");
        assertThat(answer.has("content-length")).isFalse();
        assertThat(answer.has("transfer-encoding")).isFalse();
      }
    }
  }

  /** W3C Trace Context: spans of our own are not made, so nothing of it is ours to change. */
  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPassTraceContextOnAsItIs(Way way) throws IOException {
    // Given: the fields of one trace state are one list, and what is malformed is for the service
    List<List<String>> contexts =
        List.of(
            List.of(
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "tracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE",
                "tracestate: a=1, ,b=2",
                "b3: 80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90",
                "x-b3-traceid: 80f198ee56343ba864fe8b2a57d3eff7",
                "x-b3-sampled: 1",
                "baggage: userId=alice;p=1"),
            List.of(
                "b3: 0",
                "traceparent: 00-4BF92F-x-01",
                "traceparent: ff-00000000000000000000000000000000-0000000000000000-00",
                "tracestate: =;;"));
    for (List<String> context : contexts) {
      List<String> fields = new ArrayList<>();
      context.forEach(field -> fields.addAll(Arrays.asList(field.split(": ", 2))));
      try (Party client = mesh.client(way)) {
        // When
        client.send(true, request("GET", fields.toArray(String[]::new)));
        try (Party service = mesh.service(way)) {
          Head asked = service.head();
          service.send(true, ":status", "204");

          // Then
          assertThat(asked.fields())
              .filteredOn(field -> field.matches("(trace|baggage|b3|x-b3).*"))
              .containsExactlyElementsOf(context);
          assertThat(client.head().fields())
              .noneMatch(field -> field.matches("(trace|baggage|b3|x-b3).*"));
        }
      }
      reset();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepTheIdOfARequestOrMakeOne(Way way) throws IOException {
    for (String id : List.of("", "not a uuid")) {
      try (Party client = mesh.client(way)) {
        // When
        client.send(true, id.isEmpty() ? request("GET") : request("GET", "x-request-id", id));
        try (Party service = mesh.service(way)) {
          Head asked = service.head();
          service.send(true, ":status", "204");

          // Then: a UUID of version 4, once, and not told to the client
          assertThat(asked.fields())
              .filteredOn(field -> field.startsWith("x-request-id: "))
              .singleElement()
              .asString()
              .matches(
                  "x-request-id: "
                      + (id.isEmpty()
                          ? "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
                          : id));
          assertThat(client.head().has("x-request-id")).isFalse();
        }
      }
      reset();
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepLengthWhenBodyHasOne(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(false, request("POST", "content-length", "5"));
      client.data("hello");
      client.end();
      try (Party service = mesh.service(way)) {
        Head asked = service.head();
        assertThat(service.rest()).isEqualTo(new Rest("hello", List.of(), false));
        service.send(false, ":status", "200", "content-length", "2");
        service.data("ok");
        service.end();

        // Then
        assertRequest(asked, "POST");
        assertThat(asked.fields()).containsOnlyOnce("content-length: 5");
        assertThat(asked.has("transfer-encoding")).isFalse();
        Head answer = client.head();
        assertThat(answer.fields()).containsOnlyOnce("content-length: 2");
        assertThat(answer.has("transfer-encoding")).isFalse();
        assertThat(client.rest()).isEqualTo(new Rest("ok", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepLengthZero(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(true, request("POST", "content-length", "0"));
      try (Party service = mesh.service(way)) {
        Head asked = service.head();
        service.send(true, ":status", "201", "content-length", "0");

        // Then
        assertThat(asked.fields()).containsOnlyOnce("content-length: 0");
        assertThat(asked.has("transfer-encoding")).isFalse();
        Head answer = client.head();
        assertThat(answer.status()).isEqualTo("201");
        assertThat(answer.fields()).containsOnlyOnce("content-length: 0");
        assertThat(client.rest()).isEqualTo(new Rest("", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepLengthUnknownWhenNobodySaidIt(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(false, request("PUT"));
      try (Party service = mesh.service(way)) {
        Head asked = service.head();
        client.data("up");
        assertThat(service.read(2)).isEqualTo("up"); // before the end is known
        client.end();
        assertThat(service.rest()).isEqualTo(new Rest("", List.of(), false));
        service.send(false, ":status", "200");
        Head answer = client.head();
        service.data("down");
        assertThat(client.read(4)).isEqualTo("down");
        service.end();

        // Then
        assertThat(asked.has("content-length")).isFalse();
        assertThat(asked.has("transfer-encoding", "chunked")).isEqualTo(way.service() == Http.H1);
        assertThat(answer.has("content-length")).isFalse();
        assertThat(answer.has("transfer-encoding", "chunked")).isEqualTo(way.client() == Http.H1);
        assertThat(client.rest()).isEqualTo(new Rest("", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldKeepLengthWithoutBodyWhenRequestIsHead(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(true, request("HEAD"));
      try (Party service = mesh.service(way)) {
        assertRequest(service.head(), "HEAD");
        service.send(true, ":status", "200", "content-length", "1234");

        // Then
        assertThat(client.head().value("content-length")).isEqualTo("1234");
        assertThat(client.rest()).isEqualTo(new Rest("", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("serviceWithHttp1")
  void shouldEndBodyWhereServiceCloses(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(true, request("GET"));
      try (H1Party service = (H1Party) mesh.service(way)) {
        service.head();
        service.raw("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nto the end");
      }

      // Then
      assertThat(client.head().has("content-length")).isFalse();
      assertThat(client.rest()).isEqualTo(new Rest("to the end", List.of(), false));
    }
  }

  @ParameterizedTest
  @MethodSource("clientWithHttp1")
  void shouldServeHttp10WithHostAndWithout(Way way) throws IOException {
    for (String host : List.of("Host: old.example\r\n", "")) {
      try (H1Party client = (H1Party) mesh.client(way)) {
        // When
        client.raw("GET /a%20b?c HTTP/1.0\r\n" + host + "\r\n");
        try (Party service = mesh.service(way)) {
          Head asked = service.head();
          service.send(false, ":status", "200");
          service.data("abc");
          service.end();

          // Then
          assertThat(asked.value(":path")).isEqualTo("/a%20b?c");
          assertThat(asked.value(":authority"))
              .isEqualTo(host.isEmpty() ? "default.example" : "old.example");
          Head answer = client.head();
          assertThat(answer.has("transfer-encoding")).isFalse();
          assertThat(answer.value("connection")).isEqualTo("close");
          assertThat(client.rest()).isEqualTo(new Rest("abc", List.of(), false));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPass100ContinueOnBeforeBodyIsSent(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(false, request("PUT", "expect", "100-continue", "content-length", "3"));
      try (Party service = mesh.service(way)) {
        assertThat(service.head().value("expect")).isEqualTo("100-continue");
        service.send(false, ":status", "100");

        // Then
        assertThat(client.head().status()).isEqualTo("100");
        client.data("abc");
        client.end();
        assertThat(service.rest().body()).isEqualTo("abc");
        service.send(true, ":status", "200", "content-length", "0");
        assertThat(client.head().status()).isEqualTo("200");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPassEarlyHintsOn(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(true, request("GET"));
      try (Party service = mesh.service(way)) {
        service.head();
        service.send(false, ":status", "103", "link", "</x>");

        // Then
        Head hints = client.head();
        assertThat(hints.status()).isEqualTo("103");
        assertThat(hints.value("link")).isEqualTo("</x>");
        service.send(true, ":status", "200", "content-length", "0");
        assertThat(client.head().status()).isEqualTo("200");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldPassTrailersOnBothWays(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // When
      client.send(false, request("POST"));
      client.data("up");
      client.trailers("x-up", "1", "x-bin", "AAE=");
      try (Party service = mesh.service(way)) {
        service.head();
        Rest asked = service.rest();
        service.send(false, ":status", "200");
        service.data("down");
        service.trailers("x-sum", "7");

        // Then
        assertThat(asked).isEqualTo(new Rest("up", List.of("x-up: 1", "x-bin: AAE="), false));
        client.head();
        assertThat(client.rest()).isEqualTo(new Rest("down", List.of("x-sum: 7"), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldAnswerBeforeRequestHasEnded(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      client.send(false, request("POST"));
      try (Party service = mesh.service(way)) {
        service.head();
        service.send(false, ":status", "200");
        assertThat(client.head().status()).isEqualTo("200");

        // When
        for (String word : List.of("one", "two", "six")) {
          client.data(word);
          assertThat(service.read(3)).isEqualTo(word);
          service.data(word);
          assertThat(client.read(3)).isEqualTo(word);
        }

        // Then
        client.end();
        assertThat(service.rest().reset()).isFalse();
        service.end();
        assertThat(client.rest()).isEqualTo(new Rest("", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldResetServiceWhenClientResets(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      client.send(false, request("POST"));
      client.data("abc");
      try (Party service = mesh.service(way)) {
        service.head();
        assertThat(service.read(3)).isEqualTo("abc");

        // When
        client.reset();

        // Then
        assertThat(service.rest()).isEqualTo(new Rest("", List.of(), true));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(ALL_WAYS)
  void shouldResetClientWhenServiceResets(Way way) throws IOException {
    try (Party client = mesh.client(way)) {
      // Given
      client.send(true, request("GET"));
      try (Party service = mesh.service(way)) {
        service.head();
        service.send(false, ":status", "200");
        service.data("abc");
        client.head();
        assertThat(client.read(3)).isEqualTo("abc");

        // When
        service.reset();

        // Then
        assertThat(client.rest()).isEqualTo(new Rest("", List.of(), true));
      }
    }
  }
}
