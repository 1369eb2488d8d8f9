package io.handfast.tx.engine.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Counts how transactions that began here ended for their client, and why where they did not
 * commit. Thread-safe.
 */
public final class Outcomes {

  /** How a transaction ended for its client. */
  public enum Result {
    COMMITTED,
    ABORTED,
    UNKNOWN
  }

  /**
   * Why: the name of the problem that the client was told, or a word of its own where he was told
   * none. Each belongs to one result.
   */
  public enum Why {
    COMMITTED(Result.COMMITTED, ""),
    /** The boundary's own service answered an error, which the client got. */
    SERVICE_ERROR(Result.ABORTED, "service-error"),
    /** A branch said no. */
    BRANCH(Result.ABORTED, "transaction-aborted"),
    DEADLINE(Result.ABORTED, "deadline"),
    NOT_AVAILABLE(Result.ABORTED, "not-available"),
    LIMIT(Result.ABORTED, "limit-reached"),
    TOO_LARGE(Result.ABORTED, "response-too-large"),
    STREAMING(Result.ABORTED, "streaming-not-allowed"),
    ANSWER_LOST(Result.ABORTED, "answer-lost"),
    /** The answer lacks what confirm or cancel needs. */
    TEMPLATE(Result.ABORTED, "internal"),
    CLIENT_GONE(Result.ABORTED, "client-gone"),
    OUTCOME_UNKNOWN(Result.UNKNOWN, "outcome-unknown"),
    HAZARD(Result.UNKNOWN, "heuristic-hazard"),
    BUG(Result.UNKNOWN, "internal");

    private final Result result;
    private final String label;

    Why(Result result, String label) {
      this.result = result;
      this.label = label;
    }

    public Result result() {
      return result;
    }

    /** Its value of the label {@code reason}; empty of what committed. */
    public String label() {
      return label;
    }

    /** What a problem of that type says of the same result; this, if it says nothing better. */
    public Why unless(String problem) {
      for (Why why : values()) {
        if (why.result == result && why.label.equals(problem)) {
          return why;
        }
      }
      return this;
    }
  }

  private final Map<Why, Counter> counters = new EnumMap<>(Why.class);
  private final Map<Result, Timer> durations = new EnumMap<>(Result.class);

  Outcomes(MeterRegistry registry) {
    for (Why why : Why.values()) {
      counters.put(
          why,
          Counter.builder("handfast.tx.outcomes")
              .description("Transactions begun here, by what their client was told, and why")
              .tag("outcome", word(why.result))
              .tag("reason", why.label)
              .register(registry));
    }
    for (Result result : Result.values()) {
      durations.put(
          result,
          Timer.builder("handfast.tx.duration")
              .description("From the request to the outcome")
              .tag("outcome", word(result))
              .register(registry));
    }
  }

  private static String word(Result result) {
    return result.name().toLowerCase(Locale.ROOT);
  }

  void count(Why why, long nanos) {
    Objects.requireNonNull(counters.get(why)).increment();
    Objects.requireNonNull(durations.get(why.result)).record(nanos, TimeUnit.NANOSECONDS);
  }
}
