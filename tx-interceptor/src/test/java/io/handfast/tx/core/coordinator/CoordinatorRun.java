package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Samples;
import io.handfast.tx.core.Transition;
import java.util.ArrayList;
import java.util.List;

/** A coordinator that is given events, one after the other. Confined to one test. */
final class CoordinatorRun {
  private CoordinatorState state = new CoordinatorState.New(Samples.TX);
  private List<CoordinatorEffect> last = List.of();
  private final List<CoordinatorEffect> all = new ArrayList<>();

  CoordinatorRun on(CoordinatorEvent... events) {
    for (CoordinatorEvent event : events) {
      Transition<CoordinatorState, CoordinatorEffect> transition =
          CoordinatorCore.step(state, event);
      state = transition.next();
      last = transition.effects();
      all.addAll(last);
    }
    return this;
  }

  CoordinatorState state() {
    return state;
  }

  /** Effects of the last event. */
  List<CoordinatorEffect> last() {
    return last;
  }

  /** Effects of all events. */
  List<CoordinatorEffect> all() {
    return all;
  }

  /** What an inquiry of the n-th sample branch is answered. */
  Answer answer(long n) {
    return CoordinatorCore.answer(state, Samples.key(n), true, true);
  }
}
