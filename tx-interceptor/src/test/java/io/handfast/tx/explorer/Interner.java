package io.handfast.tx.explorer;

import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.Deliveries;
import io.handfast.tx.core.coordinator.Questions;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives each value a number, the same to all that differ in nothing but how often something was
 * tried: that spaces attempts in time and decides nothing, and would make every world endless.
 * Confined to one search.
 */
public final class Interner {
  /** Components of states that count attempts. */
  private static final Set<String> COUNTS = Set.of("attempt", "inquiries");

  /** The number of "none". */
  public static final int NONE = 0;

  private final Map<Object, Integer> numbers = new HashMap<>();
  private final List<@Nullable Object> values = new ArrayList<>();

  Interner() {
    values.add(null);
  }

  public int number(@Nullable Object value) {
    if (value == null) {
      return NONE;
    }
    Integer known = numbers.get(value);
    if (known != null) {
      return known;
    }
    Object plain = plain(value);
    int number =
        numbers.computeIfAbsent(
            plain,
            it -> {
              values.add(it);
              return values.size() - 1;
            });
    numbers.put(value, number);
    return number;
  }

  /** The value of a number that was given, if it is of this kind; null for {@link #NONE}. */
  public <T> @Nullable T value(int number, Class<T> kind) {
    Object value = values.get(number);
    return value == null ? null : kind.cast(value);
  }

  private static Object plain(Object value) {
    if (value instanceof Deliveries deliveries) {
      Map<ParticipantKey, Deliveries.Delivery> owed = new LinkedHashMap<>();
      deliveries
          .owed()
          .forEach(
              (key, it) -> owed.put(key, new Deliveries.Delivery(it.branch(), it.outcome(), 1)));
      return new Deliveries(owed);
    }
    if (value instanceof Questions questions) {
      Map<ParticipantKey, Questions.Question> open = new LinkedHashMap<>();
      questions.open().forEach((key, it) -> open.put(key, new Questions.Question(it.branch(), 1)));
      return new Questions(open);
    }
    return value instanceof Record ? plainRecord(value) : value;
  }

  private static Object plainRecord(Object record) {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Object[] arguments = new Object[components.length];
    boolean changed = false;
    try {
      for (int i = 0; i < components.length; i++) {
        var accessor = components[i].getAccessor();
        accessor.setAccessible(true);
        Object old = accessor.invoke(record);
        arguments[i] = old;
        if (COUNTS.contains(components[i].getName())) {
          arguments[i] = 1;
          changed = true;
        } else if (old instanceof Deliveries || old instanceof Questions) {
          arguments[i] = plain(old);
          changed = true;
        }
      }
      if (!changed) {
        return record;
      }
      Constructor<?> constructor =
          record
              .getClass()
              .getDeclaredConstructor(
                  Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(record.getClass() + " (expected: a record that can be made)", e);
    }
  }
}
