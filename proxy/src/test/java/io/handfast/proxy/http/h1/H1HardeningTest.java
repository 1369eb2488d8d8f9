package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an HTTP/1.1 client may not send. Each is refused and the connection closed, whole or byte by
 * byte.
 */
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class H1HardeningTest {
  private final List<ServerFixture> servers = new ArrayList<>();

  private ServerFixture server(Http1Options options) {
    servers.add(new ServerFixture(options));
    return servers.getLast();
  }

  @AfterEach
  void close() {
    servers.forEach(ServerFixture::close);
  }

  private static final String HOST = "Host: a\r\n";

  static Stream<Arguments> badHeads() {
    return Stream.of(
        head(
            400,
            "length and chunked",
            "POST / HTTP/1.1",
            HOST + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
        head(
            400,
            "two lengths",
            "POST / HTTP/1.1",
            HOST + "Content-Length: 3\r\nContent-Length: 4\r\n"),
        head(
            400,
            "the same length twice",
            "POST / HTTP/1.1",
            HOST + "Content-Length: 3\r\nContent-Length: 3\r\n"),
        head(400, "a list of lengths", "POST / HTTP/1.1", HOST + "Content-Length: 3, 3\r\n"),
        head(400, "a signed length", "POST / HTTP/1.1", HOST + "Content-Length: +3\r\n"),
        head(400, "a negative length", "POST / HTTP/1.1", HOST + "Content-Length: -3\r\n"),
        head(400, "a hexadecimal length", "POST / HTTP/1.1", HOST + "Content-Length: 0x3\r\n"),
        head(400, "an empty length", "POST / HTTP/1.1", HOST + "Content-Length:\r\n"),
        head(
            400,
            "a length that overflows",
            "POST / HTTP/1.1",
            HOST + "Content-Length: 9223372036854775808\r\n"),
        head(
            400,
            "chunked, identity",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: chunked, identity\r\n"),
        head(
            400,
            "chunked twice",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: chunked, chunked\r\n"),
        head(
            400,
            "chunked in two fields",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        head(400, "an empty coding", "POST / HTTP/1.1", HOST + "Transfer-Encoding:\r\n"),
        head(
            400,
            "chunked and an empty field",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n"),
        head(501, "an unknown coding", "POST / HTTP/1.1", HOST + "Transfer-Encoding: xchunked\r\n"),
        head(
            501,
            "a coding before chunked",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: gzip, chunked\r\n"),
        head(
            501,
            "a coding with a control character",
            "POST / HTTP/1.1",
            HOST + "Transfer-Encoding: \u00a0chunked\r\n"),
        head(
            400, "chunked in HTTP/1.0", "POST / HTTP/1.0", HOST + "Transfer-Encoding: chunked\r\n"),
        head(400, "a folded line", "GET / HTTP/1.1", HOST + "X: a\r\n b\r\n"),
        head(400, "a fold behind the start line", "GET / HTTP/1.1", " X: a\r\n" + HOST),
        head(400, "space before the colon", "GET / HTTP/1.1", HOST + "X : a\r\n"),
        head(400, "tab before the colon", "GET / HTTP/1.1", HOST + "X\t: a\r\n"),
        head(400, "no colon", "GET / HTTP/1.1", HOST + "X\r\n"),
        head(400, "no name", "GET / HTTP/1.1", HOST + ": a\r\n"),
        head(400, "NUL in a name", "GET / HTTP/1.1", HOST + "X\0: a\r\n"),
        head(400, "NUL in a value", "GET / HTTP/1.1", HOST + "X: a\0b\r\n"),
        head(400, "DEL in a value", "GET / HTTP/1.1", HOST + "X: a\u007fb\r\n"),
        head(400, "CR in a value", "GET / HTTP/1.1", HOST + "X: a\rb\r\n"),
        head(400, "CR before CRLF", "GET / HTTP/1.1", HOST + "X: a\r\r\n"),
        head(400, "LF in a field line", "GET / HTTP/1.1", HOST + "X: a\nY: b\r\n"),
        raw(400, "LF behind the start line", "GET / HTTP/1.1\nHost: a\r\n\r\n"),
        raw(400, "LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n"),
        raw(400, "LF only", "GET / HTTP/1.1\nHost: a\n\n"),
        raw(400, "LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        head(400, "CR in the start line", "GET /\r HTTP/1.1", HOST),
        head(400, "no host", "GET / HTTP/1.1", "X: a\r\n"),
        head(400, "two hosts", "GET / HTTP/1.1", HOST + HOST),
        head(400, "two hosts, one absolute", "GET http://a/ HTTP/1.1", HOST + HOST),
        head(400, "a host with a space", "GET / HTTP/1.1", "Host: a b\r\n"),
        head(400, "a host with a path", "GET / HTTP/1.1", "Host: a/b\r\n"),
        head(400, "a host with user information", "GET / HTTP/1.1", "Host: u@a\r\n"),
        head(400, "a list of hosts", "GET / HTTP/1.1", "Host: a, b\r\n"),
        head(400, "user information in the URL", "GET http://u@a/ HTTP/1.1", HOST),
        head(400, "a URL without host", "GET http:///x HTTP/1.1", HOST),
        head(400, "a URL of another scheme", "GET ftp://a/ HTTP/1.1", HOST),
        head(400, "a target that is neither", "GET a HTTP/1.1", HOST),
        head(400, "an asterisk without OPTIONS", "GET * HTTP/1.1", HOST),
        head(505, "HTTP/1.2", "GET / HTTP/1.2", HOST),
        head(505, "HTTP/2.0", "GET / HTTP/2.0", HOST),
        head(505, "HTTP/0.9 by name", "GET / HTTP/0.9", HOST),
        head(400, "HTTP/0.9", "GET /", ""),
        head(400, "lower case version", "GET / http/1.1", HOST),
        head(400, "a version of two digits", "GET / HTTP/1.10", HOST),
        head(400, "tab in the start line", "GET\t/ HTTP/1.1", HOST),
        head(400, "tab before the version", "GET /\tHTTP/1.1", HOST),
        head(400, "two spaces in the start line", "GET  / HTTP/1.1", HOST),
        head(400, "two spaces before the version", "GET /  HTTP/1.1", HOST),
        head(400, "a space behind the version", "GET / HTTP/1.1 ", HOST),
        head(400, "a space before the method", " GET / HTTP/1.1", HOST),
        head(400, "NUL in the target", "GET /\0 HTTP/1.1", HOST),
        head(400, "a method that is no token", "G@T / HTTP/1.1", HOST),
        head(400, "CONNECT without a port", "CONNECT a HTTP/1.1", HOST),
        head(400, "CONNECT with an empty port", "CONNECT a: HTTP/1.1", HOST),
        head(400, "CONNECT to port 0", "CONNECT a:0 HTTP/1.1", HOST),
        head(400, "CONNECT beyond the ports", "CONNECT a:65536 HTTP/1.1", HOST),
        head(400, "CONNECT to a path", "CONNECT /a:443 HTTP/1.1", HOST),
        head(400, "CONNECT to a URL", "CONNECT http://a:443 HTTP/1.1", HOST),
        head(400, "CONNECT to a user", "CONNECT u@a:443 HTTP/1.1", HOST),
        head(400, "CONNECT with content", "CONNECT a:443 HTTP/1.1", HOST + "Content-Length: 1\r\n"),
        head(
            400,
            "CONNECT with chunks",
            "CONNECT a:443 HTTP/1.1",
            HOST + "Transfer-Encoding: chunked\r\n"),
        head(431, "too many fields", "GET / HTTP/1.1", HOST + "X: a\r\n".repeat(100)),
        head(
            431,
            "a head that is too large",
            "GET / HTTP/1.1",
            HOST + "X: " + "a".repeat(61 << 10) + "\r\n"),
        raw(431, "a start line without end", "GET /" + "a".repeat(61 << 10)));
  }

  private static Arguments head(int status, String name, String startLine, String fields) {
    return raw(status, name, startLine + "\r\n" + fields + "\r\n");
  }

  private static Arguments raw(int status, String name, String bytes) {
    return Arguments.argumentSet(name, status, bytes);
  }

  @ParameterizedTest
  @MethodSource("badHeads")
  void shouldRefuseAndCloseWhenHeadIsBad(int status, String bytes) {
    // Given
    ServerFixture server = server(ServerFixture.LENIENT);

    // When
    server.wire.receive(bytes);

    // Then
    assertRefused(server, status);
  }

  @ParameterizedTest
  @MethodSource("badHeads")
  void shouldRefuseAndCloseWhenBadHeadComesByteByByte(int status, String bytes) {
    // Given
    ServerFixture server = server(ServerFixture.LENIENT);

    // When
    server.wire.receiveByteByByte(bytes);

    // Then
    assertRefused(server, status);
  }

  private static void assertRefused(ServerFixture server, int status) {
    assertThat(server.wire.sent())
        .startsWith("HTTP/1.1 " + status + " ")
        .contains("connection: close\r\n")
        .containsOnlyOnce("HTTP/1.1");
    assertThat(server.refused).containsExactly(status);
    assertThat(server.heads).isEmpty();
    assertThat(server.channel.isOpen()).isFalse();
  }

  static Stream<Arguments> badBodies() {
    return Stream.of(
        Arguments.argumentSet("not a size", "g\r\n"),
        Arguments.argumentSet("no size", "\r\n"),
        Arguments.argumentSet("a signed size", "+1\r\n"),
        Arguments.argumentSet("a size with prefix", "0x1\r\n"),
        Arguments.argumentSet("a size that overflows", "FFFFFFFFFFFFFFFF1\r\n"),
        Arguments.argumentSet("space before the size", " 1\r\n"),
        Arguments.argumentSet("space behind the size", "1 \r\n"),
        Arguments.argumentSet("LF behind the size", "1\nx\r\n"),
        Arguments.argumentSet("CR in an extension", "1;a\rb\r\n"),
        Arguments.argumentSet("LF in an extension", "1;a\nb\r\n"),
        Arguments.argumentSet("NUL in an extension", "1;a\0b\r\n"),
        Arguments.argumentSet("an extension that is too long", "1;" + "a".repeat(300) + "\r\n"),
        Arguments.argumentSet("more data than the size", "1\r\nxy\r\n"),
        Arguments.argumentSet("LF behind the data", "1\r\nx\n"),
        Arguments.argumentSet("LF behind the last chunk", "0\r\n\n"),
        Arguments.argumentSet("a folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
        Arguments.argumentSet("space before the colon of a trailer", "0\r\nX : a\r\n\r\n"),
        Arguments.argumentSet("a NUL in a trailer", "0\r\nX: \0\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void shouldRefuseAndResetWhenChunksAreBad(String body) {
    for (boolean whole : new boolean[] {true, false}) {
      // Given
      ServerFixture server = server(ServerFixture.LENIENT);
      server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");

      // When
      if (whole) {
        server.wire.receive(body);
      } else {
        server.wire.receiveByteByByte(body);
      }

      // Then
      assertThat(server.received.getFirst().reset).isEqualTo(ResetReason.PROTOCOL_ERROR);
      assertThat(server.received.getFirst().ends).isZero();
      assertThat(server.wire.sent()).startsWith("HTTP/1.1 400 ").contains("connection: close\r\n");
      assertThat(server.channel.isOpen()).isFalse();
    }
  }

  @Test
  void shouldNotTakeWhatFollowsForRequestWhenOneWasRefused() {
    // Given
    ServerFixture server = server(ServerFixture.LENIENT);

    // When
    server.wire.receive("GET / HTTP/1.1\r\nX : a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");

    // Then
    assertRefused(server, 400);
  }

  @Test
  void shouldRefuseHttp10WhenItIsNotAccepted() {
    // Given
    ServerFixture server = server(Http1Options.DEFAULTS);

    // When
    server.wire.receive("GET / HTTP/1.0\r\nHost: a\r\n\r\n");

    // Then
    assertRefused(server, 426);
  }

  @Test
  void shouldRefuseAbsoluteFormWhenItIsNotAllowed() {
    // Given
    ServerFixture server = server(new Http1Options(false, false, "", false));

    // When
    server.wire.receive("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n");

    // Then
    assertRefused(server, 400);
  }

  @Test
  void shouldRefuseHttp10WithoutHostWhenThereIsNoDefault() {
    // Given
    ServerFixture server = server(new Http1Options(true, true, "", false));

    // When
    server.wire.receive("GET / HTTP/1.0\r\n\r\n");

    // Then
    assertRefused(server, 400);
  }

  @Test
  void shouldAnswerNothingMoreWhenBodyIsBadBehindSentHead() {
    // Given
    ServerFixture server = server(ServerFixture.LENIENT);
    server.wire.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    server.streams.getFirst().sendHead(ResponseHead.of(200), false);
    server.wire.sent();

    // When
    server.wire.receive("g\r\n");

    // Then
    assertThat(server.wire.sent()).isEmpty();
    assertThat(server.channel.isOpen()).isFalse();
  }
}
