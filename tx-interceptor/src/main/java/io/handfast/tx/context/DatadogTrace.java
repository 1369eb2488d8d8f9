package io.handfast.tx.context;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The trace in Datadog's own headers, of a request that has no {@code traceparent}. Its agents
 * believe these before a {@code traceparent}, and forward our {@code tracestate} only if both name
 * the same trace: so the one that is made has to (rule T4).
 *
 * <p>{@code x-datadog-trace-id} and {@code x-datadog-parent-id} are decimal, 64 bits; the upper
 * half of a trace-id of 128 bits is the tag {@code _dd.p.tid} of {@code x-datadog-tags}, 16
 * hexadecimal digits.
 */
final class DatadogTrace {
  static final String TRACE_ID = "x-datadog-trace-id";
  static final String PARENT_ID = "x-datadog-parent-id";
  static final String PRIORITY = "x-datadog-sampling-priority";
  static final String TAGS = "x-datadog-tags";

  private static final String UPPER_HALF = "_dd.p.tid=";

  private DatadogTrace() {}

  /**
   * The same trace as a {@code traceparent} says it, or null if there is none.
   *
   * @param parent used where no parent is named; not 0
   */
  static @Nullable TraceParent find(HeaderLookup headers, long parent) {
    long trace = decimal(headers.values(TRACE_ID));
    if (trace == 0) {
      return null;
    }
    long named = decimal(headers.values(PARENT_ID));
    return new TraceParent(
        upperHalf(headers.values(TAGS)) + String.format("%016x", trace),
        String.format("%016x", named == 0 ? parent : named),
        isSampled(headers.values(PRIORITY)) ? 1 : 0);
  }

  /** 0 where there is not exactly one, or it is none. */
  private static long decimal(List<String> values) {
    if (values.size() != 1 || !values.getFirst().matches("[0-9]{1,20}")) {
      return 0;
    }
    try {
      return Long.parseUnsignedLong(values.getFirst());
    } catch (NumberFormatException tooLarge) {
      return 0;
    }
  }

  private static String upperHalf(List<String> tags) {
    for (String tag : ListMembers.split(tags)) {
      if (tag.startsWith(UPPER_HALF)
          && tag.substring(UPPER_HALF.length()).matches("[0-9a-f]{16}")) {
        return tag.substring(UPPER_HALF.length());
      }
    }
    return "0".repeat(16);
  }

  private static boolean isSampled(List<String> priority) {
    return priority.size() == 1 && priority.getFirst().matches("[1-9]");
  }
}
