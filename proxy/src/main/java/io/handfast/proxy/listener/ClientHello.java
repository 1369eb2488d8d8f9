package io.handfast.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The first message of a TLS client (RFC 8446, 4.1.2), as far as it tells where a connection wants
 * to go. It may come in any pieces, and in any number of records. Not thread-safe.
 */
final class ClientHello {

  /** What has come so far. */
  enum State {
    PARTIAL,
    COMPLETE,
    /** No ClientHello, or one that is not well formed. */
    NOT_TLS,
    /** Longer than {@link #MAX_BYTES}. */
    TOO_LARGE
  }

  /** Records and all; Envoy's {@code TLS_MAX_CLIENT_HELLO}. */
  static final int MAX_BYTES = 16 * 1024;

  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SSL_3 = 3;
  private static final int VERSION_AND_RANDOM = 2 + 32;
  private static final int EXTENSION_SERVER_NAME = 0;
  private static final int EXTENSION_ALPN = 16;
  private static final int HOST_NAME = 0;

  private final ByteBuf message = Unpooled.buffer(512, MAX_BYTES);
  private int taken;
  private int leftInRecord;
  private String serverName = "";
  private List<String> applicationProtocols = List.of();

  /** By SNI, in lower case; empty if there is none. */
  String serverName() {
    return serverName;
  }

  /** By ALPN, in the client's order. */
  List<String> applicationProtocols() {
    return applicationProtocols;
  }

  /** How many bytes of the connection it is. */
  int bytes() {
    return taken;
  }

  /**
   * Reads on.
   *
   * @param begin all bytes of the connection so far; its indexes stay
   */
  State read(ByteBuf begin) {
    int end = Math.min(begin.readableBytes(), MAX_BYTES);
    while (taken < end) {
      int at = begin.readerIndex() + taken;
      if (leftInRecord > 0) {
        int length = Math.min(leftInRecord, end - taken);
        message.writeBytes(begin, at, length);
        taken += length;
        leftInRecord -= length;
        State state = messageState();
        if (state != State.PARTIAL) {
          return state;
        }
      } else if (begin.getByte(at) != HANDSHAKE
          || (end - taken > 1 && begin.getByte(at + 1) != SSL_3)) {
        return State.NOT_TLS;
      } else if (end - taken < RECORD_HEADER) {
        break;
      } else {
        leftInRecord = begin.getUnsignedShort(at + 3);
        taken += RECORD_HEADER;
        if (leftInRecord == 0) {
          return State.NOT_TLS;
        }
      }
    }
    return begin.readableBytes() >= MAX_BYTES ? State.TOO_LARGE : State.PARTIAL;
  }

  private State messageState() {
    if (message.getByte(0) != CLIENT_HELLO) {
      return State.NOT_TLS;
    }
    if (message.readableBytes() < MESSAGE_HEADER) {
      return State.PARTIAL;
    }
    int length = message.getUnsignedMedium(1);
    if (length > MAX_BYTES - RECORD_HEADER - MESSAGE_HEADER) {
      return State.TOO_LARGE;
    }
    if (message.readableBytes() < MESSAGE_HEADER + length) {
      return State.PARTIAL;
    }
    try {
      return body(message.slice(MESSAGE_HEADER, length)) ? State.COMPLETE : State.NOT_TLS;
    } catch (IndexOutOfBoundsException e) { // a length that says more than there is
      return State.NOT_TLS;
    }
  }

  private boolean body(ByteBuf body) {
    body.skipBytes(VERSION_AND_RANDOM);
    body.skipBytes(body.readUnsignedByte()); // session
    body.skipBytes(body.readUnsignedShort()); // cipher suites
    body.skipBytes(body.readUnsignedByte()); // compression
    if (!body.isReadable()) {
      return true;
    }
    ByteBuf extensions = vector(body);
    while (extensions.isReadable()) {
      int type = extensions.readUnsignedShort();
      ByteBuf extension = vector(extensions);
      boolean good =
          switch (type) {
            case EXTENSION_SERVER_NAME -> serverName(extension);
            case EXTENSION_ALPN -> applicationProtocols(extension);
            default -> true;
          };
      if (!good) {
        return false;
      }
    }
    return !body.isReadable();
  }

  /** RFC 6066, 3. */
  private boolean serverName(ByteBuf extension) {
    ByteBuf names = vector(extension);
    while (names.isReadable()) {
      int type = names.readUnsignedByte();
      String name = vector(names).toString(StandardCharsets.ISO_8859_1);
      if (type == HOST_NAME) {
        if (name.isEmpty() || !serverName.isEmpty() || !isPrintable(name)) {
          return false;
        }
        serverName = name.toLowerCase(Locale.ROOT);
      }
    }
    return true;
  }

  private static boolean isPrintable(String name) {
    return name.length() <= 255 && name.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  /** RFC 7301, 3.1. */
  private boolean applicationProtocols(ByteBuf extension) {
    ByteBuf list = vector(extension);
    List<String> protocols = new ArrayList<>();
    while (list.isReadable()) {
      int length = list.readUnsignedByte();
      if (length == 0) {
        return false;
      }
      protocols.add(list.readSlice(length).toString(StandardCharsets.ISO_8859_1));
    }
    applicationProtocols = List.copyOf(protocols);
    return true;
  }

  private static ByteBuf vector(ByteBuf in) {
    return in.readSlice(in.readUnsignedShort());
  }
}
