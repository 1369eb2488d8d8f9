package io.handfast.proxy.crash;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an ordinary service remembers of its reservations, by the caller's key. Repeats change
 * nothing; cancelled keys are remembered, so that a Try that comes late finds its key taken.
 * Thread-safe.
 */
final class Books {
  /** What can be asked for, and how a key stands after it. */
  enum Step {
    TRY(State.RESERVED),
    CONFIRM(State.CONFIRMED),
    CANCEL(State.CANCELLED);

    private final State then;

    Step(State then) {
      this.then = then;
    }
  }

  enum State {
    UNKNOWN,
    RESERVED,
    CONFIRMED,
    CANCELLED
  }

  private final Map<String, State> states = new HashMap<>();
  private final Map<String, EnumMap<Step, Integer>> counts = new HashMap<>();
  private final List<String> violations = new ArrayList<>();

  /**
   * Does what is asked for, as far as it makes sense.
   *
   * @return whether the key stands as asked for now
   */
  synchronized boolean record(String key, Step step) {
    counts.computeIfAbsent(key, any -> new EnumMap<>(Step.class)).merge(step, 1, Integer::sum);
    State now = state(key);
    State next =
        switch (step) {
          case TRY -> now == State.UNKNOWN ? State.RESERVED : now;
          case CONFIRM -> now == State.RESERVED ? State.CONFIRMED : now;
          case CANCEL -> now == State.CONFIRMED ? now : State.CANCELLED;
        };
    if (step != Step.TRY && next != step.then) {
      violations.add(step + " of " + key + ", which is " + now);
    }
    states.put(key, next);
    return next == step.then;
  }

  synchronized State state(String key) {
    return states.getOrDefault(key, State.UNKNOWN);
  }

  synchronized int count(String key, Step step) {
    return counts.getOrDefault(key, new EnumMap<>(Step.class)).getOrDefault(step, 0);
  }

  /** The keys that are neither confirmed nor cancelled. */
  synchronized List<String> reserved() {
    return states.entrySet().stream()
        .filter(entry -> entry.getValue() == State.RESERVED)
        .map(Map.Entry::getKey)
        .sorted()
        .toList();
  }

  /** What nobody who keeps to his decision asks for: to confirm what is cancelled, and the like. */
  synchronized List<String> violations() {
    return List.copyOf(violations);
  }
}
