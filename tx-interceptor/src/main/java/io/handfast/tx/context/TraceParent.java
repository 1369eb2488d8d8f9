package io.handfast.tx.context;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The W3C header {@code traceparent}, as far as a transaction needs it: the trace-id may name a
 * branch where nothing better does (rule T4), and agents carry {@code tracestate} only beside one.
 *
 * @param traceId 32 lower-case hexadecimal digits, not all 0
 * @param parentId 16 lower-case hexadecimal digits, not all 0
 * @param flags 0 to 255; bit 0 sampled, bit 1 the trace-id is random
 */
public record TraceParent(String traceId, String parentId, int flags) {
  public static final String NAME = "traceparent";

  private static final int LENGTH = 55;
  private static final String NO_TRACE = "0".repeat(32);
  private static final String NO_PARENT = "0".repeat(16);

  public TraceParent {
    if (!isHex(traceId, 32)
        || traceId.equals(NO_TRACE)
        || !isHex(parentId, 16)
        || parentId.equals(NO_PARENT)) {
      throw new IllegalArgumentException(
          "traceparent: "
              + traceId
              + "-"
              + parentId
              + " (expected: 32 and 16 lower-case hex digits, neither all 0)");
    }
    if (flags < 0 || flags > 0xff) {
      throw new IllegalArgumentException("traceparent flags: " + flags + " (expected: 0 to 255)");
    }
  }

  /**
   * One of the given random bits, for a request that has none.
   *
   * @param random1 upper half of the trace-id
   * @param random2 lower half of the trace-id; 0 becomes 1
   * @param random3 the parent-id; 0 becomes 1
   * @param sampled whether those who follow should record the trace
   */
  public static TraceParent of(long random1, long random2, long random3, boolean sampled) {
    HexFormat hex = HexFormat.of();
    String trace = hex.toHexDigits(random1) + hex.toHexDigits(random2 == 0 ? 1 : random2);
    return new TraceParent(trace, hex.toHexDigits(random3 == 0 ? 1 : random3), sampled ? 3 : 2);
  }

  /**
   * Reads a value, or gives null if it is none: W3C Trace Context has a receiver go on as if it
   * were not there.
   */
  public static @Nullable TraceParent parse(String value) {
    if (value.length() < LENGTH || !isHex(value.substring(0, 2), 2) || value.startsWith("ff")) {
      return null;
    }
    // A later version may have more behind a dash; this one has not.
    boolean lengthFits =
        value.startsWith("00")
            ? value.length() == LENGTH
            : value.length() == LENGTH || value.charAt(LENGTH) == '-';
    if (!lengthFits
        || value.charAt(2) != '-'
        || value.charAt(35) != '-'
        || value.charAt(52) != '-') {
      return null;
    }
    String trace = value.substring(3, 35);
    String parent = value.substring(36, 52);
    String flags = value.substring(53, 55);
    if (!isHex(trace, 32)
        || trace.equals(NO_TRACE)
        || !isHex(parent, 16)
        || parent.equals(NO_PARENT)
        || !isHex(flags, 2)) {
      return null;
    }
    return new TraceParent(trace, parent, Integer.parseInt(flags, 16));
  }

  public String write() {
    return "00-" + traceId + "-" + parentId + "-" + String.format("%02x", flags);
  }

  private static boolean isHex(String text, int length) {
    if (text.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
