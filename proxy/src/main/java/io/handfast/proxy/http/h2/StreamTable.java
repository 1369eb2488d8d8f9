package io.handfast.proxy.http.h2;

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
   */
  void checkData(int streamId, boolean ended) throws H2Exception {
    if (ended || closed.how(streamId) != ClosedStreams.How.RESET_BY_US) {
      throw H2Exception.stream(
          streamId, H2Error.STREAM_CLOSED, "DATA: on a closed stream (expected: an open one)");
    }
  }

  /** A field section has come for a stream that is neither open nor idle. */
  void checkFields(int streamId) throws H2Exception {
    switch (closed.how(streamId)) {
      case RESET_BY_US -> {
        // The peer had sent it before it knew.
      }
      case BY_PEER ->
          throw H2Exception.connection(
              H2Error.STREAM_CLOSED, "HEADERS: on a closed stream (expected: an open one)");
      case UNKNOWN ->
          throw H2Exception.connection(
              H2Error.PROTOCOL_ERROR, "HEADERS: stream " + streamId + " (expected: a new number)");
    }
  }

  /**
   * The streams of a connection that have closed last: what still comes for them is judged by how
   * they closed. Bounded; an older one counts as never opened. Confined to the connection's loop.
   */
  private static final class ClosedStreams {
    /** How many are remembered. */
    private static final int REMEMBERED = 128;

    /** How a stream closed. */
    enum How {
      /** We have reset it: the peer may not know yet. */
      RESET_BY_US,
      /** The peer has reset it, or both sides have ended. */
      BY_PEER,
      /** Never opened, or too long ago. */
      UNKNOWN
    }

    private final int[] ids = new int[REMEMBERED];
    private final boolean[] byUs = new boolean[REMEMBERED];
    private int next;

    void add(int streamId, boolean resetByUs) {
      ids[next] = streamId;
      byUs[next] = resetByUs;
      next = (next + 1) % REMEMBERED;
    }

    How how(int streamId) {
      for (int i = 0; i < REMEMBERED; i++) {
        if (ids[i] == streamId) {
          return byUs[i] ? How.RESET_BY_US : How.BY_PEER;
        }
      }
      return How.UNKNOWN;
    }
  }
}
