package io.handfast.proxy.http.h1;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a client may send: requests of parts that are right, nearly right or wrong, one behind the
 * other, with some bytes spoilt. Decided by the seed alone.
 */
final class RequestScript {
  private static final int RIGHT = 7; // of ten parts that are drawn

  private static final List<String> METHODS = List.of("GET", "POST", "HEAD", "get", "X!#", "G(T");
  private static final List<String> TARGETS =
      List.of(
          "/", "/a?b=c", "/a%20b", "*", "http://a/b", "//x", "/a b", "", "/\u00e4", "/a#b", "a");
  private static final List<String> VERSIONS =
      List.of("HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/1");
  private static final List<String> FIELDS =
      List.of(
          "Accept: */*",
          "X-One:1",
          "x-two: \t two words \t",
          "X-Empty:",
          "Cookie: a=\"b\"; c",
          "x_under: 1",
          "X-High: \u00e9",
          " folded: 1",
          "\tfolded",
          "space : 1",
          ": nameless",
          "no colon",
          "x(y): 1",
          "X-Nul: a\0b",
          "X-Cr: a\rb",
          "X-Bell: \007",
          "X-Del: \177",
          "Connection: keep-alive",
          "Host: other",
          "Host:");
  private static final List<String> LENGTHS =
      List.of("3", "03", "+3", "-3", "3, 3", "0x3", "3 3", "", "3.0", "99999999999999999999", "2");
  private static final List<String> CODINGS =
      List.of(
          "chunked",
          "Chunked",
          "identity",
          "chunked, chunked",
          ",chunked",
          "gzip, chunked",
          "xchunked",
          "");
  private static final List<String> CHUNKED =
      List.of(
          "3\r\nabc\r\n0\r\n\r\n",
          "03\r\nabc\r\n000\r\nX-Trailer: t\r\n\r\n",
          "3;a=b\r\nabc\r\n0;\"c\"\r\n\r\n",
          "3 \r\nabc\r\n0\r\n\r\n",
          "0x3\r\nabc\r\n0\r\n\r\n",
          "3\nabc\n0\n\n",
          "3\r\nabcd\r\n0\r\n\r\n",
          "3\r\nabc0\r\n\r\n",
          "-3\r\nabc\r\n0\r\n\r\n",
          "3;\n\r\nabc\r\n0\r\n\r\n",
          "3;a=\r\nabc\r\n0\r\n\r\n",
          "G\r\nabc\r\n0\r\n\r\n",
          "FFFFFFFFFFFFFFFF3\r\nabc\r\n0\r\n\r\n",
          "3\r\nabc\r\n0\r\nbad trailer\r\n\r\n");
  private static final String SPOILING = "\0\t\n\r :,;/\u0080a0";

  private final SplittableRandom random;
  private final StringBuilder text = new StringBuilder();

  private RequestScript(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The bytes of that seed. */
  static byte[] of(long seed) {
    RequestScript script = new RequestScript(seed);
    for (int i = script.random.nextInt(1, 3); i > 0; i--) {
      script.request();
    }
    script.text.append("GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
    return script.spoilt();
  }

  private void request() {
    text.append(oneOf(METHODS)).append(' ').append(oneOf(TARGETS)).append(' ');
    text.append(oneOf(VERSIONS)).append("\r\n");
    if (random.nextInt(20) > 0) {
      text.append("Host: a\r\n");
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      text.append(oneOf(FIELDS)).append("\r\n");
    }
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> text.append("Content-Length: ").append(oneOf(LENGTHS)).append("\r\n\r\nabc");
      case 3, 4, 5 -> {
        text.append("Transfer-Encoding: ").append(oneOf(CODINGS)).append("\r\n\r\n");
        text.append(oneOf(CHUNKED));
      }
      case 6 -> {
        text.append("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");
        text.append(oneOf(CHUNKED));
      }
      case 7 -> text.append("Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc");
      default -> text.append("\r\n");
    }
  }

  /** The first ones are right, and drawn more often. */
  private String oneOf(List<String> parts) {
    return parts.get(random.nextInt(random.nextInt(10) < RIGHT ? 1 : parts.size()));
  }

  private byte[] spoilt() {
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    for (int i = random.nextInt(4) - 1; i > 0; i--) {
      int at = random.nextInt(bytes.length);
      ByteArrayOutputStream next = new ByteArrayOutputStream();
      next.write(bytes, 0, at);
      int what = random.nextInt(3);
      if (what > 0) {
        next.write(SPOILING.charAt(random.nextInt(SPOILING.length())));
      }
      int from = what < 2 ? at + 1 : at;
      next.write(bytes, from, bytes.length - from);
      bytes = next.toByteArray();
    }
    return bytes;
  }
}
