package io.handfast.proxy.http.grpc;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The fields that gRPC has in heads and trailers. Pure. */
public final class Grpc {
  /** The type of every message of gRPC; a suffix may say how messages are encoded. */
  public static final String CONTENT_TYPE = "application/grpc";

  /** The number of the status: in the trailers, or in a head that is the end. */
  public static final String STATUS = "grpc-status";

  /** A sentence about the status, percent-encoded. */
  public static final String MESSAGE = "grpc-message";

  /** A {@code google.rpc.Status} in base64: what a program may want to know. */
  public static final String DETAILS = "grpc-status-details-bin";

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private Grpc() {}

  /**
   * Whether a message of that content type is gRPC. gRPC-Web is not: its status is a part of the
   * body.
   */
  public static boolean is(@Nullable String contentType) {
    int length = CONTENT_TYPE.length();
    if (contentType == null || !contentType.regionMatches(true, 0, CONTENT_TYPE, 0, length)) {
      return false;
    }
    char next = contentType.length() == length ? ';' : contentType.charAt(length);
    return next == ';' || next == '+' || next == ' ';
  }

  /** Text as a value of {@link #MESSAGE}. */
  public static String encodeMessage(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b <= '~' && b != '%') {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HEX[(b >> 4) & 0xf]).append(HEX[b & 0xf]);
      }
    }
    return encoded.toString();
  }

  /** Bytes as a value of a field whose name ends in {@code -bin}. */
  public static String encodeBinary(byte[] bytes) {
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }
}
