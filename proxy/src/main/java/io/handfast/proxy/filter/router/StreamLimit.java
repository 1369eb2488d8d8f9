package io.handfast.proxy.filter.router;

import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.grpc.GrpcTimeout;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;

/**
 * What is left of the time that a stream may take: a timer here, a {@code grpc-timeout} for whoever
 * is next. Confined to the stream's event loop.
 */
final class StreamLimit {
  private static final long NONE = Long.MAX_VALUE;

  private final HttpFilterContext context;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;

  /** By how much what was carried on was rounded down: so much sooner the next may be. */
  private long rounding;

  private boolean ended;

  StreamLimit(HttpFilterContext context) {
    this.context = context;
  }

  /** Watches the limit, if there is one; false if it has passed. */
  boolean start(Runnable onPassed) {
    long left = left();
    if (left <= 0) {
      return false;
    }
    if (left != NONE) {
      timer = context.schedule(Duration.ofNanos(left), onPassed);
    }
    return true;
  }

  /**
   * Whether it has passed for the endpoint that it was carried on to, though our own timer may not
   * have come to it yet.
   */
  boolean hasPassedUpstream() {
    return !ended && left() <= rounding;
  }

  /** The time that is left now goes with a request of gRPC. */
  void carryOn() {
    RequestHead head = context.requestHead();
    long left = left();
    if (left != NONE && head.isGrpc()) {
      String carried = GrpcTimeout.format(left);
      rounding = left - GrpcTimeout.parse(carried);
      head.headers().set(GrpcTimeout.NAME, carried);
    }
  }

  void end() {
    ended = true;
    timer.cancel();
  }

  private long left() {
    return context.info().hasLimit()
        ? context.info().leftNanos(context.dispatcher().nanoTime())
        : NONE;
  }
}
