package io.handfast.proxy.http.grpc;

import org.jspecify.annotations.Nullable;

/**
 * The value of {@code grpc-timeout}: one to eight digits and a unit (gRPC over HTTP/2, "Requests").
 * Pure.
 */
public final class GrpcTimeout {
  /** The field. */
  public static final String NAME = "grpc-timeout";

  /** What {@link #parse} says of a field that is not there or no timeout. */
  public static final long NONE = -1;

  private static final int MAX_DIGITS = 8;
  private static final long MAX_VALUE = 99_999_999;
  private static final char[] UNITS = {'n', 'u', 'm', 'S', 'M', 'H'};
  private static final long[] NANOS = {
    1, 1_000, 1_000_000, 1_000_000_000L, 60_000_000_000L, 3_600_000_000_000L
  };

  private GrpcTimeout() {}

  /**
   * The nanoseconds that a value stands for, at most {@link Long#MAX_VALUE}; {@link #NONE} for what
   * is no timeout. As in Envoy such a value is no error: the request has no deadline.
   */
  public static long parse(@Nullable String value) {
    if (value == null || value.length() < 2 || value.length() > MAX_DIGITS + 1) {
      return NONE;
    }
    int last = value.length() - 1;
    long number = 0;
    for (int i = 0; i < last; i++) {
      int digit = value.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NONE;
      }
      number = number * 10 + digit;
    }
    for (int unit = 0; unit < UNITS.length; unit++) {
      if (UNITS[unit] == value.charAt(last)) {
        return number > Long.MAX_VALUE / NANOS[unit] ? Long.MAX_VALUE : number * NANOS[unit];
      }
    }
    return NONE;
  }

  /** That many nanoseconds in the finest unit that has room for them, rounded down. */
  public static String format(long nanos) {
    int unit = 0;
    while (unit < UNITS.length - 1 && nanos / NANOS[unit] > MAX_VALUE) {
      unit++;
    }
    return Math.max(0, nanos / NANOS[unit]) + String.valueOf(UNITS[unit]);
  }
}
