package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.stats.Gauge;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection by number: open ones, and how the last ones closed. Confined to the
 * connection's loop.
 */
final class StreamTable {
  private final IntObjectMap<H2Stream> open = new IntObjectHashMap<>();
  private final ClosedStreams closed = new ClosedStreams();
  private final Gauge active;

  StreamTable(Gauge active) {
    this.active = active;
  }

  int size() {
    return open.size();
  }

  @Nullable H2Stream get(int streamId) {
    return open.get(streamId);
  }

  /** A copy: streams may end while it is gone through. */
  List<H2Stream> copy() {
    return new ArrayList<>(open.values());
  }

  void add(H2Stream stream) {
    open.put(stream.id(), stream);
    active.inc();
  }

  /** Whether it was there. */
  boolean remove(H2Stream stream, boolean resetByUs) {
    if (open.remove(stream.id()) == null) {
      return false;
    }
    active.dec();
    closed.add(stream.id(), resetByUs);
    return true;
  }

  /** A stream that was never open closes. */
  void close(int streamId, boolean resetByUs) {
    closed.add(streamId, resetByUs);
  }

  /**
   * Data has come behind the end of a stream, or for one that is not open: an error unless we have
   * reset it.
   *
   * @param ours we open the streams, and leave no number out: it was open once
   */
  void checkData(int streamId, boolean ended, boolean ours) throws H2Exception {
    boolean late =
        switch (closed.how(streamId)) {
          case RESET_BY_US -> true;
          case BY_PEER -> false;
          case UNKNOWN -> ours;
        };
    if (ended || !late) {
      throw H2Exception.stream(
          streamId, H2Error.STREAM_CLOSED, "DATA: on a closed stream (expected: an open one)");
    }
  }

  /**
   * A field section has come for a stream that is neither open nor idle.
   *
   * @param ours we open the streams, and leave no number out: it was open once
   */
  void checkFields(int streamId, boolean ours) throws H2Exception {
    switch (closed.how(streamId)) {
      case RESET_BY_US -> {
        // The peer had sent it before it knew.
      }
      case BY_PEER ->
          throw H2Exception.connection(
              H2Error.STREAM_CLOSED, "HEADERS: on a closed stream (expected: an open one)");
      case UNKNOWN -> {
        if (!ours) {
          throw H2Exception.connection(
              H2Error.PROTOCOL_ERROR, "HEADERS: stream " + streamId + " (expected: a new number)");
        }
      }
    }
  }

  /**
   * The streams of a connection that have closed last: what still comes for them is judged by how
   * they closed. Those that we have reset are remembered apart, or a busy connection would forget
   * them before its peer has heard of it. Bounded; an older one is not known any more. Confined to
   * the connection's loop.
   */
  private static final class ClosedStreams {
    /** How a stream closed. */
    enum How {
      /** We have reset it: the peer may not know yet. */
      RESET_BY_US,
      /** The peer has reset it, or both sides have ended. */
      BY_PEER,
      /** Never opened, or too long ago. */
      UNKNOWN
    }

    private final Last resetByUs = new Last();
    private final Last others = new Last();

    void add(int streamId, boolean byUs) {
      (byUs ? resetByUs : others).add(streamId);
    }

    How how(int streamId) {
      if (resetByUs.contains(streamId)) {
        return How.RESET_BY_US;
      }
      return others.contains(streamId) ? How.BY_PEER : How.UNKNOWN;
    }
  }

  /** The last numbers of a kind. */
  private static final class Last {
    /** How many are remembered. */
    private static final int REMEMBERED = 128;

    private final int[] ids = new int[REMEMBERED];
    private int next;

    void add(int streamId) {
      ids[next] = streamId;
      next = (next + 1) % REMEMBERED;
    }

    boolean contains(int streamId) {
      for (int id : ids) {
        if (id == streamId) {
          return true;
        }
      }
      return false;
    }
  }
}
