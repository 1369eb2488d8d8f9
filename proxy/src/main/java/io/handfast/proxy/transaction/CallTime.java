package io.handfast.proxy.transaction;

import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilterContext;
import java.time.Duration;
import java.util.Optional;

/**
 * How long a call may take by its route, and how long its caller says that it waits. Confined to
 * the stream's event loop.
 */
final class CallTime {
  /**
   * Milliseconds in which whoever sends a request expects its answer. Envoy's router sets it, so it
   * is there where an Envoy calls, too (Envoy, HTTP filters, Router,
   * "x-envoy-expected-rq-timeout-ms").
   */
  static final String EXPECTED = "x-envoy-expected-rq-timeout-ms";

  private static final int MAX_DIGITS = 10;

  private CallTime() {}

  /** The route's timeout; empty where it has none. */
  static Optional<Duration> longest(HttpFilterContext context) {
    Route route = context.route();
    return route != null && route.action() instanceof RouteAction.Upstream upstream
        ? upstream.options().longest(context.requestHead().isGrpc())
        : Optional.empty();
  }

  /** How long the caller waits from now on, as far as the request says so. */
  static Optional<Duration> callerWaits(HttpFilterContext context) {
    return shorter(left(context), expected(context.requestHead().headers()));
  }

  /** Tells whoever is called how long its answer is waited for, where that has an end. */
  static void tell(HttpFilterContext context) {
    Headers headers = context.requestHead().headers();
    shorter(shorter(longest(context), left(context)), expected(headers))
        .ifPresent(time -> headers.set(EXPECTED, Long.toString(Math.max(1, time.toMillis()))));
  }

  private static Optional<Duration> left(HttpFilterContext context) {
    long left = context.info().leftNanos(context.dispatcher().nanoTime());
    return left == Long.MAX_VALUE ? Optional.empty() : Optional.of(Duration.ofNanos(left));
  }

  /** What is no number of milliseconds says nothing; nor does 0, by which Envoy means no limit. */
  private static Optional<Duration> expected(Headers headers) {
    String value = headers.get(EXPECTED);
    if (value == null || value.isEmpty() || value.length() > MAX_DIGITS) {
      return Optional.empty();
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return Optional.empty();
      }
    }
    return Optional.of(Duration.ofMillis(Long.parseLong(value))).filter(Duration::isPositive);
  }

  private static Optional<Duration> shorter(Optional<Duration> one, Optional<Duration> other) {
    if (one.isPresent() && other.isPresent()) {
      return one.get().compareTo(other.get()) < 0 ? one : other;
    }
    return one.or(() -> other);
  }
}
