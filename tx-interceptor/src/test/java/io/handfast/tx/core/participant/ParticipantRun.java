package io.handfast.tx.core.participant;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Transition;
import java.util.ArrayList;
import java.util.List;

/** A participant that is given events, one after the other. Confined to one test. */
final class ParticipantRun {
  private ParticipantState state;
  private List<ParticipantEffect> last = List.of();
  private final List<ParticipantEffect> all = new ArrayList<>();

  private ParticipantRun(Branch branch) {
    state = new ParticipantState.New(branch);
  }

  static ParticipantRun of(Branch branch) {
    return new ParticipantRun(branch);
  }

  ParticipantRun on(ParticipantEvent... events) {
    for (ParticipantEvent event : events) {
      Transition<ParticipantState, ParticipantEffect> transition =
          ParticipantCore.step(state, event);
      state = transition.next();
      last = transition.effects();
      all.addAll(last);
    }
    return this;
  }

  ParticipantState state() {
    return state;
  }

  /** Effects of the last event. */
  List<ParticipantEffect> last() {
    return last;
  }

  /** Effects of all events. */
  List<ParticipantEffect> all() {
    return all;
  }
}
