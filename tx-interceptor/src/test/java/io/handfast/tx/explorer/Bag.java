package io.handfast.tx.explorer;

import io.handfast.tx.explorer.search.Fingerprint;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * What is on its way, in no order: by its numbers, sorted so that equal bags look equal. Changed
 * only while a move is made.
 *
 * @param <T> what
 */
public final class Bag<T> {
  private final Class<T> kind;
  private final Interner values;
  private int[] messages;

  public Bag(Class<T> kind, Interner values) {
    this(kind, values, new int[0]);
  }

  private Bag(Class<T> kind, Interner values, int[] messages) {
    this.kind = kind;
    this.values = values;
    this.messages = messages;
  }

  /** Arrays are replaced, never changed, so that they can be shared. */
  public Bag<T> copy() {
    return new Bag<>(kind, values, messages);
  }

  public int size() {
    return messages.length;
  }

  public T get(int index) {
    T message = values.value(messages[index], kind);
    if (message == null) {
      throw new AssertionError("message " + index + " (expected: one of " + messages.length + ")");
    }
    return message;
  }

  /** Whether the one before it is the same. */
  public boolean isRepeated(int index) {
    return index > 0 && messages[index] == messages[index - 1];
  }

  public void add(T message) {
    int[] more = Arrays.copyOf(messages, messages.length + 1);
    more[messages.length] = values.number(message);
    Arrays.sort(more);
    messages = more;
  }

  public T remove(int index) {
    T message = get(index);
    int[] less = new int[messages.length - 1];
    System.arraycopy(messages, 0, less, 0, index);
    System.arraycopy(messages, index + 1, less, index, less.length - index);
    messages = less;
    return message;
  }

  public void removeIf(Predicate<T> condition) {
    for (int i = messages.length - 1; i >= 0; i--) {
      if (condition.test(get(i))) {
        remove(i);
      }
    }
  }

  public void describe(Fingerprint into) {
    for (int message : messages) {
      into.add(message);
    }
  }
}
