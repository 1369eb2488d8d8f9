package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.vote;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.Acknowledge;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CancelTimer;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.Confirm;
import io.handfast.tx.core.participant.ParticipantEffect.DoomTransaction;
import io.handfast.tx.core.participant.ParticipantEffect.ForceBegun;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.ForwardRequest;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.Refusal;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseCall;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseRequest;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseCall;
import io.handfast.tx.core.participant.ParticipantEffect.ReportHazard;
import io.handfast.tx.core.participant.ParticipantEffect.SendStruck;
import io.handfast.tx.core.participant.ParticipantEffect.SendVotes;
import io.handfast.tx.core.participant.ParticipantEffect.StartTimer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteBegun;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionFailed;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionRefused;
import io.handfast.tx.core.participant.ParticipantEvent.CompletionSucceeded;
import io.handfast.tx.core.participant.ParticipantEvent.EndDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.InquiryAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantEvent.TimerFired;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.VoteUnknown;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.BegunRecovered;
import io.handfast.tx.core.participant.ParticipantState.Cancelling;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Confirming;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Ending;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The protocol's rules, by their numbers, as far as one branch keeps them. */
class ParticipantRulesTest {
  private static final Branch FORCED = branch(1, Durability.FORCED, false);
  private static final Branch COMPLETE = branch(1, Durability.FORCED_COMPLETE, false);
  private static final Branch ROOT = branch(1, Durability.FORCED, true);
  private static final BranchVote YES = FORCED.vote(Vote.PREPARED, "");
  private static final BranchVote BELOW = vote(2, Vote.PREPARED);
  private static final ServiceAnswered SUCCESS = new ServiceAnswered(TryAnswer.SUCCESS, "");

  private static ParticipantRun working(Branch branch) {
    return ParticipantRun.of(branch).on(new Opened(), new BegunDurable());
  }

  private static ParticipantRun prepared() {
    return working(COMPLETE).on(SUCCESS);
  }

  private static CallOpened opened(long call, boolean optional) {
    return new CallOpened(branch(call), optional);
  }

  private static CallEnded ended(long call) {
    return new CallEnded(branch(call), null);
  }

  private static CallVoted voted(long call, BranchVote... votes) {
    return new CallVoted(branch(call), List.of(votes));
  }

  private static TimerFired fired(TimerKind kind) {
    return new TimerFired(kind);
  }

  @Test
  @DisplayName("force before tell: BEGUN before the Try, the record before the vote")
  void shouldForceBeforeItTells() {
    // Given
    ParticipantRun run = ParticipantRun.of(FORCED);

    // When, Then
    assertThat(run.on(new Opened()).last())
        .contains(new ForceBegun())
        .doesNotContain(new ForwardRequest());
    assertThat(run.on(new BegunDurable()).last()).contains(new ForwardRequest());
    assertThat(run.on(SUCCESS).last()).contains(new ForceRecord());
    assertThat(run.on(new RecordDurable()).last()).containsExactly(new SendVotes(List.of(YES)));
  }

  @Test
  @DisplayName("T8 the vote rides in the answer when it needs no force")
  void shouldLetTheVoteRideWhenBegunIsTheRecord() {
    // When
    ParticipantRun run = working(COMPLETE).on(SUCCESS);

    // Then
    assertThat(run.last())
        .contains(new ReleaseAnswer(Release.PASS, List.of(COMPLETE.vote(Vote.PREPARED, "")), ""));
    assertThat(run.state()).isInstanceOf(Prepared.class);
  }

  @Test
  @DisplayName("T8 an answer is never delayed by a vote that needs a force")
  void shouldReleaseTheAnswerAtOnceWhenTheVoteNeedsAForce() {
    // When
    ParticipantRun run = working(FORCED).on(SUCCESS);

    // Then
    assertThat(run.last()).contains(new ReleaseAnswer(Release.PASS, List.of(), ""));
    assertThat(run.state()).isInstanceOf(Recording.class);
  }

  @Test
  @DisplayName("T8 an overlapped BEGUN that is the record keeps the vote, not the answer")
  void shouldWaitWithTheVoteUntilAnOverlappedBegunIsDurable() {
    // Given
    ParticipantRun run =
        ParticipantRun.of(branch(1, Durability.OVERLAPPED_COMPLETE, false))
            .on(new Opened(), new BegunWritten());

    // When, Then
    assertThat(run.on(SUCCESS).last()).contains(new ReleaseAnswer(Release.PASS, List.of(), ""));
    assertThat(run.on(new BegunDurable()).last()).hasSize(1).first().isInstanceOf(SendVotes.class);
  }

  @Test
  @DisplayName("an overlapped BEGUN keeps the request until it is written, not until it is durable")
  void shouldKeepTheRequestUntilAnOverlappedBegunIsWritten() {
    // Given
    ParticipantRun run =
        ParticipantRun.of(branch(1, Durability.OVERLAPPED_COMPLETE, false)).on(new Opened());
    assertThat(run.all()).contains(new WriteBegun()).doesNotContain(new ForwardRequest());

    // When
    run.on(new BegunWritten());

    // Then
    assertThat(run.last()).contains(new ForwardRequest());
  }

  @Test
  @DisplayName("T9 a call is open until its answer has ended and its votes have come")
  void shouldNotVoteWhileACallIsOpen() {
    // Given
    ParticipantRun run = working(COMPLETE).on(opened(2, false), SUCCESS);

    // When, Then
    assertThat(run.state()).isInstanceOf(Closing.class);
    assertThat(run.on(ended(2)).state()).isInstanceOf(Closing.class);
    assertThat(run.on(voted(2, BELOW)).last())
        .containsExactly(new SendVotes(List.of(COMPLETE.vote(Vote.PREPARED, ""), BELOW)));
  }

  @Test
  @DisplayName("T9 success without a vote by the deadline is no")
  void shouldVoteNoWhenAVoteIsMissingAtTheDeadline() {
    // When
    ParticipantRun run =
        working(COMPLETE).on(opened(2, false), ended(2), SUCCESS, fired(TimerKind.DEADLINE));

    // Then
    assertThat(votes(run))
        .first()
        .isEqualTo(COMPLETE.vote(Vote.ABORT, "the transaction's deadline has passed"));
    assertThat(votes(run)).last().extracting(BranchVote::vote).isEqualTo(Vote.STRUCK);
    assertThat(run.last()).contains(new Cancel(true, 1));
  }

  private static List<BranchVote> votes(ParticipantRun run) {
    return run.last().stream()
        .filter(SendVotes.class::isInstance)
        .map(e -> ((SendVotes) e).votes())
        .findFirst()
        .orElseThrow();
  }

  @Test
  @DisplayName("T10 abort wins over prepared, and two participants of one branch are two entries")
  void shouldKeepTheStrongerVoteOfABranchAndParticipant() {
    // Given
    BranchVote otherPod =
        new BranchVote(
            branch(3),
            Vote.PREPARED,
            BELOW.participant(),
            BELOW.store(),
            "svc-3",
            "callback",
            "",
            "");
    BranchVote samePod = vote(3, Vote.PREPARED);

    // When
    ParticipantRun two =
        working(COMPLETE)
            .on(opened(3, false), voted(3, samePod), voted(3, otherPod), ended(3), SUCCESS);
    ParticipantRun no =
        working(COMPLETE)
            .on(opened(3, false), voted(3, samePod), voted(3, vote(3, Vote.ABORT, "late no")));

    // Then
    assertThat(two.last())
        .contains(
            new ReleaseAnswer(
                Release.PASS, List.of(COMPLETE.vote(Vote.PREPARED, ""), samePod, otherPod), ""));
    assertThat(no.state()).isInstanceOf(AbortedWorking.class);
  }

  @Test
  @DisplayName("T11 later calls of a branch that has voted are refused")
  void shouldRefuseCallsWhenTheBranchHasVoted() {
    assertThat(prepared().on(opened(2, false)).last())
        .containsExactly(
            new RefuseCall(branch(2), "the branch has voted and takes no calls any more"));
    assertThat(working(FORCED).on(SUCCESS, opened(2, false)).last())
        .hasSize(1)
        .first()
        .isInstanceOf(RefuseCall.class);
  }

  @Test
  @DisplayName("T11 an effect makes a branch updating whatever its calls are")
  void shouldDropOutAloneWhenOnlyABranchBelowIsUpdating() {
    // When
    Branch readOnly = branch(1, Durability.READ_ONLY, false);
    ParticipantRun run =
        ParticipantRun.of(readOnly)
            .on(new Opened(), opened(2, false), voted(2, BELOW), ended(2), SUCCESS);

    // Then
    assertThat(run.last())
        .contains(
            new ReleaseAnswer(Release.PASS, List.of(readOnly.vote(Vote.READ_ONLY, ""), BELOW), ""));
    assertThat(run.state()).isEqualTo(new Ended(readOnly, BranchOutcome.READ_ONLY, ""));
  }

  @Test
  @DisplayName(
      "T12 a failed call dooms its caller: no at once, 409 when the service has answered, then undone")
  void shouldDoomTheBranchWhenACallFails() {
    // Given
    ParticipantRun run =
        working(FORCED).on(opened(2, false), voted(2, BELOW), new CallEnded(branch(2), "reset"));
    String why = "call 0000000000000002 to svc-2: reset";

    // When, Then
    assertThat(run.last())
        .containsExactly(new SendVotes(List.of(FORCED.vote(Vote.ABORT, why), BELOW.struck(why))));
    assertThat(run.on(opened(3, false)).last()).hasSize(1).first().isInstanceOf(RefuseCall.class);
    assertThat(run.on(SUCCESS).last())
        .contains(
            new ReleaseAnswer(Release.CONFLICT, List.of(), "the transaction was aborted"),
            new Cancel(true, 1));
  }

  @Test
  @DisplayName("T12 a doomed branch whose head has left resets the stream")
  void shouldResetWhenTheHeadHasLeft() {
    // When
    ParticipantRun run =
        working(FORCED)
            .on(opened(2, false), new AnswerStarted(), new CallEnded(branch(2), "reset"), SUCCESS);

    // Then
    assertThat(run.last())
        .contains(new ReleaseAnswer(Release.RESET, List.of(), "the transaction was aborted"));
  }

  @Test
  @DisplayName(
      "T12 an optional call that fails is struck off, told at once, and its late votes are ignored")
  void shouldStrikeAnOptionalCallWhenItFails() {
    // Given
    ParticipantRun run = working(COMPLETE).on(opened(2, true), new CallEnded(branch(2), "reset"));
    BranchVote struck = BranchVote.struckUnknown(branch(2), "call 0000000000000002: reset");

    // When, Then
    assertThat(run.last()).containsExactly(new SendStruck(List.of(struck)));
    assertThat(run.on(voted(2, BELOW)).last()).isEmpty();
    assertThat(run.on(SUCCESS).last())
        .contains(
            new ReleaseAnswer(Release.PASS, List.of(COMPLETE.vote(Vote.PREPARED, ""), struck), ""));
  }

  @Test
  @DisplayName("T12 the held answer of an optional call is replaced when a branch below says no")
  void shouldRefuseAHeldAnswerWhenItsVotesSayNo() {
    // When
    ParticipantRun run =
        working(COMPLETE).on(opened(2, true), ended(2), voted(2, vote(2, Vote.ABORT, "no money")));

    // Then
    assertThat(run.last())
        .contains(new ReleaseCall(branch(2), "call 0000000000000002 to svc-2: no money"));
    assertThat(run.on(SUCCESS).state()).isInstanceOf(Prepared.class);
  }

  @Test
  @DisplayName("T12 struck branches below are passed on at once")
  void shouldPassStruckBranchesOn() {
    // When
    ParticipantRun run = working(FORCED).on(opened(2, false), voted(2, vote(5, Vote.STRUCK)));

    // Then
    assertThat(run.last()).containsExactly(new SendStruck(List.of(vote(5, Vote.STRUCK))));
  }

  @Test
  @DisplayName("T12 the root dooms the transaction with the branch that said no")
  void shouldBlameTheBranchThatSaidNo() {
    // When
    ParticipantRun run =
        working(ROOT).on(opened(2, false), voted(2, vote(2, Vote.ABORT, "no money")));

    // Then
    assertThat(run.last())
        .filteredOn(DoomTransaction.class::isInstance)
        .extracting(e -> ((DoomTransaction) e).blame())
        .containsExactly(new Blame(branch(2), "svc-2", "no money"));
  }

  @Test
  @DisplayName("a definite 4xx of the Try is a no with nothing to undo")
  void shouldNotUndoWhenTheServiceRefused() {
    // When
    ParticipantRun run = working(FORCED).on(new ServiceAnswered(TryAnswer.REFUSED, "402"));

    // Then
    assertThat(run.last())
        .contains(
            new ReleaseAnswer(Release.PASS, List.of(FORCED.vote(Vote.ABORT, "402")), "402"),
            new WriteEnd(BranchOutcome.ABORTED, "", false))
        .noneMatch(Cancel.class::isInstance);
  }

  @Test
  @DisplayName("a 5xx of the Try is undone as if it had happened")
  void shouldUndoWhenTheServiceFailed() {
    assertThat(working(FORCED).on(new ServiceAnswered(TryAnswer.FAILED, "500")).last())
        .contains(new Cancel(false, 1));
  }

  @Test
  @DisplayName("the root's own record rides with the decision")
  void shouldLetTheRootsRecordRideWithTheDecision() {
    // When
    ParticipantRun incomplete = working(ROOT).on(SUCCESS);
    ParticipantRun complete = working(branch(1, Durability.FORCED_COMPLETE, true)).on(SUCCESS);

    // Then
    assertThat(incomplete.last())
        .contains(new CloseRoot(List.of(ROOT.vote(Vote.PREPARED, "")), TryAnswer.SUCCESS, true));
    assertThat(incomplete.all()).noneMatch(ForceRecord.class::isInstance);
    assertThat(complete.last())
        .hasSize(2)
        .last()
        .extracting(e -> ((CloseRoot) e).recordRides())
        .isEqualTo(false);
  }

  @Test
  @DisplayName("T15 asks from its deadline on, for ever, until it knows")
  void shouldAskUntilItKnows() {
    // Given
    ParticipantRun run = prepared().on(fired(TimerKind.DEADLINE));
    assertThat(run.last()).containsExactly(new Inquire(1));

    // When, Then
    for (int attempt = 1; attempt <= 1_000; attempt++) {
      Answer answer = attempt % 2 == 0 ? Answer.PENDING : Answer.NOT_MINE;
      assertThat(run.on(new InquiryAnswered(answer)).last())
          .containsExactly(new StartTimer(TimerKind.INQUIRY, attempt));
      assertThat(run.on(fired(TimerKind.INQUIRY)).last()).containsExactly(new Inquire(attempt + 1));
    }
    assertThat(run.on(new InquiryAnswered(Answer.COMMITTED)).last()).contains(new Confirm(1));
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
      "T17 T15 a BEGUN that may have voted is undone on ABORTED alone, and then after the Try's timeout")
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
      "T21 COMMIT that the resource refuses for good is a hazard, shown, recorded and acknowledged as one")
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
      "a record that may be durable although its write failed ends as aborted, now and after a restart")
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
    assertThat(votes(now)).containsExactly(FORCED.vote(Vote.ABORT, "disk full"));
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
