package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.branch;
import static io.handfast.tx.core.Samples.vote;
import static io.handfast.tx.core.participant.ParticipantRun.COMPLETE;
import static io.handfast.tx.core.participant.ParticipantRun.SUCCESS;
import static io.handfast.tx.core.participant.ParticipantRun.fired;
import static io.handfast.tx.core.participant.ParticipantRun.opened;
import static io.handfast.tx.core.participant.ParticipantRun.prepared;
import static io.handfast.tx.core.participant.ParticipantRun.working;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.DoomTransaction;
import io.handfast.tx.core.participant.ParticipantEffect.ForceBegun;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.ForwardRequest;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseCall;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseCall;
import io.handfast.tx.core.participant.ParticipantEffect.SendStruck;
import io.handfast.tx.core.participant.ParticipantEffect.SendVotes;
import io.handfast.tx.core.participant.ParticipantEffect.WriteBegun;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.AnswerStarted;
import io.handfast.tx.core.participant.ParticipantEvent.BegunDurable;
import io.handfast.tx.core.participant.ParticipantEvent.BegunWritten;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import io.handfast.tx.core.participant.ParticipantEvent.Opened;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.ServiceAnswered;
import io.handfast.tx.core.participant.ParticipantState.AbortedWorking;
import io.handfast.tx.core.participant.ParticipantState.Closing;
import io.handfast.tx.core.participant.ParticipantState.Ended;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import io.handfast.tx.core.participant.ParticipantState.Recording;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The protocol's rules, by their numbers, up to the vote. */
class VotingRulesTest {
  private static final Branch FORCED = branch(1, Durability.FORCED, false);
  private static final Branch ROOT = branch(1, Durability.FORCED, true);
  private static final BranchVote YES = FORCED.vote(Vote.PREPARED, "");
  private static final BranchVote BELOW = vote(2, Vote.PREPARED);

  private static CallEnded ended(long call) {
    return new CallEnded(branch(call), null);
  }

  private static CallVoted voted(long call, BranchVote... votes) {
    return new CallVoted(branch(call), List.of(votes));
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
    assertThat(run.votes())
        .first()
        .isEqualTo(COMPLETE.vote(Vote.ABORT, "the transaction's deadline has passed"));
    assertThat(run.votes()).last().extracting(BranchVote::vote).isEqualTo(Vote.STRUCK);
    assertThat(run.last()).contains(new Cancel(true, 1));
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
      "T12 a failed call dooms its caller: no at once, 409 when the service has answered, then"
          + " undone")
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
  @DisplayName("T12 the branch that said no is named, also when the root's service answered first")
  void shouldBlameTheBranchThatSaidNoWhenTheServiceHasAnswered() {
    // When
    ParticipantRun run =
        working(ROOT)
            .on(
                opened(2, false),
                new ServiceAnswered(TryAnswer.SUCCESS, "200"),
                voted(2, vote(2, Vote.ABORT, "no money")));

    // Then
    assertThat(run.last())
        .filteredOn(DoomTransaction.class::isInstance)
        .extracting(e -> ((DoomTransaction) e).blame())
        .containsExactly(new Blame(branch(2), "svc-2", "no money"));
    assertThat(run.last())
        .extracting(e -> e.getClass().getSimpleName())
        .containsSubsequence("DoomTransaction", "CloseRoot");
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
}
