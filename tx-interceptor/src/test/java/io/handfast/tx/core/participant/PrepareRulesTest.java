package io.handfast.tx.core.participant;

import static io.handfast.tx.core.Samples.preparing;
import static io.handfast.tx.core.participant.ParticipantRun.SUCCESS;
import static io.handfast.tx.core.participant.ParticipantRun.fired;
import static io.handfast.tx.core.participant.ParticipantRun.working;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Branch.Durability;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.AnswerPrepare;
import io.handfast.tx.core.participant.ParticipantEffect.Cancel;
import io.handfast.tx.core.participant.ParticipantEffect.CloseRoot;
import io.handfast.tx.core.participant.ParticipantEffect.ForceRecord;
import io.handfast.tx.core.participant.ParticipantEffect.Inquire;
import io.handfast.tx.core.participant.ParticipantEffect.Prepare;
import io.handfast.tx.core.participant.ParticipantEffect.Release;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseAnswer;
import io.handfast.tx.core.participant.ParticipantEffect.WriteEnd;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.core.participant.ParticipantEvent.OperatorDecided;
import io.handfast.tx.core.participant.ParticipantEvent.PrepareRequested;
import io.handfast.tx.core.participant.ParticipantEvent.RecordDurable;
import io.handfast.tx.core.participant.ParticipantEvent.Recovered;
import io.handfast.tx.core.participant.ParticipantEvent.ServicePrepared;
import io.handfast.tx.core.participant.ParticipantEvent.Told;
import io.handfast.tx.core.participant.ParticipantEvent.Write;
import io.handfast.tx.core.participant.ParticipantEvent.WriteFailed;
import io.handfast.tx.core.participant.ParticipantState.Prepared;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The rules of explicit prepare, as far as the branch keeps them. */
class PrepareRulesTest {
  private static final Branch FORCED = preparing(1, Durability.FORCED, false);
  private static final Branch COMPLETE = preparing(1, Durability.FORCED_COMPLETE, false);
  private static final Branch ROOT = preparing(1, Durability.FORCED, true);
  private static final PrepareRequested PREPARE = new PrepareRequested();
  private static final AnswerPrepare YES = new AnswerPrepare(Vote.PREPARED, "");

  private static ServicePrepared service(PrepareAnswer answer) {
    return new ServicePrepared(answer, answer == PrepareAnswer.REFUSED ? "422" : "");
  }

  @Test
  @DisplayName("force before tell: it votes ask, and its record before the promise")
  void shouldForceItsRecordBeforeItPromises() {
    // Given
    ParticipantRun run = working(FORCED).on(SUCCESS);

    // When, Then
    assertThat(run.last())
        .contains(new ReleaseAnswer(Release.PASS, List.of(FORCED.vote(Vote.ASK, "")), ""))
        .doesNotContain(new ForceRecord());
    assertThat(run.on(PREPARE).last()).containsExactly(new Prepare());
    assertThat(run.on(service(PrepareAnswer.PREPARED)).last()).containsExactly(new ForceRecord());
    assertThat(run.on(new RecordDurable()).last()).containsExactly(YES);
    assertThat(run.state()).isInstanceOf(Prepared.class);
  }

  @Test
  @DisplayName("BEGUN is the record where it says all: no second force")
  void shouldPromiseAtOnceWhenBegunIsTheRecord() {
    // When
    ParticipantRun run = working(COMPLETE).on(SUCCESS, PREPARE, service(PrepareAnswer.PREPARED));

    // Then
    assertThat(run.last()).containsExactly(YES);
    assertThat(run.all()).doesNotContain(new ForceRecord());
  }

  @Test
  @DisplayName("a root's record rides with the decision when it has been asked, too")
  void shouldNotForceTheRecordOfARoot() {
    // When
    ParticipantRun run = working(ROOT).on(SUCCESS, PREPARE, service(PrepareAnswer.PREPARED));

    // Then
    assertThat(run.last()).containsExactly(YES);
    assertThat(run.all())
        .doesNotContain(new ForceRecord())
        .contains(new CloseRoot(List.of(ROOT.vote(Vote.ASK, "")), TryAnswer.SUCCESS, true));
  }

  @Test
  @DisplayName("a branch that has promised nothing aborts alone at its deadline, and then says no")
  void shouldAbortAloneWhenNobodyAsks() {
    // Given
    ParticipantRun run = working(FORCED).on(SUCCESS);

    // When, Then
    assertThat(run.on(fired(TimerKind.DEADLINE)).last()).contains(new Cancel(true, 1));
    assertThat(run.on(PREPARE).last())
        .containsExactly(new AnswerPrepare(Vote.ABORT, "the transaction was aborted"));
  }

  @Test
  @DisplayName("T15 once it has promised it asks at its deadline, and never aborts alone")
  void shouldAskOnceItHasPromisedT15() {
    // Given
    ParticipantRun run = working(COMPLETE).on(SUCCESS, PREPARE, service(PrepareAnswer.PREPARED));

    // When
    run.on(fired(TimerKind.DEADLINE));

    // Then
    assertThat(run.last()).containsExactly(new Inquire(1, true));
    assertThat(run.state()).isInstanceOf(Prepared.class);
  }

  @Test
  @DisplayName("T17 ABORT while the service prepares waits for its answer, then undoes")
  void shouldWaitForTheServiceWhenAbortedWhileItPreparesT17() {
    // Given
    ParticipantRun run = working(FORCED).on(SUCCESS, PREPARE, new Told(Outcome.ABORT, false));
    assertThat(run.all()).noneMatch(Cancel.class::isInstance);

    // When
    run.on(service(PrepareAnswer.PREPARED));

    // Then
    assertThat(run.last()).contains(new Cancel(true, 1)).doesNotContain(YES);
  }

  @Test
  @DisplayName("a service with nothing to commit drops out: its end is written, nothing is forced")
  void shouldDropOutWhenThereIsNothingToCommit() {
    // When
    ParticipantRun run = working(FORCED).on(SUCCESS, PREPARE, service(PrepareAnswer.READ_ONLY));

    // Then
    assertThat(run.last())
        .contains(
            new AnswerPrepare(Vote.READ_ONLY, ""),
            new WriteEnd(BranchOutcome.READ_ONLY, "", false));
  }

  @Test
  @DisplayName("PREPARE that comes again is answered again, and the service is asked once")
  void shouldAskTheServiceOnce() {
    // When
    ParticipantRun run =
        working(COMPLETE).on(SUCCESS, PREPARE, PREPARE, service(PrepareAnswer.PREPARED), PREPARE);

    // Then
    assertThat(run.last()).containsExactly(YES);
    assertThat(run.all()).filteredOn(Prepare.class::isInstance).hasSize(1);
  }

  @Test
  @DisplayName(
      "T21 while an operator's ABORT is recorded PREPARE is not answered yes, nor is it no")
  void shouldNotPromiseWhatAnOperatorIsAbortingT21() {
    // Given
    ParticipantRun run =
        working(COMPLETE)
            .on(
                SUCCESS,
                PREPARE,
                service(PrepareAnswer.PREPARED),
                new OperatorDecided(Outcome.ABORT));

    // When, Then
    assertThat(run.on(PREPARE).last()).isEmpty();
    assertThat(run.on(new RecordDurable(), PREPARE).last())
        .containsExactly(new AnswerPrepare(Vote.ABORT, "the transaction was aborted"));
  }

  @Test
  @DisplayName("T21 it keeps its promise where the store does not take an operator's ABORT")
  void shouldPromiseAgainWhenAnOperatorsWordIsNotTakenT21() {
    // Given
    ParticipantRun run =
        working(COMPLETE)
            .on(
                SUCCESS,
                PREPARE,
                service(PrepareAnswer.PREPARED),
                new OperatorDecided(Outcome.ABORT));

    // When
    run.on(new WriteFailed(Write.RESOLUTION, "full"), PREPARE);

    // Then
    assertThat(run.last()).containsExactly(YES);
  }

  @Test
  @DisplayName("after a restart nobody knows whether the service has prepared: no, and in doubt")
  void shouldNotPromiseForAFormerLife() {
    // Given
    ParticipantRun run = ParticipantRun.of(COMPLETE).on(new Recovered(Found.BEGUN_COMPLETE));

    // When
    run.on(PREPARE);

    // Then
    assertThat(run.last())
        .singleElement()
        .satisfies(e -> assertThat(((AnswerPrepare) e).vote()).isEqualTo(Vote.ABORT));
    assertThat(run.state()).isInstanceOf(Prepared.class);
  }
}
