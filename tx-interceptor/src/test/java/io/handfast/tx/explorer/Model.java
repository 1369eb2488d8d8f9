package io.handfast.tx.explorer;

import io.handfast.tx.core.Transition;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What does not change while a world is searched. The machines are functions, so that each step is
 * made once and remembered. Confined to one search.
 */
public final class Model {
  public final Layout layout;
  public final Machines machines;
  public final Bounds bounds;
  public final Interner values = new Interner();
  private final List<Map<Object, Made<?>>> steps = new ArrayList<>();

  /** A step that was made. */
  public record Made<E>(int next, String name, List<E> effects) {}

  public Model(Layout layout, Machines machines, Bounds bounds) {
    this.layout = layout;
    this.machines = machines;
    this.bounds = bounds;
  }

  @SuppressWarnings("unchecked") // a state has steps of one machine only
  public Made<ParticipantEffect> step(int number, ParticipantState state, ParticipantEvent event) {
    Map<Object, Made<?>> known = stepsOf(number);
    Made<?> made = known.get(event);
    if (made == null) {
      made = made(machines.step(state, event));
      known.put(event, made);
    }
    return (Made<ParticipantEffect>) made;
  }

  @SuppressWarnings("unchecked") // as above
  public Made<CoordinatorEffect> step(int number, CoordinatorState state, CoordinatorEvent event) {
    Map<Object, Made<?>> known = stepsOf(number);
    Made<?> made = known.get(event);
    if (made == null) {
      made = made(machines.step(state, event));
      known.put(event, made);
    }
    return (Made<CoordinatorEffect>) made;
  }

  private <S, E> Made<E> made(Transition<S, E> transition) {
    S next = transition.next();
    if (next == null) {
      throw new AssertionError("a step without a next state");
    }
    return new Made<>(values.number(next), Words.name(next), transition.effects());
  }

  private Map<Object, Made<?>> stepsOf(int number) {
    while (steps.size() <= number) {
      steps.add(new HashMap<>());
    }
    return steps.get(number);
  }
}
