package io.handfast.benchmarks.soak;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of each exchange: a line of JSON for each that failed, at once, and counts at the
 * end. Thread-safe.
 */
final class Tally {

  /** Of one kind, at one upstream. */
  private static final class Counts {
    long right;
    long reset;
    long failed;
    long wrong;
  }

  private final Map<String, Counts> counts = new TreeMap<>();

  /** Answered as it should be. */
  synchronized void right(String kind) {
    counts(kind).right++;
  }

  /** Given up by its client on purpose. */
  synchronized void reset(String kind) {
    counts(kind).reset++;
  }

  /**
   * No answer, or an error.
   *
   * @param wrong whether an answer came that is not the one to the question, for which there is no
   *     excuse
   * @param begunMillis when the exchange began, since 1970
   */
  synchronized void failed(
      String kind, String upstream, boolean wrong, long begunMillis, String what) {
    Counts of = counts(kind);
    if (wrong) {
      of.wrong++;
    } else {
      of.failed++;
    }
    System.out.printf(
        "{\"kind\": \"%s\", \"upstream\": \"%s\", \"wrong\": %b, \"begun_ms\": %d, \"ended_ms\": %d, \"what\": \"%s\"}%n",
        kind,
        upstream,
        wrong,
        begunMillis,
        System.currentTimeMillis(),
        what.replaceAll("[\"\\\\\\p{Cntrl}]", " "));
  }

  private Counts counts(String kind) {
    return counts.computeIfAbsent(kind, _ -> new Counts());
  }

  /** One line of JSON. */
  synchronized String json(int certificates) {
    return counts.entrySet().stream()
        .map(entry ->
            "\"%s\": {\"right\": %d, \"reset\": %d, \"failed\": %d, \"wrong\": %d}"
                .formatted(
                    entry.getKey(),
                    entry.getValue().right,
                    entry.getValue().reset,
                    entry.getValue().failed,
                    entry.getValue().wrong))
        .collect(
            Collectors.joining(
                ", ", "{\"counts\": {", "}, \"certificates\": " + certificates + "}"));
  }
}
