package io.handfast.proxy.http.h2;

import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Http2Stats;
import java.time.Duration;

/**
 * Frames that cost their sender next to nothing, and what of them is borne. Each bound is on one
 * connection, and beyond it the connection ends with ENHANCE_YOUR_CALM. Confined to its loop.
 *
 * <p>The bounds on empty frames, PRIORITY, WINDOW_UPDATE and what waits for a peer that does not
 * read are Envoy's ({@code Http2ProtocolOptions}). PING, SETTINGS and unknown frames draw on a
 * budget that time and messages refill. Streams that are reset early are counted against all that
 * were begun, as in Envoy: who is impatient under load cancels some, an attacker nearly all. A
 * proxy whose own client goes away cancels as many as were open, at once: that is borne.
 */
final class FloodGuard {
  /** Control frames at once, and what a second and a frame of a message bring back. */
  static final int CONTROL_BUDGET = 1000;

  private static final int CONTROL_PER_SECOND = 100;
  private static final int CONTROL_PER_MESSAGE_FRAME = 10;

  /** Early resets of a connection that are borne whatever else the peer does, at least. */
  static final int LEAST_FREE_RESETS = 500;

  private static final int MOST_FREE_RESETS = 2048;

  private final Http2Options options;
  private final Http2Stats stats;
  private final Dispatcher dispatcher;
  private final int freeResets;
  private int emptyFrames;
  private long priorityFrames;
  private long windowUpdates;
  private long dataFramesSent;
  private long streams;
  private long controlBudget = CONTROL_BUDGET;
  private long refilledNanos;
  private long resets;
  private int outbound;
  private int outboundControl;

  FloodGuard(Http2Options options, Http2Stats stats, Dispatcher dispatcher) {
    this.options = options;
    this.stats = stats;
    this.dispatcher = dispatcher;
    refilledNanos = dispatcher.nanoTime();
    freeResets =
        Math.clamp(2L * options.maxConcurrentStreams(), LEAST_FREE_RESETS, MOST_FREE_RESETS);
  }

  void stream() {
    streams++;
  }

  void payload(boolean empty) throws H2Exception {
    controlBudget = Math.min(CONTROL_BUDGET, controlBudget + CONTROL_PER_MESSAGE_FRAME);
    emptyFrames = empty ? emptyFrames + 1 : 0;
    if (emptyFrames > options.maxConsecutiveEmptyFrames()) {
      throw flood(stats.inboundEmptyFramesFlood, "empty frames");
    }
  }

  void priority() throws H2Exception {
    priorityFrames++;
    if (priorityFrames > options.maxPriorityFramesPerStream() * (1 + streams)) {
      throw flood(stats.inboundPriorityFramesFlood, "PRIORITY frames");
    }
  }

  void windowUpdate() throws H2Exception {
    windowUpdates++;
    long borne = streams + options.maxWindowUpdatesPerDataFrame() * dataFramesSent;
    if (windowUpdates > 5 + 2 * borne) {
      throw flood(stats.inboundWindowUpdateFramesFlood, "WINDOW_UPDATE frames");
    }
  }

  /** PING, SETTINGS, or a frame that is ignored. */
  void control() throws H2Exception {
    if (controlBudget == 0) {
      refill();
    }
    controlBudget--;
    if (controlBudget < 0) {
      throw flood(stats.inboundControlFramesFlood, "control frames");
    }
  }

  private void refill() {
    long now = dispatcher.nanoTime();
    long seconds = (now - refilledNanos) / Duration.ofSeconds(1).toNanos();
    if (seconds > 0) {
      refilledNanos = now;
      controlBudget = Math.min(CONTROL_BUDGET, seconds * CONTROL_PER_SECOND);
    }
  }

  /** A stream was reset before its response was complete, by the peer or because of it. */
  void earlyReset() throws H2Exception {
    resets++;
    if (resets > freeResets && resets > streams / 2) {
      throw flood(stats.inboundResetFlood, "reset streams");
    }
  }

  /** A DATA frame of ours: its receiver may well answer with WINDOW_UPDATE and PING. */
  void dataSent() {
    dataFramesSent++;
    controlBudget = Math.min(CONTROL_BUDGET, controlBudget + CONTROL_PER_MESSAGE_FRAME);
  }

  /**
   * A frame goes to a peer that takes nothing just now.
   *
   * @return whether that is still borne
   */
  boolean mayQueue(boolean control) {
    outbound++;
    if (control) {
      outboundControl++;
    }
    if (outboundControl > options.maxOutboundControlFrames()) {
      stats.outboundControlFlood.inc();
      return false;
    }
    if (outbound > options.maxOutboundFrames()) {
      stats.outboundFlood.inc();
      return false;
    }
    return true;
  }

  /** The peer takes something again. */
  void drained() {
    outbound = 0;
    outboundControl = 0;
  }

  private static H2Exception flood(Counter counter, String what) {
    counter.inc();
    return H2Exception.connection(
        H2Error.ENHANCE_YOUR_CALM, what + ": too many (expected: messages)");
  }
}
