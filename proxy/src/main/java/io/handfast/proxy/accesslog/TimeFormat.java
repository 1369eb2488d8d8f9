package io.handfast.proxy.accesslog;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The {@code strftime} formats of {@code %START_TIME(…)%}: {@code %Y %m %d %H %M %S %F %T %s %f
 * %1f}…{@code %9f %e %j %b %a %Z %z %%}. Immutable.
 */
final class TimeFormat {

  /** As in RFC 3339, with milliseconds. */
  private static final String DEFAULT = "%Y-%m-%dT%H:%M:%S.%3fZ";

  private interface Piece {
    void append(ZonedDateTime time, StringBuilder out);
  }

  /** With its name, which an offset of zero has not. */
  static final ZoneId UTC = ZoneId.of("UTC");

  private static final DateTimeFormatter OFFSET = DateTimeFormatter.ofPattern("xx", Locale.ROOT);
  private static final DateTimeFormatter ZONE = DateTimeFormatter.ofPattern("zzz", Locale.ROOT);

  private final List<Piece> pieces;
  private final ZoneId zone;

  private TimeFormat(List<Piece> pieces, ZoneId zone) {
    this.pieces = List.copyOf(pieces);
    this.zone = zone;
  }

  /**
   * Reads a format; null: that of Envoy.
   *
   * @throws IllegalArgumentException if it has a specifier that is not known
   */
  static TimeFormat compile(@Nullable String parameter, ZoneId zone) {
    String format = parameter == null || parameter.isEmpty() ? DEFAULT : parameter;
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
    return new TimeFormat(pieces, zone);
  }

  String format(long epochMillis) {
    ZonedDateTime time = Instant.ofEpochMilli(epochMillis).atZone(zone);
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
      case 's' -> (time, out) -> out.append(time.toEpochSecond());
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
      case 'Z' -> (time, out) -> ZONE.formatTo(time, out);
      case 'z' -> (time, out) -> OFFSET.formatTo(time, out);
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
