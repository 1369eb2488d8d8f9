package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;

/**
 * The idle and request timeouts of one stream. A byte that moves only notes the time: the timer
 * looks when it runs out. Confined to the stream's event loop.
 */
final class StreamTimers {
  private final ManagedStream stream;
  private final Dispatcher dispatcher;
  private Duration idle;
  private final Duration request;
  private long movedNanos;
  private Dispatcher.Timer idleTimer = Dispatcher.Timer.NONE;
  private Dispatcher.Timer requestTimer = Dispatcher.Timer.NONE;

  StreamTimers(ManagedStream stream, Dispatcher dispatcher, HttpTimeouts timeouts) {
    this.stream = stream;
    this.dispatcher = dispatcher;
    this.idle = timeouts.streamIdle();
    this.request = timeouts.request();
  }

  void begin(boolean requestComplete, long nowNanos) {
    movedNanos = nowNanos;
    if (idle.isPositive()) {
      watchIdle(idle);
    }
    if (request.isPositive() && !requestComplete) {
      requestTimer = dispatcher.schedule(request, () -> stream.run(stream::onRequestTimeout));
    }
  }

  /** The route's own idle timeout, in place of the connection manager's. */
  void idle(Duration ofRoute) {
    idle = ofRoute;
    idleTimer.cancel();
    if (idle.isPositive()) {
      watchIdle(idle);
    }
  }

  void moved() {
    movedNanos = dispatcher.nanoTime();
  }

  void requestEnded() {
    requestTimer.cancel();
  }

  void end() {
    idleTimer.cancel();
    requestTimer.cancel();
  }

  private void watchIdle(Duration left) {
    idleTimer = dispatcher.schedule(left, () -> stream.run(this::onIdleTimer));
  }

  private void onIdleTimer() {
    Duration still = idle.minusNanos(dispatcher.nanoTime() - movedNanos);
    if (still.isPositive()) {
      watchIdle(still);
    } else {
      stream.onIdle();
    }
  }
}
