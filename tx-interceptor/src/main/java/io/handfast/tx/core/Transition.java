package io.handfast.tx.core;

import java.util.List;

/**
 * What a machine makes of an event. Immutable.
 *
 * @param next the state from now on
 * @param effects what the shell has to carry out, in this order, after it has taken the new state
 * @param <S> states of the machine
 * @param <E> effects of the machine
 */
public record Transition<S, E>(S next, List<E> effects) {
  public Transition {
    effects = List.copyOf(effects);
  }

  /** A row in which nothing has to be done. */
  public static <S, E> Transition<S, E> to(S next) {
    return new Transition<>(next, List.of());
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // List.of copies
  public static <S, E> Transition<S, E> to(S next, E... effects) {
    return new Transition<>(next, List.of(effects));
  }
}
