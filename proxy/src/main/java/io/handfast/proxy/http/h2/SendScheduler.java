package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.h2.frame.Frames;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Which stream sends next: one frame each in turn, as long as the connection's window and its
 * socket have room. Priorities are not looked at (RFC 9113 section 5.3). Confined to the
 * connection's loop.
 */
final class SendScheduler {
  private final H2Connection connection;
  private final int bufferLimit;
  private final Deque<SendQueue> turn = new ArrayDeque<>();
  private long window = Frames.DEFAULT_WINDOW_BYTES;
  private long queuedBytes;
  private boolean full;
  private boolean running;

  /**
   * @param bufferLimit bytes that may wait on all streams together before none is writable
   */
  SendScheduler(H2Connection connection, int bufferLimit) {
    this.connection = connection;
    this.bufferLimit = bufferLimit;
  }

  /** So many bytes wait on some stream. */
  void queued(long bytes) {
    queuedBytes += bytes;
    full |= queuedBytes >= bufferLimit;
  }

  /** So many bytes of some stream wait no longer. */
  void unqueued(long bytes) {
    queuedBytes -= bytes;
    if (full && queuedBytes <= bufferLimit / 2) {
      full = false;
      for (H2Stream stream : connection.eachStream()) {
        stream.sending().updateWritable();
      }
    }
  }

  /** Whether so much waits on all streams together that none should add to its own share. */
  boolean isFull() {
    return full;
  }

  /** The stream has something to send. */
  void send(SendQueue queue) {
    if (queue.isReady() && !queue.isScheduled()) {
      queue.scheduled(true);
      turn.addLast(queue);
      run();
    }
  }

  /** The peer opens the connection's window; false if beyond what there is. */
  boolean widen(int increment) {
    window += increment;
    if (window > Frames.MAX_WINDOW_BYTES) {
      return false;
    }
    run();
    return true;
  }

  /** Sends while there is room. */
  void run() {
    if (running) {
      return;
    }
    running = true;
    try {
      SendQueue next = turn.peekFirst();
      while (next != null && connection.hasRoom() && (window > 0 || !next.needsWindow())) {
        turn.removeFirst();
        next.scheduled(false);
        if (next.isReady()) {
          window -= next.writeFrame(window);
        }
        if (next.isReady() && !next.isScheduled()) {
          next.scheduled(true);
          turn.addLast(next);
        }
        next = turn.peekFirst();
      }
    } finally {
      running = false;
    }
  }
}
