package io.handfast.proxy.listener;

import io.handfast.proxy.stats.InspectorStats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code http_inspector}: whether a connection that is not TLS begins with HTTP, and which.
 * Confined to the connection's loop.
 */
final class HttpInspector implements Inspector {

  /** Of the request line; what is longer is no HTTP. */
  static final int MAX_BYTES = 16 * 1024;

  /** Of HTTP/2 (RFC 9113, 3.4). No request of HTTP/1 begins so. */
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII)
              .asReadOnly());

  private static final ByteProcessor UP_TO_LINE_END =
      value -> value != '\r' && value != '\n' && (value >= ' ' || value < 0) && value != 0x7f;
  private static final Pattern REQUEST_LINE =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+ [^ ]+ HTTP/1\\.([0-9])");

  /** As long as a method may be; registered ones have up to 17 letters. */
  private static final int MAX_METHOD = 32;

  private final Findings findings;
  private final InspectorStats stats;
  private int looked;

  HttpInspector(Findings findings, InspectorStats stats) {
    this.findings = findings;
    this.stats = stats;
  }

  @Override
  public Verdict inspect(ByteBuf begin) {
    int preface = PREFACE.readableBytes();
    int common = Math.min(begin.readableBytes(), preface);
    if (!ByteBufUtil.equals(begin, begin.readerIndex(), PREFACE, 0, common)) {
      return requestLine(begin);
    }
    if (common == preface) {
      stats.http2Found.inc();
      findings.isHttp("h2c");
      return Verdict.DONE;
    }
    return Verdict.MORE;
  }

  /** Each byte is looked at once, however many pieces they come in. */
  private Verdict requestLine(ByteBuf begin) {
    int start = begin.readerIndex();
    int end = Math.min(begin.readableBytes(), MAX_BYTES);
    int stop = begin.forEachByte(start + looked, end - looked, UP_TO_LINE_END);
    looked = stop < 0 ? end : stop - start;
    boolean hopeless =
        looked > MAX_METHOD && begin.indexOf(start, start + MAX_METHOD + 1, (byte) ' ') < 0;
    if (hopeless || (stop < 0 && looked == MAX_BYTES) || !isMethod(begin, start)) {
      return notFound();
    }
    if (stop < 0) {
      return Verdict.MORE;
    }
    Matcher line = REQUEST_LINE.matcher(begin.toString(start, looked, StandardCharsets.ISO_8859_1));
    boolean ended = begin.getByte(stop) == '\r' || begin.getByte(stop) == '\n';
    if (!ended || !line.matches()) {
      return notFound();
    }
    boolean current = line.group(1).equals("1");
    (current ? stats.http11Found : stats.http10Found).inc();
    findings.isHttp(current ? "http/1.1" : "http/1.0");
    return Verdict.DONE;
  }

  /** Whether the first byte may begin a method: what a binary protocol sends mostly does not. */
  private static boolean isMethod(ByteBuf begin, int start) {
    byte first = begin.getByte(start);
    return first > ' ' && first < 0x7f;
  }

  private Verdict notFound() {
    stats.httpNotFound.inc();
    return Verdict.DONE;
  }
}
