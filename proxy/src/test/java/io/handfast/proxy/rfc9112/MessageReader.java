package io.handfast.proxy.rfc9112;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads what the proxy wrote, and accepts nothing but what a proxy is to write: one form of every
 * line, one framing, no leniency. Independent of the proxy's own parser. Gives messages in
 * canonical form: without the fields that the proxy adds to all of them, a chunked body as one
 * chunk.
 */
final class MessageReader {
  private static final Pattern REQUEST_LINE =
      Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\\x21-\\x7e\\x80-\\xff]+ HTTP/1\\.1");
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] [1-5]\\d\\d [ -~]*");
  private static final Pattern FIELD =
      Pattern.compile(
          "[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?|"
              + "[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\\x21-\\x7e\\x80-\\xff]"
              + "([\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?");
  private static final Pattern CHUNK_SIZE = Pattern.compile("[1-9a-f][0-9a-f]*|0");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9]\\d*");

  /** What the proxy adds by itself; the values that vary are checked elsewhere. */
  private static final Pattern ADDED =
      Pattern.compile(
          "(?i)x-forwarded-proto: http|x-handfast-hops: 1|x-request-id: .*|server: .*|date: .*"
              + "|x-envoy-upstream-service-time: \\d+|x-envoy-expected-rq-timeout-ms: \\d+");

  private final String text;
  private int at;

  MessageReader(String text) {
    this.text = text;
  }

  /**
   * One message.
   *
   * @param text canonical
   * @param startLine of it
   * @param status of a response, 0 of a request
   * @param body decoded
   */
  record Message(String text, String startLine, int status, String body) {}

  /** It is not a message that a proxy may write. */
  static final class BadMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadMessageException(String what) {
      super(what);
    }
  }

  /** How many characters belong to the messages read so far. */
  int position() {
    return at;
  }

  boolean atEnd() {
    return at == text.length();
  }

  String rest() {
    return text.substring(at);
  }

  /** The next request; empty if it is not complete, and then nothing is consumed. */
  Optional<Message> request() {
    Optional<Head> head = head(REQUEST_LINE);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    List<String> lines = head.get().lines;
    if (values(lines, "host").size() != 1 || !lines.get(1).startsWith("host: ")) {
      throw new BadMessageException("not one host, first: " + lines);
    }
    return body(head.get(), 0, false, false);
  }

  /** What there is of a request that has broken off: its head, and its body as far as it came. */
  String unfinishedRequest() {
    return unfinished(head(REQUEST_LINE));
  }

  /** What there is of a response that has broken off. */
  String unfinishedResponse() {
    return unfinished(head(STATUS_LINE));
  }

  private String unfinished(Optional<Head> head) {
    if (head.isEmpty()) {
      return rest();
    }
    String rest = text.substring(head.get().end);
    boolean chunked = !values(head.get().lines, "transfer-encoding").isEmpty();
    return message(head.get(), 0, chunked ? decoded(rest) : rest, "", text.length()).text();
  }

  private static String decoded(String chunks) {
    StringBuilder body = new StringBuilder();
    int position = 0;
    for (int end = chunks.indexOf("\r\n"); end >= 0; end = chunks.indexOf("\r\n", position)) {
      int length = Integer.parseInt(chunks, position, end, 16);
      body.append(chunks, end + 2, Math.min(chunks.length(), end + 2 + length));
      position = Math.min(chunks.length(), end + 4 + length);
    }
    return body.toString();
  }

  /**
   * The next response.
   *
   * @param toHead it answers a HEAD
   * @param closed the connection has ended behind the text
   */
  Optional<Message> response(boolean toHead, boolean closed) {
    Optional<Head> head = head(STATUS_LINE);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    int status = Integer.parseInt(head.get().lines.getFirst().substring(9, 12));
    boolean none = toHead || status < 200 || status == 204 || status == 304;
    return none
        ? Optional.of(message(head.get(), status, "", "", head.get().end))
        : body(head.get(), status, true, closed);
  }

  private record Head(List<String> lines, int end) {}

  private Optional<Head> head(Pattern startLine) {
    int end = text.indexOf("\r\n\r\n", at);
    if (end < 0) {
      return Optional.empty();
    }
    List<String> lines = lines(text.substring(at, end));
    if (!startLine.matcher(lines.getFirst()).matches()) {
      throw new BadMessageException("start line: " + lines.getFirst());
    }
    lines.stream().skip(1).forEach(MessageReader::checkField);
    return Optional.of(new Head(lines, end + 4));
  }

  private static List<String> lines(String block) {
    return Stream.of(block.split("\r\n", -1)).toList();
  }

  private static void checkField(String line) {
    if (!FIELD.matcher(line).matches()) {
      throw new BadMessageException("field: " + line);
    }
  }

  private static List<String> values(List<String> lines, String name) {
    String start = name + ":";
    return lines.stream()
        .skip(1)
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .toList();
  }

  private Optional<Message> body(Head head, int status, boolean response, boolean closed) {
    List<String> lengths = values(head.lines, "content-length");
    List<String> codings = values(head.lines, "transfer-encoding");
    if (lengths.size() + codings.size() > 1) {
      throw new BadMessageException("two framings: " + head.lines);
    }
    if (!codings.isEmpty()) {
      if (!codings.getFirst().equals("chunked")) {
        throw new BadMessageException("coding: " + codings);
      }
      return chunked(head, status);
    }
    if (lengths.isEmpty() && response) {
      String rest = text.substring(head.end);
      return closed
          ? Optional.of(message(head, status, rest, rest, text.length()))
          : Optional.empty();
    }
    if (!lengths.isEmpty() && !LENGTH.matcher(lengths.getFirst()).matches()) {
      throw new BadMessageException("length: " + lengths);
    }
    int length = lengths.isEmpty() ? 0 : Integer.parseInt(lengths.getFirst());
    if (text.length() - head.end < length) {
      return Optional.empty();
    }
    String body = text.substring(head.end, head.end + length);
    return Optional.of(message(head, status, body, body, head.end + length));
  }

  private Optional<Message> chunked(Head head, int status) {
    StringBuilder body = new StringBuilder();
    int position = head.end;
    while (true) {
      int lineEnd = text.indexOf("\r\n", position);
      if (lineEnd < 0) {
        return Optional.empty();
      }
      String size = text.substring(position, lineEnd);
      if (!CHUNK_SIZE.matcher(size).matches()) {
        throw new BadMessageException("chunk size: " + size);
      }
      int length = Integer.parseInt(size, 16);
      position = lineEnd + 2;
      if (length == 0) {
        return trailers(head, status, body.toString(), position);
      }
      if (text.length() < position + length + 2) {
        return Optional.empty();
      }
      body.append(text, position, position + length);
      position += length;
      if (!text.startsWith("\r\n", position)) {
        throw new BadMessageException("no CRLF behind a chunk of " + length);
      }
      position += 2;
    }
  }

  private Optional<Message> trailers(Head head, int status, String body, int position) {
    int end = text.startsWith("\r\n", position) ? position : text.indexOf("\r\n\r\n", position) + 2;
    if (end < position) {
      return Optional.empty();
    }
    String trailers = text.substring(position, end);
    if (!trailers.isEmpty()) {
      lines(trailers.substring(0, trailers.length() - 2)).forEach(MessageReader::checkField);
    }
    String chunk =
        body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    return Optional.of(message(head, status, chunk + "0\r\n" + trailers + "\r\n", body, end + 2));
  }

  /** The message whose rest is that on the wire; moves to what follows. */
  private Message message(Head head, int status, String wire, String body, int next) {
    at = next;
    StringBuilder canonical = new StringBuilder();
    head.lines.stream()
        .filter(line -> !ADDED.matcher(line).matches())
        .forEach(line -> canonical.append(line).append("\r\n"));
    canonical.append("\r\n").append(wire);
    return new Message(canonical.toString(), head.lines.getFirst(), status, body);
  }
}
