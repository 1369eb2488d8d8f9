package io.handfast.tx.mutants;

import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.explorer.Machines;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Machines with one thing wrong.
 *
 * @param name what they do wrong, in a few words
 */
record Mutant(String name, Machines machines) {
  /** A step, or what is made of it. */
  interface CoordinatorStep {
    Transition<CoordinatorState, CoordinatorEffect> apply(
        CoordinatorState state, CoordinatorEvent event);
  }

  /** A step, or what is made of it. */
  interface ParticipantStep {
    Transition<ParticipantState, ParticipantEffect> apply(
        ParticipantState state, ParticipantEvent event);
  }

  static Mutant coordinator(String name, CoordinatorStep wrong) {
    return new Mutant(
        name,
        new Machines() {
          @Override
          public Transition<CoordinatorState, CoordinatorEffect> step(
              CoordinatorState state, CoordinatorEvent event) {
            return wrong.apply(state, event);
          }
        });
  }

  static Mutant participant(String name, ParticipantStep wrong) {
    return new Mutant(
        name,
        new Machines() {
          @Override
          public Transition<ParticipantState, ParticipantEffect> step(
              ParticipantState state, ParticipantEvent event) {
            return wrong.apply(state, event);
          }
        });
  }

  static Transition<CoordinatorState, CoordinatorEffect> real(
      CoordinatorState state, CoordinatorEvent event) {
    return Machines.REAL.step(state, event);
  }

  static Transition<ParticipantState, ParticipantEffect> real(
      ParticipantState state, ParticipantEvent event) {
    return Machines.REAL.step(state, event);
  }

  /** One step, and at once another. */
  static <S, E> Transition<S, E> and(Transition<S, E> first, Transition<S, E> second) {
    List<E> effects = new ArrayList<>(first.effects());
    effects.addAll(second.effects());
    return new Transition<>(second.next(), effects);
  }

  static <S, E> Transition<S, E> without(Transition<S, E> step, Predicate<E> effect) {
    return new Transition<>(step.next(), step.effects().stream().filter(effect.negate()).toList());
  }

  /** With something done before everything else. */
  static <S, E> Transition<S, E> first(E effect, Transition<S, E> step) {
    List<E> effects = new ArrayList<>(List.of(effect));
    effects.addAll(step.effects());
    return new Transition<>(step.next(), effects);
  }
}
