package io.handfast.proxy.accesslog;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The {@code strftime} formats of {@code %START_TIME(…)%}, in UTC: {@code %Y %m %d %H %M %S %F %T
 * %s %f %1f}…{@code %9f %e %j %b %a %Z %z %%}. Immutable.
 */
final class TimeFormat {

  /** As in RFC 3339, with milliseconds. */
  static final String DEFAULT = "%Y-%m-%dT%H:%M:%S.%3fZ";

  private interface Piece {
    void append(LocalDateTime time, StringBuilder out);
  }

  private final List<Piece> pieces;

  private TimeFormat(List<Piece> pieces) {
    this.pieces = List.copyOf(pieces);
  }

  /**
   * Reads a format.
   *
   * @throws IllegalArgumentException if it has a specifier that is not known
   */
  static TimeFormat compile(String format) {
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at);
      if (c != '%') {
        pieces.add((time, out) -> out.append(c));
        at++;
        continue;
      }
      char specifier = at + 1 < format.length() ? format.charAt(at + 1) : ' ';
      if (specifier >= '1' && specifier <= '9' && format.startsWith("f", at + 2)) {
        pieces.add(fraction(specifier - '0'));
        at += 3;
      } else {
        pieces.add(piece(specifier, format));
        at += 2;
      }
    }
    return new TimeFormat(pieces);
  }

  String format(long epochMillis) {
    LocalDateTime time =
        LocalDateTime.ofEpochSecond(
            Math.floorDiv(epochMillis, 1000),
            Math.floorMod(epochMillis, 1000) * 1_000_000,
            ZoneOffset.UTC);
    StringBuilder out = new StringBuilder(24);
    for (Piece piece : pieces) {
      piece.append(time, out);
    }
    return out.toString();
  }

  private static Piece piece(char specifier, String format) {
    return switch (specifier) {
      case 'Y' -> (time, out) -> padded(time.getYear(), 4, out);
      case 'm' -> (time, out) -> padded(time.getMonthValue(), 2, out);
      case 'd' -> (time, out) -> padded(time.getDayOfMonth(), 2, out);
      case 'H' -> (time, out) -> padded(time.getHour(), 2, out);
      case 'M' -> (time, out) -> padded(time.getMinute(), 2, out);
      case 'S' -> (time, out) -> padded(time.getSecond(), 2, out);
      case 'F' -> date();
      case 'T' -> timeOfDay();
      case 's' -> (time, out) -> out.append(time.toEpochSecond(ZoneOffset.UTC));
      case 'f' -> fraction(9);
      case 'e' ->
          (time, out) ->
              out.append(time.getDayOfMonth() < 10 ? " " : "").append(time.getDayOfMonth());
      case 'j' -> (time, out) -> padded(time.getDayOfYear(), 3, out);
      case 'b' ->
          (time, out) -> out.append(time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ROOT));
      case 'a' ->
          (time, out) ->
              out.append(time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ROOT));
      case 'Z' -> (time, out) -> out.append("UTC");
      case 'z' -> (time, out) -> out.append("+0000");
      case '%' -> (time, out) -> out.append('%');
      default ->
          throw new IllegalArgumentException(
              "%START_TIME("
                  + format
                  + ")%: %"
                  + specifier
                  + " (expected: %Y %m %d %H %M %S %F %T %s %f %1f to %9f %e %j %b %a %Z %z %%)");
    };
  }

  private static Piece date() {
    return (time, out) -> {
      padded(time.getYear(), 4, out);
      out.append('-');
      padded(time.getMonthValue(), 2, out);
      out.append('-');
      padded(time.getDayOfMonth(), 2, out);
    };
  }

  private static Piece timeOfDay() {
    return (time, out) -> {
      padded(time.getHour(), 2, out);
      out.append(':');
      padded(time.getMinute(), 2, out);
      out.append(':');
      padded(time.getSecond(), 2, out);
    };
  }

  private static Piece fraction(int digits) {
    int divisor = (int) Math.pow(10, 9 - digits);
    return (time, out) -> padded(time.get(ChronoField.NANO_OF_SECOND) / divisor, digits, out);
  }

  private static void padded(int value, int digits, StringBuilder out) {
    String text = Integer.toString(value);
    for (int i = text.length(); i < digits; i++) {
      out.append('0');
    }
    out.append(text);
  }
}
