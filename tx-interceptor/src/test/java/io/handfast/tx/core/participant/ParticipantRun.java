package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Transition;
import io.handfast.tx.core.participant.ParticipantEffect.SendVotes;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import java.util.ArrayList;
import java.util.List;

/** A participant that is given events, one after the other. Confined to one test. */
final class ParticipantRun {
  static final Branch COMPLETE = branch(1, Durability.FORCED_COMPLETE, false);
  static final ServiceAnswered SUCCESS = new ServiceAnswered(TryAnswer.SUCCESS, "");

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

  static ParticipantRun working(Branch branch) {
    return ParticipantRun.of(branch).on(new Opened(), new BegunDurable());
  }

  static ParticipantRun prepared() {
    return working(COMPLETE).on(SUCCESS);
  }

  static CallOpened opened(long call, boolean optional) {
    return new CallOpened(branch(call), optional);
  }

  static TimerFired fired(TimerKind kind) {
    return new TimerFired(kind);
  }

  /** The votes that the last event sent. */
  List<BranchVote> votes() {
    return last.stream()
        .filter(SendVotes.class::isInstance)
        .map(e -> ((SendVotes) e).votes())
        .findFirst()
        .orElseThrow();
  }
}
