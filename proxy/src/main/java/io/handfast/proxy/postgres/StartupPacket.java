package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client says before anything has a type: the messages without one with which a connection
 * of PostgreSQL begins. Pure.
 *
 * <p>Source: PostgreSQL's documentation, "Message Formats", and its {@code backend_startup.c}.
 */
sealed interface StartupPacket {
  /** {@code MAX_STARTUP_PACKET_LENGTH}. */
  int MAX_LENGTH = 10_000;

  int CANCEL_REQUEST = 80_877_102;
  int SSL_REQUEST = 80_877_103;
  int GSS_REQUEST = 80_877_104;

  /** TLS is asked for. */
  record SslRequest() implements StartupPacket {}

  /** Encryption by GSSAPI is asked for. */
  record GssRequest() implements StartupPacket {}

  /** Another connection's statement is to be cancelled. */
  record CancelRequest() implements StartupPacket {}

  /**
   * A session is to begin.
   *
   * @param minor of protocol 3; the server says which it speaks
   * @param parameters as the client gives them
   */
  record Startup(int minor, Map<String, String> parameters) implements StartupPacket {
    public Startup {
      parameters = Map.copyOf(parameters);
    }

    /**
     * Whether the connection is one of replication, physical or logical: anything but a false of
     * PostgreSQL's {@code parse_bool}, so that none is taken for a session.
     */
    boolean replicates() {
      String value = parameters.get("replication");
      if (value == null) {
        return false;
      }
      String text = value.toLowerCase(Locale.ROOT);
      boolean negative =
          text.equals("0")
              || text.equals("of")
              || text.equals("off")
              || (!text.isEmpty() && ("false".startsWith(text) || "no".startsWith(text)));
      return !negative;
    }
  }

  /**
   * It is none.
   *
   * @param sqlState five characters
   * @param message a sentence for people
   */
  record Malformed(String sqlState, String message) implements StartupPacket {}

  /**
   * Reads the packet at the reader's index; null if it is not all there yet. Only where it is
   * complete the index is moved, behind it.
   */
  static @Nullable StartupPacket read(ByteBuf in) {
    if (in.readableBytes() < 4) {
      return null;
    }
    int start = in.readerIndex();
    int length = in.getInt(start);
    if (length < 8 || length > MAX_LENGTH) {
      return protocol(
          "invalid length of startup packet: "
              + Integer.toUnsignedString(length)
              + " (expected: 8 to "
              + MAX_LENGTH
              + ", as of PostgreSQL's protocol 3)");
    }
    if (in.readableBytes() < length) {
      return null;
    }
    in.skipBytes(length);
    int code = in.getInt(start + 4);
    return switch (code) {
      case SSL_REQUEST -> alone(length, new SslRequest());
      case GSS_REQUEST -> alone(length, new GssRequest());
      case CANCEL_REQUEST -> new CancelRequest();
      default ->
          code >>> 16 == 3
              ? startup(code & 0xffff, in.slice(start + 8, length - 8))
              : new Malformed(
                  "0A000",
                  "unsupported frontend protocol %d.%d (expected: 3.0 or newer of 3)"
                      .formatted(code >>> 16, code & 0xffff));
    };
  }

  private static StartupPacket alone(int length, StartupPacket request) {
    return length == 8 ? request : protocol("invalid length of startup packet: " + length);
  }

  private static StartupPacket startup(int minor, ByteBuf body) {
    Map<String, String> parameters = new LinkedHashMap<>();
    while (true) {
      String name = text(body);
      if (name == null) {
        return protocol("invalid startup packet layout: no terminator as last byte");
      }
      if (name.isEmpty()) {
        return body.isReadable()
            ? protocol("invalid startup packet layout: bytes behind the terminator")
            : new Startup(minor, parameters);
      }
      String value = text(body);
      if (value == null) {
        return protocol("invalid startup packet layout: no value for " + printable(name));
      }
      parameters.put(name, value);
    }
  }

  private static @Nullable String text(ByteBuf body) {
    int length = body.bytesBefore((byte) 0);
    if (length < 0) {
      return null;
    }
    String text = body.readCharSequence(length, UTF_8).toString();
    body.skipBytes(1);
    return text;
  }

  private static String printable(String name) {
    return name.replaceAll("[^ -~]", "?");
  }

  private static Malformed protocol(String message) {
    return new Malformed("08P01", message);
  }
}
