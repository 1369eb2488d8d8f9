package io.handfast.tx.core.coordinator;

import static io.handfast.tx.core.Samples.at;
import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.key;
import static io.handfast.tx.core.Samples.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.coordinator.CoordinatorEffect.AnswerFailure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.CancelTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Failure;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ForceDecision;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Forget;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReleaseResponse;
import io.handfast.tx.core.coordinator.CoordinatorEffect.ReportHazard;
import io.handfast.tx.core.coordinator.CoordinatorEffect.Resolve;
import io.handfast.tx.core.coordinator.CoordinatorEffect.SendOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEffect.StartTimer;
import io.handfast.tx.core.coordinator.CoordinatorEffect.WriteEnded;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Acknowledged;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Began;
import io.handfast.tx.core.coordinator.CoordinatorEvent.ClientGone;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionDurable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionFailed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionLost;
import io.handfast.tx.core.coordinator.CoordinatorEvent.DecisionRefused;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Doomed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Recovered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.RootClosed;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Struck;
import io.handfast.tx.core.coordinator.CoordinatorEvent.TimerFired;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Undelivered;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolvable;
import io.handfast.tx.core.coordinator.CoordinatorEvent.Unresolved;
import io.handfast.tx.core.coordinator.CoordinatorState.Aborting;
import io.handfast.tx.core.coordinator.CoordinatorState.Committing;
import io.handfast.tx.core.coordinator.CoordinatorState.Deciding;
import io.handfast.tx.core.coordinator.CoordinatorState.Ended;
import io.handfast.tx.core.coordinator.CoordinatorState.InDoubt;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol's rules, by their numbers, as far as the coordinator keeps them. */
class CoordinatorRulesTest {
  private static final Branch ROOT = branch(1, Durability.FORCED, true);
  private static final BranchVote OWN_YES = vote(1, Vote.PREPARED);
  private static final BranchVote OWN_READ_ONLY = vote(1, Vote.READ_ONLY);
  private static final BranchVote OWN_NO = vote(1, Vote.ABORT, "call failed");
  private static final BranchVote YES_2 = vote(2, Vote.PREPARED);
  private static final BranchVote YES_3 = vote(3, Vote.PREPARED);

  private final CoordinatorRun run = new CoordinatorRun();

  private static Began began(boolean completionWait) {
    return new Began(ROOT, completionWait);
  }

  private static RootClosed closed(BranchVote... votes) {
    return new RootClosed(List.of(votes), RootAnswer.SUCCESS, false);
  }

  private static Acknowledged ack(long n, Acknowledgement acknowledgement) {
    return new Acknowledged(key(n), acknowledgement, "422");
  }

  private static TimerFired fired(TimerKind kind) {
    return new TimerFired(kind, null);
  }

  @Test
  @DisplayName(
      "force before tell: the decision is durable before anybody is told, then all at once")
  void shouldForceTheDecisionBeforeItTells() {
    // When, Then
    run.on(began(true), closed(OWN_YES, YES_2));
    assertThat(run.all())
        .contains(new ForceDecision(List.of(OWN_YES, YES_2), false))
        .noneMatch(SendOutcome.class::isInstance);
    assertThat(run.on(new DecisionDurable()).last())
        .containsExactly(
            new SendOutcome(OWN_YES, Outcome.COMMIT, 1, true),
            new SendOutcome(YES_2, Outcome.COMMIT, 1, true),
            new StartTimer(TimerKind.COMPLETION_WAIT, null, 1));
  }

  @Test
  @DisplayName("the response goes when all have acknowledged, then the end is written")
  void shouldReleaseTheResponseWhenAllHaveAcknowledged() {
    // Given
    run.on(
        began(true), closed(OWN_YES, YES_2), new DecisionDurable(), ack(1, Acknowledgement.DONE));
    assertThat(run.all()).noneMatch(ReleaseResponse.class::isInstance);

    // When
    run.on(ack(2, Acknowledgement.DONE));

    // Then
    assertThat(run.last())
        .containsExactly(
            new CancelTimer(TimerKind.COMPLETION_WAIT, null),
            new ReleaseResponse(),
            new WriteEnded(false),
            new Forget());
  }

  @Test
  @DisplayName(
      "the response goes after completion_wait, and participants are told until they acknowledge")
  void shouldReleaseTheResponseAfterTheWait() {
    // Given
    run.on(
        began(true), closed(OWN_YES, YES_2), new DecisionDurable(), ack(1, Acknowledgement.DONE));

    // When, Then
    assertThat(run.on(fired(TimerKind.COMPLETION_WAIT)).last())
        .containsExactly(new ReleaseResponse());
    assertThat(run.on(new Undelivered(key(2))).last())
        .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), 1));
    assertThat(run.on(new TimerFired(TimerKind.REDELIVER, key(2))).last())
        .containsExactly(new SendOutcome(YES_2, Outcome.COMMIT, 2, false));
    assertThat(run.on(ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(false), new Forget());
  }

  @Test
  @DisplayName("read-only branches drop out: nothing is forced, committed at once")
  void shouldForceNothingWhenNothingWasChanged() {
    // When
    run.on(began(true), closed(OWN_READ_ONLY, vote(2, Vote.READ_ONLY)));

    // Then
    assertThat(run.all())
        .noneMatch(ForceDecision.class::isInstance)
        .contains(new ReleaseResponse());
    assertThat(run.state()).isInstanceOf(Ended.class);
  }

  @Test
  @DisplayName(
      "where only the boundary's own branch updates, its record and the decision are one force")
  void shouldForceOnceWhenOnlyTheRootUpdates() {
    // When
    run.on(
        began(true),
        new RootClosed(List.of(OWN_YES, vote(2, Vote.READ_ONLY)), RootAnswer.SUCCESS, true));

    // Then
    assertThat(run.last()).contains(new ForceDecision(List.of(OWN_YES), true));
  }

  @Test
  @DisplayName("T10 abort wins over prepared; two participants of one branch are two entries")
  void shouldKeyOutcomesByBranchAndParticipant() {
    // Given
    BranchVote otherPod =
        new BranchVote(branch(2), Vote.PREPARED, at(7), YES_2.store(), "svc-2", "callback", "", "");

    // When
    run.on(began(true), closed(OWN_READ_ONLY, YES_2, otherPod, YES_2), new DecisionDurable());

    // Then
    assertThat(run.all()).filteredOn(SendOutcome.class::isInstance).hasSize(2);
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
    assertThat(
            CoordinatorCore.answer(run.state(), new ParticipantKey(branch(2), at(7)), true, true))
        .isEqualTo(Answer.COMMITTED);
    assertThat(
            CoordinatorCore.answer(run.state(), new ParticipantKey(branch(2), at(8)), true, true))
        .isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName("T14 what is prepared under another handle is not in the decision, whoever asks")
  void shouldAnswerByHandle() {
    // Given
    BranchVote block =
        new BranchVote(
            branch(2), Vote.PREPARED, at(7), YES_2.store(), "svc-2", "database", "bank/1.700", "");

    // When
    run.on(began(true), closed(OWN_READ_ONLY, block), new DecisionDurable());

    // Then
    assertThat(answer(at(7), "bank/1.700")).isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(8), "bank/1.700"))
        .as("a replica that found it")
        .isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(8), "audit/1.700"))
        .as("another name of the same database")
        .isEqualTo(Answer.COMMITTED);
    assertThat(answer(at(7), "bank/2.701")).isEqualTo(Answer.ABORTED);
    assertThat(answer(at(7), "bank/")).isEqualTo(Answer.ABORTED);
    assertThat(answer(at(7), "")).isEqualTo(Answer.ABORTED);
  }

  private Answer answer(Authority asker, String handle) {
    return CoordinatorCore.answer(
        run.state(), new ParticipantKey(branch(2), asker), handle, true, true, Protocol.TWO_PHASE);
  }

  @Test
  @DisplayName("T10 a no beside a yes of the same participant aborts")
  void shouldAbortWhenABranchSaysYesAndNo() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2, vote(2, Vote.ABORT, "second thoughts")));

    // Then
    assertThat(run.last())
        .contains(
            new AnswerFailure(
                Failure.ABORTED, new Blame(branch(2), "svc-2", "second thoughts"), ""),
            new SendOutcome(OWN_YES, Outcome.ABORT, 1, false));
  }

  @Test
  @DisplayName("T12 struck is ABORT for that branch, told at once, and not a no")
  void shouldCommitWithoutStruckBranches() {
    // Given
    BranchVote struck = YES_3.struck("optional call failed");

    // When, Then
    assertThat(run.on(began(true), new Struck(List.of(struck))).last())
        .containsExactly(new SendOutcome(struck, Outcome.ABORT, 1, false));
    assertThat(run.answer(3)).isEqualTo(Answer.ABORTED);
    assertThat(run.on(closed(OWN_YES, YES_2, struck)).last())
        .contains(new ForceDecision(List.of(OWN_YES, YES_2), false));
    assertThat(run.all())
        .filteredOn(e -> e instanceof SendOutcome sent && sent.branch().equals(struck))
        .hasSize(1);
  }

  @Test
  @DisplayName("T12 T14 a branch struck off without a known participant is ABORTED too")
  void shouldAnswerAbortedForABranchStruckOffUnheard() {
    // When
    run.on(began(true), new Struck(List.of(BranchVote.struckUnknown(branch(9), "reset"))));

    // Then
    assertThat(run.last()).isEmpty();
    assertThat(run.answer(9)).isEqualTo(Answer.ABORTED);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
  }

  @Test
  @DisplayName("early abort: a doomed transaction tells ABORT while its service still works")
  void shouldTellAbortAtOnceWhenDoomed() {
    // Given
    Blame blame = new Blame(branch(3), "svc-3", "no money");

    // When, Then
    run.on(began(true), new Doomed(List.of(OWN_NO, YES_2, vote(3, Vote.STRUCK)), blame));
    assertThat(run.last())
        .contains(
            new SendOutcome(YES_2, Outcome.ABORT, 1, false),
            new SendOutcome(vote(3, Vote.STRUCK), Outcome.ABORT, 1, false))
        .noneMatch(AnswerFailure.class::isInstance);
    assertThat(run.on(closed(OWN_NO)).last())
        .contains(new AnswerFailure(Failure.ABORTED, blame, ""));
  }

  @Test
  @DisplayName("the client gets the service's own error if that is what failed")
  void shouldPassTheServicesOwnError() {
    // When
    run.on(
        began(true),
        new Doomed(List.of(OWN_NO), new Blame(branch(3), "svc-3", "no")),
        new RootClosed(List.of(OWN_NO), RootAnswer.ERROR, false));

    // Then
    assertThat(run.all())
        .filteredOn(AnswerFailure.class::isInstance)
        .extracting(e -> ((AnswerFailure) e).failure())
        .containsExactly(Failure.OWN_ERROR);
  }

  @Test
  @DisplayName("past the deadline 504, and branches that were not known yet are told when they are")
  void shouldAbortAtTheDeadline() {
    // When, Then
    run.on(began(true), fired(TimerKind.DEADLINE));
    assertThat(run.last())
        .contains(
            new AnswerFailure(Failure.DEADLINE, null, ""),
            new SendOutcome(ROOT.vote(Vote.PREPARED, ""), Outcome.ABORT, 1, false));
    assertThat(run.on(new Doomed(List.of(OWN_NO, YES_2), new Blame(branch(1), "", ""))).last())
        .containsExactly(new SendOutcome(YES_2, Outcome.ABORT, 1, false));
    assertThat(run.on(closed(OWN_NO)).last()).noneMatch(AnswerFailure.class::isInstance);
  }

  @Test
  @DisplayName("a client that goes before the decision aborts it, after it nothing changes")
  void shouldAbortWhenTheClientGoesBeforeTheDecision() {
    // When
    CoordinatorRun before = new CoordinatorRun().on(began(true), new ClientGone());
    CoordinatorRun after =
        new CoordinatorRun()
            .on(began(true), closed(OWN_YES), new ClientGone(), new DecisionDurable());

    // Then
    assertThat(before.last())
        .contains(new SendOutcome(ROOT.vote(Vote.PREPARED, ""), Outcome.ABORT, 1, false));
    assertThat(before.all()).noneMatch(AnswerFailure.class::isInstance);
    assertThat(after.last()).containsExactly(new SendOutcome(OWN_YES, Outcome.COMMIT, 1, false));
  }

  @Test
  @DisplayName("T13 only the decider itself answers from absence, and only when it has replayed")
  void shouldAnswerFromAbsenceOnlyForItself() {
    assertThat(CoordinatorCore.answer(null, key(2), true, true)).isEqualTo(Answer.ABORTED);
    assertThat(CoordinatorCore.answer(null, key(2), true, false)).isEqualTo(Answer.PENDING);
    assertThat(CoordinatorCore.answer(null, key(2), false, true)).isEqualTo(Answer.NOT_MINE);
  }

  @Test
  @DisplayName("T14 under THREE_PHASE who reads its store does not say that the transaction runs")
  void shouldNotSayThatItLivesWhileItReadsUnderThreePhase() {
    assertThat(CoordinatorCore.answer(null, key(2), true, false, Protocol.THREE_PHASE))
        .isEqualTo(Answer.NOT_MINE);
  }

  @Test
  @DisplayName(
      "T14 PENDING while it runs and while the decision is being forced, then what the decision"
          + " says")
  void shouldAnswerPendingUntilItsFateIsFixed() {
    // When, Then
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(began(true));
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(closed(OWN_YES, YES_2));
    assertThat(run.state()).isInstanceOf(Deciding.class);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    run.on(new DecisionDurable());
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
    assertThat(run.answer(9)).isEqualTo(Answer.ABORTED);
    run.on(ack(1, Acknowledgement.DONE), ack(2, Acknowledgement.DONE));
    assertThat(run.answer(2)).isEqualTo(Answer.COMMITTED);
  }

  @Test
  @DisplayName("T14 ABORTED when it aborts")
  void shouldAnswerAbortedWhenItAborts() {
    // When
    run.on(began(true), closed(OWN_NO, YES_2));

    // Then
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName(
      "T16 another store at the participant's address keeps the transaction and shows a hazard")
  void shouldKeepTheTransactionWhenAnotherStoreAnswers() {
    // When
    run.on(
        began(true),
        closed(OWN_READ_ONLY, YES_2),
        new DecisionDurable(),
        ack(2, Acknowledgement.ANOTHER_STORE));

    // Then
    assertThat(run.state()).isInstanceOf(Committing.class);
    assertThat(run.last())
        .contains(new StartTimer(TimerKind.REDELIVER, key(2), 1))
        .anyMatch(ReportHazard.class::isInstance)
        .anyMatch(e -> e instanceof AnswerFailure failure && failure.failure() == Failure.HAZARD);
    assertThat(
            run.on(
                    new TimerFired(TimerKind.REDELIVER, key(2)),
                    ack(2, Acknowledgement.ANOTHER_STORE))
                .last())
        .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), 2));
    assertThat(run.on(ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(true), new Forget());
  }

  @Test
  @DisplayName(
      "T18 a decision that may be durable is unknown to the client and PENDING to participants")
  void shouldStayInDoubtWhenTheDecisionFails() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new DecisionFailed("disk full"));

    // Then
    assertThat(run.last()).containsExactly(new AnswerFailure(Failure.UNKNOWN, null, "disk full"));
    assertThat(run.all()).noneMatch(SendOutcome.class::isInstance);
    assertThat(run.state()).isInstanceOf(InDoubt.class);
    assertThat(run.answer(2)).isEqualTo(Answer.PENDING);
    assertThat(run.on(fired(TimerKind.DEADLINE)).last()).isEmpty();
  }

  @Test
  @DisplayName("T19 aborts when a participant's ABORT was there first")
  void shouldAbortWhenTheDecisionLosesT19() {
    // Given
    run.on(began(true), closed(OWN_YES, YES_2));

    // When
    run.on(new DecisionLost("ABORT stands"));

    // Then
    assertThat(run.state()).isInstanceOf(Aborting.class);
    assertThat(run.last())
        .contains(
            new AnswerFailure(Failure.DEADLINE, null, "ABORT stands"),
            new SendOutcome(YES_2, Outcome.ABORT, 1, false))
        .doesNotHaveAnyElementsOfTypes(ReleaseResponse.class);
  }

  @Test
  @DisplayName("T18 tells nothing until the shared store has ended the doubt, by either outcome")
  void shouldMoveOnlyAsTheStoreSaysWhenInDoubtT18() {
    // Given
    DecisionFailed failed = new DecisionFailed("no answer", true);
    run.on(began(true), closed(OWN_YES, YES_2), failed);
    assertThat(run.last())
        .containsExactly(new AnswerFailure(Failure.UNKNOWN, null, "no answer"), new Resolve(1));

    // When, Then
    assertThat(run.on(new Unresolved("no answer")).last())
        .containsExactly(new StartTimer(TimerKind.RESOLVE, null, 1));
    assertThat(run.on(fired(TimerKind.RESOLVE)).last()).containsExactly(new Resolve(2));
    CoordinatorState doubt = run.state();
    assertThat(CoordinatorCore.step(doubt, new DecisionDurable()).effects())
        .contains(new SendOutcome(YES_2, Outcome.COMMIT, 1, false))
        .doesNotHaveAnyElementsOfTypes(ReleaseResponse.class);
    assertThat(CoordinatorCore.step(doubt, new DecisionLost("own ABORT")).effects())
        .contains(new SendOutcome(YES_2, Outcome.ABORT, 1, false));
    assertThat(CoordinatorCore.step(doubt, new Unresolvable("gone")).effects())
        .containsExactly(new Forget());
  }

  @Test
  @DisplayName("T18 a decision that the store did not take aborts: it is not there")
  void shouldAbortWhenTheDecisionIsRefusedT18() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new DecisionRefused("disk full"));

    // Then
    assertThat(run.last())
        .containsExactly(
            new SendOutcome(OWN_YES, Outcome.ABORT, 1, false),
            new SendOutcome(YES_2, Outcome.ABORT, 1, false),
            new AnswerFailure(Failure.UNAVAILABLE, null, "disk full"),
            new StartTimer(TimerKind.ABORT_DELIVERY, null, 1));
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
    assertThat(run.on(ack(1, Acknowledgement.DONE), ack(2, Acknowledgement.DONE)).last())
        .containsExactly(new Forget());
  }

  @Test
  @DisplayName("T18 nobody is answered twice when the client has gone before the refusal")
  void shouldAnswerNobodyWhenTheDecisionIsRefusedAfterTheClientHasGone() {
    // When
    run.on(began(true), closed(OWN_YES, YES_2), new ClientGone(), new DecisionRefused("disk full"));

    // Then
    assertThat(run.all()).noneMatch(AnswerFailure.class::isInstance);
    assertThat(run.answer(2)).isEqualTo(Answer.ABORTED);
  }

  @Test
  @DisplayName("after a restart COMMIT is told to whoever has not acknowledged")
  void shouldTellAllAgainAfterARestart() {
    // When
    run.on(new Recovered(List.of(YES_2, YES_3)));

    // Then
    assertThat(run.last())
        .containsExactly(
            new SendOutcome(YES_2, Outcome.COMMIT, 1, false),
            new SendOutcome(YES_3, Outcome.COMMIT, 1, false));
    assertThat(run.answer(3)).isEqualTo(Answer.COMMITTED);
    assertThat(run.on(ack(2, Acknowledgement.DONE), ack(3, Acknowledgement.DONE)).last())
        .containsExactly(new WriteEnded(false), new Forget());
  }

  @ParameterizedTest
  @DisplayName("ABORT is told until it is acknowledged, for a bounded time")
  @ValueSource(ints = {1, 5})
  void shouldGiveUpTellingAbort(int attempts) {
    // Given
    run.on(began(true), closed(OWN_NO, YES_2));
    for (int i = 1; i <= attempts; i++) {
      assertThat(run.on(new Undelivered(key(2))).last())
          .containsExactly(new StartTimer(TimerKind.REDELIVER, key(2), i));
      run.on(new TimerFired(TimerKind.REDELIVER, key(2)));
    }

    // When
    run.on(fired(TimerKind.ABORT_DELIVERY));

    // Then
    assertThat(run.last()).containsExactly(new Forget());
  }
}
