package io.handfast.proxy.accesslog;

import io.handfast.proxy.http.StreamInfo;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * {@code COMMON_DURATION(START:END:PRECISION)}: the time between two points of a stream. Stateless.
 */
final class Durations {
  private static final Map<String, ToLongFunction<StreamInfo>> POINTS =
      new TreeMap<>(
          Map.of(
              "DS_RX_BEG", info -> 0,
              "DS_RX_END", StreamInfo::requestEndAfterNanos,
              "US_TX_END", StreamInfo::requestSentAfterNanos,
              "US_RX_BEG", StreamInfo::responseHeadAfterNanos,
              "DS_TX_BEG", StreamInfo::responseSentAfterNanos,
              "DS_TX_END", StreamInfo::endAfterNanos));

  private static final Map<String, Long> NANOS = Map.of("ms", 1_000_000L, "us", 1_000L, "ns", 1L);

  private Durations() {}

  static Operator create(@Nullable String parameter) {
    String[] parts = parameter == null ? new String[0] : parameter.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException(
          "%COMMON_DURATION("
              + (parameter == null ? "" : parameter)
              + ")% (expected: START:END:PRECISION, such as DS_RX_BEG:DS_TX_END:ms)");
    }
    ToLongFunction<StreamInfo> from = point(parts[0]);
    ToLongFunction<StreamInfo> to = point(parts[1]);
    Long unit = NANOS.get(parts[2]);
    if (unit == null) {
      throw new IllegalArgumentException(
          "%COMMON_DURATION(" + parameter + ")%: " + parts[2] + " (expected: ms, us or ns)");
    }
    long nanos = unit;
    return (Operator.OfNumber)
        log -> {
          long begin = from.applyAsLong(log.info());
          long end = to.applyAsLong(log.info());
          return begin < 0 || end < begin ? Operator.OfNumber.NONE : (end - begin) / nanos;
        };
  }

  private static ToLongFunction<StreamInfo> point(String name) {
    ToLongFunction<StreamInfo> point = POINTS.get(name);
    if (point == null) {
      throw new IllegalArgumentException(
          "%COMMON_DURATION%: "
              + name
              + " (expected: one of "
              + String.join(", ", POINTS.keySet())
              + ")");
    }
    return point;
  }
}
