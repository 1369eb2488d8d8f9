package io.handfast.proxy.runtime;

import java.util.concurrent.atomic.LongAdder;

/**
 * A fixed set of counters and gauges, addressed by the constants of an enum: an array access on the
 * hot path, no map and no string. A gauge is a counter that also goes down. Who publishes
 * statistics reads them at its own pace.
 *
 * <p>Thread-safe: each is a {@link LongAdder}.
 *
 * @param <E> names what is counted
 */
@SuppressWarnings("EnumOrdinal") // An array access is the point of this class.
public final class Counters<E extends Enum<E>> {
  private final LongAdder[] values;
  private final E[] keys;

  /** All zero. */
  public Counters(Class<E> type) {
    keys = type.getEnumConstants();
    values = new LongAdder[keys.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = new LongAdder();
    }
  }

  /** Adds one. */
  public void increment(E key) {
    values[key.ordinal()].increment();
  }

  /** Takes one off: gauges only. */
  public void decrement(E key) {
    values[key.ordinal()].decrement();
  }

  /** Adds; negative for gauges only. */
  public void add(E key, long amount) {
    values[key.ordinal()].add(amount);
  }

  /** What it stands at; under concurrent updates a value that it had at about this time. */
  public long get(E key) {
    return values[key.ordinal()].sum();
  }

  /** What is counted here, in order of declaration. */
  public E[] keys() {
    return keys.clone();
  }
}
