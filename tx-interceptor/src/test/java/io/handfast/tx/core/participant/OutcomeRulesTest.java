package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.participant.ParticipantRun.COMPLETE;
import static io.handfast.tx.core.participant.ParticipantRun.SUCCESS;
import static io.handfast.tx.core.participant.ParticipantRun.fired;
import static io.handfast.tx.core.participant.ParticipantRun.opened;
import static io.handfast.tx.core.participant.ParticipantRun.prepared;
import static io.handfast.tx.core.participant.ParticipantRun.working;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.Acknowledge;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPrepare;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.ForwardRequest;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.Refusal;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseCall;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseRequest;
import io.handfast.tx.core.participant.ParticipantEffect.ReportHazard;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionRefused;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionSucceeded;
import io.handfast.tx.core.participant.ParticipantEvent.EndDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol's rules, by their numbers, from the vote on. */
class OutcomeRulesTest {
  private static final Branch FORCED = branch(1, Durability.FORCED, false);

  @Test
  @DisplayName("T15 asks from its deadline on, for ever, until it knows")
  void shouldAskUntilItKnows() {
    // Given
    ParticipantRun run = prepared().on(fired(TimerKind.DEADLINE));
    assertThat(run.last()).containsExactly(new Inquire(1, true));

    // When, Then
    for (int attempt = 1; attempt <= 1_000; attempt++) {
      Answer answer = attempt % 2 == 0 ? Answer.PENDING : Answer.NOT_MINE;
      assertThat(run.on(new InquiryAnswered(answer)).last())
          .containsExactly(new StartTimer(TimerKind.INQUIRY, attempt));
      assertThat(run.on(fired(TimerKind.INQUIRY)).last())
          .containsExactly(new Inquire(attempt + 1, true));
    }
    assertThat(run.on(new InquiryAnswered(Answer.COMMITTED)).last()).contains(new Confirm(1));
  }

  @Test
  @DisplayName("T19 may write ABORT into a shared store from its deadline on, and not before")
  void shouldBeAllowedToAbortFromItsDeadlineOnT19() {
    // Given
    ParticipantRun run = prepared().on(new VoteUnknown());
    assertThat(run.last()).containsExactly(new Inquire(1, false));

    // When
    run.on(fired(TimerKind.DEADLINE));
    assertThat(run.last()).isEmpty();
    run.on(new InquiryAnswered(Answer.PENDING), fired(TimerKind.INQUIRY));

    // Then
    assertThat(run.last()).containsExactly(new Inquire(2, true));
  }

  @Test
  @DisplayName("T18 a root asks as well where a shared store may give its coordinator up")
  void shouldAskAsARootFromItsDeadlineOnWhereTheStoreIsSharedT18() {
    // Given
    Branch root =
        new Branch(
            COMPLETE.tx(),
            COMPLETE.id(),
            COMPLETE.participant(),
            new StoreId("e.shared"),
            COMPLETE.service(),
            COMPLETE.mode(),
            Durability.FORCED_COMPLETE,
            true);
    Branch asked =
        new Branch(
            root.tx(),
            root.id(),
            root.participant(),
            root.store(),
            root.service(),
            root.mode(),
            root.durability(),
            true,
            true,
            Protocol.TWO_PHASE);

    // When, Then
    ParticipantRun run = ParticipantRun.working(root).on(SUCCESS);
    assertThat(run.last()).contains(new StartTimer(TimerKind.DEADLINE, 1));
    assertThat(run.on(fired(TimerKind.DEADLINE)).last()).containsExactly(new Inquire(1, true));
    run =
        ParticipantRun.working(asked)
            .on(SUCCESS, new PrepareRequested(), new ServicePrepared(PrepareAnswer.PREPARED, ""));
    assertThat(run.last())
        .containsExactly(
            new AnswerPrepare(Vote.PREPARED, ""), new StartTimer(TimerKind.DEADLINE, 1));
  }

  @Test
  @DisplayName("T15 asks when its caller's sidecar knows of no such call")
  void shouldAskWhenItsVoteIsUnknown() {
    assertThat(prepared().on(new VoteUnknown()).last()).containsExactly(new Inquire(1));
  }

  @Test
  @DisplayName("T15 ABORTED that meets a branch completed meanwhile is stale and dropped")
  void shouldDropAStaleAnswer() {
    // Given
    ParticipantRun run = prepared().on(fired(TimerKind.DEADLINE), new Told(Outcome.COMMIT, false));
    InquiryAnswered stale = new InquiryAnswered(Answer.ABORTED);

    // When, Then
    assertThat(run.on(stale).state()).isInstanceOf(Confirming.class);
    assertThat(run.on(new CompletionSucceeded(), stale).state()).isInstanceOf(Ending.class);
    assertThat(run.on(new EndDurable(), stale).state())
        .isEqualTo(new Ended(COMPLETE, BranchOutcome.COMMITTED, ""));
    assertThat(run.last()).isEmpty();
  }

  @Test
  @DisplayName("T15 a recovered yes asks at once")
  void shouldAskAtOnceAfterARestart() {
    assertThat(ParticipantRun.of(FORCED).on(new Recovered(Found.PREPARED)).last())
        .containsExactly(new Inquire(1));
  }

  @Test
  @DisplayName("T16 acknowledges only when its outcome is durable, at once when it is waited for")
  void shouldAcknowledgeWhenTheEndIsDurable() {
    // Given
    ParticipantRun run = prepared().on(new Told(Outcome.COMMIT, true), new CompletionSucceeded());

    // When, Then
    assertThat(run.last()).containsExactly(new WriteEnd(BranchOutcome.COMMITTED, "", true));
    assertThat(run.all()).noneMatch(Acknowledge.class::isInstance);
    assertThat(run.on(new EndDurable()).last())
        .containsExactly(new Acknowledge(Acknowledgement.DONE, ""), new ParticipantEffect.Forget());
  }

  @Test
  @DisplayName("T16 is not acknowledged when the end could not be written")
  void shouldNotAcknowledgeWhenTheEndFails() {
    // When
    ParticipantRun run =
        prepared()
            .on(
                new Told(Outcome.COMMIT, true),
                new CompletionSucceeded(),
                new WriteFailed(Write.END, "disk full"));

    // Then
    assertThat(run.all()).noneMatch(Acknowledge.class::isInstance);
    assertThat(run.state()).isInstanceOf(Ending.class);
  }

  @Test
  @DisplayName("T16 an end that could not be written is written again, on a timer or when told")
  void shouldWriteTheEndAgainWhenItFailedT16() {
    // Given
    WriteFailed failed = new WriteFailed(Write.END, "disk full");
    ParticipantRun run =
        prepared().on(new Told(Outcome.COMMIT, true), new CompletionSucceeded(), failed);
    assertThat(run.last()).containsExactly(new StartTimer(TimerKind.RETRY, 1));

    // When, Then
    assertThat(run.on(fired(TimerKind.RETRY)).last())
        .contains(new WriteEnd(BranchOutcome.COMMITTED, "", false));
    assertThat(run.on(new Told(Outcome.COMMIT, true)).last()).as("it is under way").isEmpty();
    assertThat(run.on(failed).last()).containsExactly(new StartTimer(TimerKind.RETRY, 2));
    assertThat(run.on(new Told(Outcome.COMMIT, true)).last())
        .containsExactly(
            new CancelTimer(TimerKind.RETRY), new WriteEnd(BranchOutcome.COMMITTED, "", true));
    assertThat(run.on(new EndDurable()).last()).anyMatch(Acknowledge.class::isInstance);
    assertThat(run.all()).filteredOn(Confirm.class::isInstance).hasSize(1);
  }

  @ParameterizedTest
  @DisplayName("T17 ABORT waits for the service's answer or timeout, then undoes")
  @EnumSource(
      value = TryAnswer.class,
      names = {"SUCCESS", "FAILED"})
  void shouldUndoAfterTheAnswerWhenAbortComesWhileTheServiceWorks(TryAnswer answer) {
    // Given
    ParticipantRun run = working(FORCED).on(new Told(Outcome.ABORT, false));

    // When, Then
    assertThat(run.all()).noneMatch(Cancel.class::isInstance);
    assertThat(run.on(new ServiceAnswered(answer, "")).last())
        .contains(new Cancel(answer == TryAnswer.SUCCESS, 1));
  }

  @Test
  @DisplayName("T17 a lost answer is undone after the Try's timeout")
  void shouldUndoALostTryAfterItsTimeout() {
    // Given
    ParticipantRun run = working(FORCED).on(new ServiceAnswered(TryAnswer.LOST, "reset"));

    // When, Then
    assertThat(run.all()).noneMatch(Cancel.class::isInstance);
    assertThat(run.on(fired(TimerKind.TRY_TIMEOUT)).last()).contains(new Cancel(false, 1));
  }

  @Test
  @DisplayName("T17 after a restart a BEGUN is undone when the Try's timeout has passed anew")
  void shouldWaitForTheTryAfterARestart() {
    // Given
    ParticipantRun run = ParticipantRun.of(FORCED).on(new Recovered(Found.BEGUN));

    // When, Then
    assertThat(run.last()).containsExactly(new StartTimer(TimerKind.TRY_TIMEOUT, 1));
    assertThat(run.on(new Told(Outcome.ABORT, true)).last()).isEmpty();
    assertThat(run.on(fired(TimerKind.TRY_TIMEOUT)).last()).containsExactly(new Cancel(false, 1));
  }

  @Test
  @DisplayName(
      "T17 T15 a BEGUN that may have voted is undone on ABORTED alone, and then after the Try's"
          + " timeout")
  void shouldAskBeforeItUndoesACompleteBegun() {
    // Given
    ParticipantRun run = ParticipantRun.of(COMPLETE).on(new Recovered(Found.BEGUN_COMPLETE));
    assertThat(run.last())
        .containsExactly(new StartTimer(TimerKind.TRY_TIMEOUT, 1), new Inquire(1));

    // When, Then
    assertThat(run.on(new InquiryAnswered(Answer.ABORTED)).state())
        .isInstanceOf(BegunRecovered.class);
    assertThat(run.all()).noneMatch(Cancel.class::isInstance);
    assertThat(run.on(fired(TimerKind.TRY_TIMEOUT)).last()).containsExactly(new Cancel(false, 1));
  }

  @Test
  @DisplayName(
      "T17 a BEGUN that may have voted is undone at once when the Try's timeout has passed")
  void shouldUndoAtOnceWhenTheTryIsOver() {
    // When
    ParticipantRun run =
        ParticipantRun.of(COMPLETE)
            .on(
                new Recovered(Found.BEGUN_COMPLETE),
                fired(TimerKind.TRY_TIMEOUT),
                new InquiryAnswered(Answer.ABORTED));

    // Then
    assertThat(run.last()).contains(new Cancel(false, 1));
  }

  @Test
  @DisplayName(
      "T21 COMMIT that the resource refuses for good is a hazard, shown, recorded and acknowledged"
          + " as one")
  void shouldEndAsHazardWhenTheResourceRefuses() {
    // Given
    ParticipantRun run =
        prepared().on(new Told(Outcome.COMMIT, true), new CompletionRefused("422 expired"));

    // When, Then
    assertThat(run.last())
        .containsExactly(
            new ReportHazard("422 expired"),
            new WriteEnd(BranchOutcome.HAZARD, "422 expired", true));
    assertThat(run.on(new EndDurable()).last())
        .contains(new Acknowledge(Acknowledgement.HAZARD, "422 expired"));
    assertThat(run.on(fired(TimerKind.RETRY)).last()).isEmpty();
  }

  @Test
  @DisplayName("T21 COMMIT that fails for now is tried again, for ever")
  void shouldTryAgainWhenTheResourceFails() {
    // Given
    ParticipantRun run = prepared().on(new Told(Outcome.COMMIT, false));

    // When, Then
    IntStream.rangeClosed(1, 100)
        .forEach(attempt -> {
          assertThat(run.on(new CompletionFailed("503")).last())
              .containsExactly(new StartTimer(TimerKind.RETRY, attempt));
          assertThat(run.on(fired(TimerKind.RETRY)).last())
              .containsExactly(new Confirm(attempt + 1));
        });
  }

  @Test
  @DisplayName("AC2 an outcome that contradicts what was done is refused and shown")
  void shouldNotReverseADecision() {
    // When
    ParticipantRun run =
        prepared().on(new Told(Outcome.COMMIT, false), new Told(Outcome.ABORT, false));

    // Then
    assertThat(run.last())
        .containsExactly(
            new ReportHazard(
                "told ABORT in state Confirming (expected: an outcome that agrees with its vote)"),
            new Acknowledge(
                Acknowledgement.HAZARD,
                "told ABORT in state Confirming (expected: an outcome that agrees with its vote)"));
    assertThat(run.state()).isInstanceOf(Confirming.class);
  }

  @Test
  @DisplayName("AC3 COMMIT before the vote fails closed")
  void shouldNotCommitWhatWasNotVoted() {
    // When
    ParticipantRun run = working(FORCED).on(new Told(Outcome.COMMIT, false), SUCCESS);

    // Then
    assertThat(run.all())
        .noneMatch(Confirm.class::isInstance)
        .anyMatch(ReportHazard.class::isInstance);
    assertThat(run.state()).isInstanceOf(Cancelling.class);
  }

  @Test
  @DisplayName("a BEGUN that cannot be written refuses the call, and nothing is forwarded")
  void shouldForwardNothingWhenBegunFails() {
    // When
    ParticipantRun run =
        ParticipantRun.of(FORCED).on(new Opened(), new WriteFailed(Write.BEGUN, "disk full"));

    // Then
    assertThat(run.last()).contains(new RefuseRequest(Refusal.STORE_FAILED, "disk full"));
    assertThat(run.all()).noneMatch(ForwardRequest.class::isInstance);
  }

  @Test
  @DisplayName(
      "a record that may be durable although its write failed ends as aborted, now and after a"
          + " restart")
  void shouldVoteNoAndUndoWhenTheRecordFails() {
    // Given
    ParticipantRun now =
        working(FORCED).on(SUCCESS, new WriteFailed(Write.BRANCH_RECORD, "disk full"));
    ParticipantRun found = ParticipantRun.of(FORCED).on(new Recovered(Found.PREPARED));
    ParticipantRun lost = ParticipantRun.of(FORCED).on(new Recovered(Found.BEGUN));

    // When
    found.on(new InquiryAnswered(Answer.ABORTED));
    lost.on(fired(TimerKind.TRY_TIMEOUT));

    // Then
    assertThat(now.votes()).containsExactly(FORCED.vote(Vote.ABORT, "disk full"));
    assertThat(now.last()).contains(new Cancel(true, 1));
    assertThat(found.last()).contains(new Cancel(false, 1));
    assertThat(lost.last()).contains(new Cancel(false, 1));
  }

  @Test
  void shouldRefuseMoreCallsThanABranchMayMake() {
    // Given
    ParticipantRun run = working(FORCED);
    for (int i = 0; i < Calls.MAX; i++) {
      run.on(opened(10 + i, false));
    }

    // When, Then
    assertThat(run.last()).hasSize(1).first().isInstanceOf(ParticipantEffect.AdmitCall.class);
    assertThat(run.on(opened(5, false)).last()).hasSize(1).first().isInstanceOf(RefuseCall.class);
  }
}
