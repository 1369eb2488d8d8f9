package io.handfast.tx.mutants;

import io.handfast.tx.core.Answer;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.coordinator.CoordinatorState.Active;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.InDoubt;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.explorer.Machines;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Sidecars that say, or believe, one thing wrongly. */
final class AnswerMutants {
  static final List<Mutant> ALL =
      List.of(
          answering("presume commit", (s, ours, replayed) -> s == null && ours, Answer.COMMITTED),
          answering(
              "answer from absence without being the decider",
              (s, ours, replayed) -> !ours,
              Answer.ABORTED),
          answering(
              "answer from absence before the store is read",
              (s, ours, replayed) -> ours && !replayed,
              Answer.ABORTED),
          during("answer ABORTED while running", it -> it instanceof Active),
          during("answer ABORTED while deciding", it -> it instanceof Deciding),
          during("answer ABORTED in doubt", it -> it instanceof InDoubt),
          answering(
              "answer COMMITTED to who is not in the decision",
              (s, ours, replayed) -> s instanceof Committing,
              Answer.COMMITTED),
          new Mutant(
              "accept an outcome from a stranger",
              new Machines() {
                @Override
                public boolean believes(
                    BranchKey branch, boolean inItsName, boolean itsCertificate) {
                  return true;
                }
              }),
          new Mutant(
              "accept an outcome from who only names the decider",
              new Machines() {
                @Override
                public boolean believes(
                    BranchKey branch, boolean inItsName, boolean itsCertificate) {
                  return inItsName;
                }
              }));

  private AnswerMutants() {}

  private interface When {
    boolean holds(@Nullable CoordinatorState state, boolean ours, boolean replayed);
  }

  private static Mutant during(String name, Predicate<CoordinatorState> when) {
    return answering(name, (s, ours, replayed) -> s != null && when.test(s), Answer.ABORTED);
  }

  private static Mutant answering(String name, When when, Answer wrong) {
    return new Mutant(
        name,
        new Machines() {
          @Override
          public Answer answer(
              @Nullable CoordinatorState state,
              ParticipantKey asker,
              boolean ours,
              boolean replayed) {
            return when.holds(state, ours, replayed)
                ? wrong
                : Machines.REAL.answer(state, asker, ours, replayed);
          }
        });
  }
}
