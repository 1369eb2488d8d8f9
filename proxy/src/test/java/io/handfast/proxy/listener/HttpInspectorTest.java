package io.handfast.proxy.listener;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.listener.Inspector.Verdict;
import io.handfast.proxy.stats.InspectorStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpInspectorTest {
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final Stats all = new Stats();
  private final InspectorStats stats = all.inspectors();
  private final Findings findings = new Findings(ADDRESS, ADDRESS, 0, 0);
  private final HttpInspector inspector = new HttpInspector(findings, stats);

  @AfterEach
  void close() {
    all.close();
  }

  /** Feeds byte by byte until there is a verdict. */
  private Verdict feed(String text) {
    byte[] bytes = text.getBytes(ISO_8859_1);
    ByteBuf begin = Unpooled.buffer();
    for (byte next : bytes) {
      begin.writeByte(next);
      Verdict verdict = inspector.inspect(begin);
      assertThat(begin.readerIndex()).isZero();
      if (verdict != Verdict.MORE) {
        return verdict;
      }
    }
    return Verdict.MORE;
  }

  @ParameterizedTest
  @CsvSource({
    "'GET / HTTP/1.1\r', http/1.1",
    "'GET / HTTP/1.1\n', http/1.1",
    "'OPTIONS * HTTP/1.0\r\n', http/1.0",
    "'GET / HTTP/1.7\r\n', http/1.0",
    "'POST http://h/ HTTP/1.1\r\n', http/1.1",
    "'M-SEARCH /\u00e4 HTTP/1.1\r\n', http/1.1",
    "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', h2c"
  })
  void shouldTellHttp(String begin, String protocol) {
    // When
    Verdict verdict = feed(begin);

    // Then
    assertThat(verdict).isEqualTo(Verdict.DONE);
    assertThat(findings.facts().applicationProtocols()).containsExactly(protocol);
    assertThat(
            stats.http10Found.value() + stats.http11Found.value() + stats.http2Found.value() * 10)
        .isEqualTo(protocol.equals("h2c") ? 10 : 1);
    assertThat(stats.httpNotFound.value()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /\r\n'",
    "'GET / HTTP/1.1 \r\n'",
    "'GET  / HTTP/1.1\r\n'",
    "'GET / HTTP/2.0\r\n'",
    "'GET\t/ HTTP/1.1\r\n'",
    "'SSH-2.0-OpenSSH_9\r\n'",
    "'\r\nGET / HTTP/1.1\r\n'",
    "'\u0016\u0003\u0001'",
    "'\u0000\u0000\u0000\u0008'",
    "'G\u0000'",
    "'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'",
    "'A-METHOD-THAT-IS-LONGER-THAN-ANY-METHOD-IS'",
    "'G@T / HTTP/1.1\r\n'"
  })
  void shouldTellWhatIsNotHttp(String begin) {
    // When
    Verdict verdict = feed(begin);

    // Then
    assertThat(verdict).isEqualTo(Verdict.DONE);
    assertThat(findings.facts().applicationProtocols()).isEmpty();
    assertThat(stats.httpNotFound.value()).isEqualTo(1);
  }

  @Test
  void shouldWaitForTheWholeLine() {
    assertThat(feed("GET /with/a/path HTTP/1.1")).isEqualTo(Verdict.MORE);
  }

  @Test
  void shouldGiveUpAtTheBound() {
    // When
    Verdict verdict = feed("GET /" + "x".repeat(HttpInspector.MAX_BYTES));

    // Then
    assertThat(verdict).isEqualTo(Verdict.DONE);
    assertThat(stats.httpNotFound.value()).isEqualTo(1);
  }
}
