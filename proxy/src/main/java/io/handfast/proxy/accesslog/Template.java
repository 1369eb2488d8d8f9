package io.handfast.proxy.accesslog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with command operators: {@code %NAME%}, {@code %NAME(parameter)%}, {@code
 * %NAME(parameter):length%}, and {@code %%} for a percent sign. Immutable.
 */
final class Template {

  private static final Pattern COMMAND =
      Pattern.compile("%([A-Z0-9_]+)(?:\\(([^)]*)\\))?(?::([0-9]{1,6}))?%");

  /** What stands in a log where an operator has no value, as in Envoy. */
  private static final String ABSENT = "-";

  private sealed interface Piece {
    record Literal(String text) implements Piece {}

    record Command(Operator operator, int maxLength) implements Piece {}
  }

  private final List<Piece> pieces;
  private final String absent;

  private Template(List<Piece> pieces, String absent) {
    this.pieces = List.copyOf(pieces);
    this.absent = absent;
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException saying what is wrong and what was expected
   */
  static Template compile(String text) {
    return compile(text, ABSENT);
  }

  /**
   * Reads a template.
   *
   * @param absent what stands where an operator has no value
   * @throws IllegalArgumentException saying what is wrong and what was expected
   */
  static Template compile(String text, String absent) {
    List<Piece> pieces = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher matcher = COMMAND.matcher(text);
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c != '%') {
        literal.append(c);
        at++;
      } else if (text.startsWith("%%", at)) {
        literal.append('%');
        at += 2;
      } else if (matcher.find(at) && matcher.start() == at) {
        flush(literal, pieces);
        int maxLength =
            matcher.group(3) == null ? Integer.MAX_VALUE : Integer.parseInt(matcher.group(3));
        pieces.add(
            new Piece.Command(Operators.create(matcher.group(1), matcher.group(2)), maxLength));
        at = matcher.end();
      } else {
        throw new IllegalArgumentException(
            "'"
                + text.substring(at, Math.min(text.length(), at + 20))
                + "' at position "
                + at
                + " (expected: %OPERATOR%, %OPERATOR(PARAMETER)%, %OPERATOR(PARAMETER):LENGTH% or"
                + " %%)");
      }
    }
    flush(literal, pieces);
    return new Template(pieces, absent);
  }

  private static void flush(StringBuilder literal, List<Piece> pieces) {
    if (!literal.isEmpty()) {
      pieces.add(new Piece.Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  /** Whether it has no operator. */
  boolean isLiteral() {
    return pieces.stream().allMatch(piece -> piece instanceof Piece.Literal);
  }

  /** Appends the text. */
  void append(LogRecord log, StringBuilder out) {
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Literal literal -> out.append(literal.text());
        case Piece.Command command -> append(command, log, out);
      }
    }
  }

  /**
   * Appends a JSON value: a template of one operator keeps its type and may be null, everything
   * else is a string.
   *
   * @return whether it has a value; if not, null was appended
   */
  boolean appendJson(LogRecord log, StringBuilder out) {
    if (pieces.size() == 1 && pieces.getFirst() instanceof Piece.Command command) {
      switch (command.operator()) {
        case Operator.OfNumber number -> {
          long value = number.value(log);
          if (value >= 0) {
            out.append(value);
            return true;
          }
        }
        case Operator.OfText text -> {
          String value = text.value(log);
          if (value != null && !value.isEmpty()) {
            Json.quote(value, Math.min(value.length(), command.maxLength()), out);
            return true;
          }
        }
      }
      out.append("null");
      return false;
    }
    StringBuilder text = new StringBuilder();
    append(log, text);
    Json.quote(text, text.length(), out);
    return true;
  }

  private void append(Piece.Command command, LogRecord log, StringBuilder out) {
    switch (command.operator()) {
      case Operator.OfNumber number -> {
        long value = number.value(log);
        if (value < 0) {
          out.append(absent);
        } else {
          out.append(value);
        }
      }
      case Operator.OfText text -> {
        String value = text.value(log);
        if (value == null || value.isEmpty()) {
          out.append(absent);
        } else {
          appendPrintable(value, Math.min(value.length(), command.maxLength()), out);
        }
      }
    }
  }

  /** A value cannot begin a line of its own, whatever a peer got into it. */
  private static void appendPrintable(String value, int length, StringBuilder out) {
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      out.append(c < ' ' || c == 0x7f ? '?' : c);
    }
  }
}
