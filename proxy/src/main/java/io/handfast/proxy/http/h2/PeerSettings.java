package io.handfast.proxy.http.h2;

import io.handfast.proxy.http.h2.frame.Frames;
import io.handfast.proxy.http.h2.frame.H2Error;
import io.handfast.proxy.http.h2.frame.H2Exception;
import io.handfast.proxy.http.h2.frame.Payload;

/** What the peer has said that it takes (RFC 9113 section 6.5.2). Confined to the loop. */
final class PeerSettings {
  private final boolean mayEnablePush;
  private int initialWindow = Frames.DEFAULT_WINDOW_BYTES;
  private long maxStreams = Integer.MAX_VALUE;
  private long tableBytes = Frames.DEFAULT_TABLE_BYTES;
  private long leastTableBytes = Frames.DEFAULT_TABLE_BYTES;
  private boolean connectProtocol;
  private boolean known;

  /**
   * @param mayEnablePush the peer is a client; a server may only say that it does not push
   */
  PeerSettings(boolean mayEnablePush) {
    this.mayEnablePush = mayEnablePush;
  }

  /** Whether it has said anything. */
  boolean isKnown() {
    return known;
  }

  /** Any other frame has come: its settings must have come before. */
  void requireKnown() throws H2Exception {
    if (!known) {
      throw H2Exception.connection(
          H2Error.PROTOCOL_ERROR, "first frame: another (expected: SETTINGS)");
    }
  }

  int initialWindow() {
    return initialWindow;
  }

  long maxStreams() {
    return maxStreams;
  }

  /** Whether it takes an extended CONNECT (RFC 8441); once said it stays. */
  boolean connectProtocol() {
    return connectProtocol;
  }

  long tableBytes() {
    return tableBytes;
  }

  /** The least of the sizes that the last settings gave the table, one after the other. */
  long leastTableBytes() {
    return leastTableBytes;
  }

  void read(Payload settings) throws H2Exception {
    known = true;
    leastTableBytes = tableBytes;
    while (!settings.isEmpty()) {
      set(settings.readUnsignedShort(), settings.readUnsignedInt());
    }
  }

  private void set(int identifier, long value) throws H2Exception {
    switch (identifier) {
      case Frames.HEADER_TABLE_SIZE -> {
        tableBytes = value;
        leastTableBytes = Math.min(leastTableBytes, value);
      }
      case Frames.ENABLE_PUSH -> {
        if (value > (mayEnablePush ? 1 : 0)) {
          throw wrong(H2Error.PROTOCOL_ERROR, "ENABLE_PUSH", value);
        }
      }
      case Frames.MAX_CONCURRENT_STREAMS -> maxStreams = value;
      case Frames.INITIAL_WINDOW_SIZE -> {
        if (value > Frames.MAX_WINDOW_BYTES) {
          throw wrong(H2Error.FLOW_CONTROL_ERROR, "INITIAL_WINDOW_SIZE", value);
        }
        initialWindow = (int) value;
      }
      case Frames.MAX_FRAME_SIZE -> {
        if (value < Frames.DEFAULT_MAX_FRAME_BYTES || value > Frames.LARGEST_MAX_FRAME_BYTES) {
          throw wrong(H2Error.PROTOCOL_ERROR, "MAX_FRAME_SIZE", value);
        }
        // Ours stay as they are: larger ones would let one stream keep the others waiting.
      }
      case Frames.ENABLE_CONNECT_PROTOCOL -> {
        if (value > 1 || (value == 0 && connectProtocol)) {
          throw wrong(H2Error.PROTOCOL_ERROR, "ENABLE_CONNECT_PROTOCOL", value);
        }
        connectProtocol = value == 1;
      }
      default -> {
        // MAX_HEADER_LIST_SIZE is advice; what is unknown is ignored.
      }
    }
  }

  static H2Exception wrong(H2Error error, String name, long value) {
    return H2Exception.connection(error, "SETTINGS: " + name + " " + value);
  }
}
