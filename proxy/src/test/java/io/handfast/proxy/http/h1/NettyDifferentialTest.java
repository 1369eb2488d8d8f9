package io.handfast.proxy.http.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.logging.BugWatch;
import io.handfast.proxy.stats.HttpStats;
import io.handfast.proxy.stats.Stats;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The same bytes before our codec and before Netty's decoder at its strictest: where one request
 * ends and the next begins is no matter of opinion. What only one of them refuses is known by name.
 */
final class NettyDifferentialTest {
  private static final int SCRIPTS = 6_000;
  private static final String IN_THE_BODY = "in the body";
  private static final HttpStats STATS = new Stats().http("differential");

  /**
   * What we refuse and Netty lets pass. It joins folded lines, looks over what stands between
   * messages, and leaves to its user what a version, a target and a host mean, two lengths of
   * HTTP/1.0, codings that are not one {@code chunked}, and the words of a chunk's extensions (RFC
   * 9112 sections 2.2, 2.3, 3.2, 5.2, 6.1, 6.3 and 7.1.1).
   */
  private static final Set<String> REFUSED_BY_US_ALONE =
      Set.of(
          "http1.bad_host",
          "http1.bad_request_line",
          "http1.bad_target",
          "http1.bad_transfer_encoding",
          "http1.bad_version",
          "http1.bare_cr",
          "http1.bare_lf",
          "http1.missing_host",
          "http1.obs_fold",
          "http1.two_content_lengths",
          "http1.two_hosts",
          "http1.unsupported_transfer_encoding",
          "http1.unsupported_version",
          IN_THE_BODY);

  private static final List<Reading> OURS = new ArrayList<>();
  private static final List<Reading> NETTYS = new ArrayList<>();

  /**
   * What came of the bytes of one seed.
   *
   * @param requests those that were whole
   * @param refusal why the next one was refused; null if none was
   * @param open whether another request could follow
   */
  private record Reading(
      long seed, List<String> requests, @Nullable String refusal, boolean open) {}

  @BeforeAll
  static void read() {
    try (BugWatch _ = new BugWatch()) {
      for (long seed = 0; seed < SCRIPTS; seed++) {
        byte[] bytes = RequestScript.of(seed);
        OURS.add(ours(seed, bytes));
        NETTYS.add(nettys(seed, bytes));
      }
    }
  }

  @Test
  void shouldReadTheSameRequestsAsNetty() {
    // When
    int whole = 0;
    for (int i = 0; i < SCRIPTS; i++) {
      List<String> ours = OURS.get(i).requests;
      List<String> nettys = NETTYS.get(i).requests;
      int common = Math.min(ours.size(), nettys.size());
      // Then
      assertThat(ours.subList(0, common)).as(text(i)).isEqualTo(nettys.subList(0, common));
      whole += common;
    }
    assertThat(whole).isGreaterThan(SCRIPTS / 4);
  }

  @Test
  void shouldReadNoRequestBehindOneThatNettyRefuses() {
    // When
    int refused = 0;
    for (int i = 0; i < SCRIPTS; i++) {
      Reading netty = NETTYS.get(i);
      if (netty.refusal != null) {
        refused++;
        // Then
        assertThat(OURS.get(i).requests)
            .as(text(i))
            .hasSizeLessThanOrEqualTo(netty.requests.size());
      }
    }
    assertThat(refused).isGreaterThan(SCRIPTS / 4);
  }

  @Test
  void shouldReadAllThatNettyReadsWhenItRefusesNothing() {
    // When
    int accepted = 0;
    for (int i = 0; i < SCRIPTS; i++) {
      Reading ours = OURS.get(i);
      if (ours.refusal == null && ours.open && NETTYS.get(i).refusal == null) {
        accepted++;
        // Then
        assertThat(ours.requests).as(text(i)).hasSameSizeAs(NETTYS.get(i).requests);
      }
    }
    assertThat(accepted).isGreaterThan(SCRIPTS / 20);
  }

  @Test
  void shouldRefuseAloneWhatIsKnownByNameOnly() {
    // When
    Set<String> alone = new TreeSet<>();
    for (int i = 0; i < SCRIPTS; i++) {
      Reading ours = OURS.get(i);
      if (ours.refusal != null && NETTYS.get(i).requests.size() > ours.requests.size()) {
        alone.add(ours.refusal);
      }
    }
    // Then
    assertThat(alone).containsExactlyInAnyOrderElementsOf(REFUSED_BY_US_ALONE);
  }

  private static String text(int seed) {
    String bytes = new String(RequestScript.of(seed), StandardCharsets.ISO_8859_1);
    return "%s of %s".formatted(OURS.get(seed), bytes.replace("\r", "\\r").replace("\n", "\\n"));
  }

  private static Reading ours(long seed, byte[] bytes) {
    RequestReader reader = new RequestReader(STATS);
    reader.read(bytes, bytes.length);
    boolean open = reader.isOpen();
    reader.close();
    List<String> requests = new ArrayList<>();
    String refusal = reader.refusals.isEmpty() ? null : reader.refusals.getFirst();
    for (int i = 0; i < reader.heads.size(); i++) {
      Transcript stream = reader.streams.get(i);
      if (stream.ended) {
        requests.add(text(reader.heads.get(i), stream));
      } else if (!open) {
        refusal = IN_THE_BODY;
      }
    }
    return new Reading(seed, requests, refusal, open);
  }

  private static String text(RequestHead head, Transcript stream) {
    StringBuilder text = new StringBuilder(head.method()).append(' ').append(head.path());
    Headers headers = head.headers();
    for (int i = 0; i < headers.size(); i++) {
      field(text, headers.name(i), headers.value(i));
    }
    return text.append(' ').append(stream).toString();
  }

  private static Reading nettys(long seed, byte[] bytes) {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new HttpRequestDecoder(
                new HttpDecoderConfig()
                    .setStrictLineParsing(true)
                    .setUseRfc9112TransferEncoding(true)
                    .setValidateHeaders(true)
                    .setAllowDuplicateContentLengths(false)));
    channel.writeInbound(Unpooled.copiedBuffer(bytes));
    List<String> requests = new ArrayList<>();
    String refusal = null;
    StringBuilder head = new StringBuilder();
    StringBuilder body = new StringBuilder();
    for (HttpObject it = channel.readInbound(); it != null; it = channel.readInbound()) {
      if (it.decoderResult().isFailure() && refusal == null) {
        refusal = it.decoderResult().cause().toString();
      }
      if (it instanceof HttpRequest request) {
        head.setLength(0);
        body.setLength(0);
        head.append(request.method()).append(' ').append(path(request.uri()));
        request.headers().forEach(field -> field(head, field.getKey(), field.getValue()));
        head.append(' ');
      }
      if (it instanceof HttpContent content) {
        body.append(ByteBufUtil.hexDump(content.content()));
        content.release();
      }
      if (it instanceof LastHttpContent last && refusal == null) {
        requests.add(head + trailers(last.trailingHeaders()) + "body " + body + " end");
      }
    }
    channel.finishAndReleaseAll();
    return new Reading(seed, requests, refusal, true);
  }

  /** Of an absolute form too. */
  private static String path(String uri) {
    return uri.startsWith("http://a/") ? uri.substring("http://a".length()) : uri;
  }

  private static String trailers(HttpHeaders trailers) {
    StringBuilder text = new StringBuilder();
    trailers.forEach(
        field -> text.append(field.getKey()).append('=').append(field.getValue()).append('|'));
    return text.isEmpty() ? "" : "trailers " + text + '\n';
  }

  /** But for what our codec keeps elsewhere or writes itself. */
  private static void field(StringBuilder text, String name, String value) {
    String lower = name.toLowerCase(Locale.ROOT);
    switch (lower) {
      case "host", "transfer-encoding", "connection" -> {}
      case "content-length" ->
          text.append('|').append(lower).append('=').append(value.replaceFirst("^0+(?=.)", ""));
      default -> text.append('|').append(lower).append('=').append(value);
    }
  }
}
