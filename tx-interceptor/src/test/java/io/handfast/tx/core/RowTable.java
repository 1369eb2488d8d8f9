package io.handfast.tx.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a machine, (state, event) by (state, event), with what each has to do; and a wrapper
 * around its {@code step} that notes which rows were exercised. Confined to one test.
 *
 * @param <S> states
 * @param <V> events
 * @param <E> effects
 */
public final class RowTable<S, V, E> {
  /** One row with one pair of values. {@code next} is null where the pair is impossible. */
  public record Row<S, V>(S state, V event, @Nullable Class<?> next, List<String> effects) {
    @Override
    public String toString() {
      String then = next == null ? "impossible" : next.getSimpleName() + " " + effects;
      return state.getClass().getSimpleName() + " × " + event + " → " + then;
    }
  }

  private final BiFunction<S, V, Transition<S, E>> step;
  private final List<Row<S, V>> rows = new ArrayList<>();
  private final Set<String> exercised = new LinkedHashSet<>();

  public RowTable(BiFunction<S, V, Transition<S, E>> step) {
    this.step = step;
  }

  /** A legal row: simple names of the next state and of the effects, in their order. */
  public RowTable<S, V, E> row(S state, V event, Class<?> next, String... effects) {
    rows.add(new Row<>(state, event, next, List.of(effects)));
    return this;
  }

  /** Rows in which the state stays and nothing is done. */
  @SafeVarargs
  public final RowTable<S, V, E> dropped(S state, V... events) {
    for (V event : events) {
      rows.add(new Row<>(state, event, state.getClass(), List.of()));
    }
    return this;
  }

  /** Impossible rows. */
  @SafeVarargs
  public final RowTable<S, V, E> never(S state, V... events) {
    for (V event : events) {
      rows.add(new Row<>(state, event, null, List.of()));
    }
    return this;
  }

  public List<Row<S, V>> rows() {
    return rows;
  }

  /** Runs one row. */
  public void check(Row<S, V> row) {
    exercised.add(pair(row.state().getClass(), row.event().getClass()));
    if (row.next() == null) {
      assertThatThrownBy(() -> step.apply(row.state(), row.event()))
          .as(row.toString())
          .isInstanceOf(IllegalTransitionException.class)
          .hasMessageContaining(row.event().toString())
          .hasMessageContaining(row.state().toString());
      return;
    }
    Transition<S, E> transition = step.apply(row.state(), row.event());
    assertThat(transition.next()).as(row.toString()).isInstanceOf(row.next());
    assertThat(transition.effects().stream().map(e -> e.getClass().getSimpleName()).toList())
        .as(row.toString())
        .isEqualTo(row.effects());
  }

  /** Pairs of a state class and an event class that no {@link #check} has met. */
  public Set<String> neverExercised(Class<?> states, Class<?> events) {
    Set<String> missing = new LinkedHashSet<>();
    for (Class<?> state : leaves(states)) {
      for (Class<?> event : leaves(events)) {
        missing.add(pair(state, event));
      }
    }
    missing.removeAll(exercised);
    return missing;
  }

  private static Set<Class<?>> leaves(Class<?> type) {
    Set<Class<?>> leaves = new LinkedHashSet<>();
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      if (permitted.isSealed()) {
        leaves.addAll(leaves(permitted));
      } else {
        leaves.add(permitted);
      }
    }
    return leaves;
  }

  private static String pair(Class<?> state, Class<?> event) {
    return state.getSimpleName() + " × " + event.getSimpleName();
  }
}
