package io.handfast.tx.explorer;

import io.handfast.tx.explorer.search.Fingerprint;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * What is on its way, in no order: messages by their numbers, sorted so that equal bags look equal.
 * Changed only while a move is made.
 */
final class Bag {
  private final Interner values;
  private int[] messages;

  Bag(Interner values) {
    this(values, new int[0]);
  }

  private Bag(Interner values, int[] messages) {
    this.values = values;
    this.messages = messages;
  }

  /** Arrays are replaced, never changed, so that they can be shared. */
  Bag copy() {
    return new Bag(values, messages);
  }

  int size() {
    return messages.length;
  }

  Message get(int index) {
    Message message = values.value(messages[index], Message.class);
    if (message == null) {
      throw new AssertionError("message " + index + " (expected: one of " + messages.length + ")");
    }
    return message;
  }

  /** Whether the one before it is the same. */
  boolean isRepeated(int index) {
    return index > 0 && messages[index] == messages[index - 1];
  }

  void add(Message message) {
    int[] more = Arrays.copyOf(messages, messages.length + 1);
    more[messages.length] = values.number(message);
    Arrays.sort(more);
    messages = more;
  }

  Message remove(int index) {
    Message message = get(index);
    int[] less = new int[messages.length - 1];
    System.arraycopy(messages, 0, less, 0, index);
    System.arraycopy(messages, index + 1, less, index, less.length - index);
    messages = less;
    return message;
  }

  void removeIf(Predicate<Message> condition) {
    for (int i = messages.length - 1; i >= 0; i--) {
      if (condition.test(get(i))) {
        remove(i);
      }
    }
  }

  void describe(Fingerprint into) {
    for (int message : messages) {
      into.add(message);
    }
  }
}
