package io.handfast.tx.mutants;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.core.participant.ParticipantState.New;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.TimerKind;
import io.handfast.tx.explorer.Machines;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sidecars that do one thing wrong with blocks of SQL. */
final class BlockMutants {
  static final List<Mutant> ALL =
      List.of(
          listing(
              "compare what a database is called in a handle",
              (it, _, handle) -> it.handle().equals(handle)),
          listing(
              "find a block in a decision by its participant",
              (it, asker, _) -> it.key().equals(asker)),
          new Mutant(
              "end what no scan shows on a stranger's word",
              new Machines() {
                @Override
                public boolean endsUnseen() {
                  return true;
                }
              }),
          new Mutant(
              "take a block that is lost before COMMIT for rolled back",
              new Machines() {
                @Override
                public boolean failsWhenLostOpen() {
                  return false;
                }
              }),
          new Mutant(
              "take a block that is lost behind COMMIT for undone",
              new Machines() {
                @Override
                public boolean failsWhenLost() {
                  return false;
                }
              }),
          Mutant.participant(
              "undo what a scan finds without asking",
              (state, event) ->
                  isBlock(state)
                          && state instanceof New
                          && event instanceof Recovered(Found found, boolean restored)
                          && found == Found.PREPARED
                      ? Mutant.real(state, new Recovered(Found.RESOLVED_ABORT, restored))
                      : Mutant.real(state, event)),
          Mutant.participant(
              "undo a prepared block at its deadline",
              (state, event) ->
                  isBlock(state)
                          && state instanceof Prepared
                          && event.equals(new TimerFired(TimerKind.DEADLINE))
                      ? Mutant.real(state, new Told(Outcome.ABORT, false))
                      : Mutant.real(state, event)));

  private BlockMutants() {}

  /** Whether it is what somebody asks for by a handle. */
  private interface Listed {
    boolean is(Decided one, ParticipantKey asker, String handle);
  }

  /** Answers by another way to look into a decision. */
  private static Mutant listing(String what, Listed listed) {
    return new Mutant(
        what,
        new Machines() {
          @Override
          public Answer answer(
              @Nullable CoordinatorState state,
              ParticipantKey asker,
              String handle,
              boolean ours,
              boolean replayed) {
            boolean found =
                state instanceof Committing s
                    && s.decided().stream().anyMatch(it -> listed.is(it, asker, handle));
            return state instanceof Committing && !found
                ? Answer.ABORTED
                : Machines.super.answer(state, asker, handle, ours, replayed);
          }
        });
  }

  private static boolean isBlock(ParticipantState state) {
    return state.branch().durability() == Durability.IN_RESOURCE;
  }
}
