package io.handfast.proxy.http;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * The {@code date} of responses: a text per second, made once. Thread-safe: one reference to an
 * immutable pair; two threads that make the same text do no harm.
 */
public final class HttpDate {
  /** RFC 9110 section 5.6.7; the JDK's own formatter leaves the day at one digit. */
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private volatile Made last = new Made(0, format(0));

  private record Made(long epochSecond, String text) {}

  /** The date at a time. */
  public String at(long epochMillis) {
    long second = Math.floorDiv(epochMillis, 1000L);
    Made known = last;
    if (known.epochSecond != second) {
      known = new Made(second, format(epochMillis));
      last = known;
    }
    return known.text;
  }

  /** The same, made anew. */
  public static String format(long epochMillis) {
    return FORMAT.format(Instant.ofEpochMilli(epochMillis));
  }
}
