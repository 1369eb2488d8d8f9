package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a crash leaves: T17 and T18. */
class RecoveryRulesTest {
  private final Story story = new Story();
  private final Control control = new Control(story);

  @Test
  void shouldWaitForTheAnswerWhenAbortedWhileTheServiceWorksT17() {
    // Given
    story.begin().callBank();

    // When
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");
    story.pass(100);
    assertThat(story.bank.completions).isEmpty();
    story.served().answered(200);
    story.pass(10);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.served().replaced().status()).isEqualTo(409);
  }

  @Test
  void shouldUndoWithoutAnAnswerOnceTheTryHasTimedOutT17() {
    // Given
    story.begin().callBank();

    // When
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");
    story.pass(Policies.TRY_TIMEOUT.toMillis() - 200);
    assertThat(story.bank.completions).isEmpty();
    story.pass(400);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
  }

  @Test
  void shouldWaitForTheTrysTimeoutAnewAfterACrashT17() {
    // Given
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank().pass(1_000);

    // When
    story.bank.restart();
    story.pass(Policies.TRY_TIMEOUT.toMillis() - 100);
    assertThat(story.bank.completions).isEmpty();
    story.pass(200);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel-lost/"));
    assertThat(story.bank.list().inFlight()).isEmpty();
  }

  @Test
  void shouldBeInDoubtWhenTheDecisionsWriteFailsT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);

    // When
    story.front.store().breakDown();
    story.pass(5);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(503);
    assertThat(TestFields.of(story.client().replaced().headers()).first("tx-outcome"))
        .isEqualTo("unknown");
    assertThat(control.inquire(story.front, control.tx(), control.branch(), "j.front").getAnswer())
        .isEqualTo(Answer.PENDING);
    assertThat(story.front.engine().readiness().ready()).isFalse();
    assertThat(story.bank.completions).isEmpty();
    InboundProbe next = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    assertThat(next.refused().status()).isEqualTo(503);
    assertThat(TestFields.of(next.refused().headers()).first("retry-after")).isEqualTo("1");
  }

  @Test
  void shouldCommitAfterARestartWhenTheDecisionProvesToBeThereT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);
    story.front.store().flush();
    story.front.store().breakDown();
    story.pass(5);

    // When
    story.front.restart();
    story.pass(200);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldAbortAfterARestartWhenTheDecisionProvesToBeGoneT18() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(5);
    story.front.store().breakDown();
    story.pass(5);

    // When
    story.front.restart();
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldTellTheDecisionAgainAfterARestart() {
    // Given
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.front.kill();
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldKeepWhatMattersWhenHistoryIsReplacedByACheckpoint() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.frontAnswers(200).pass(150);
    story.front.store().wantsCheckpoint = true;
    InboundProbe other = story.front.inbound(story.boundary, false, "POST", "/", TestFields.of());
    story.pass(20);
    assertThat(story.front.store().checkpoints).isEqualTo(1);
    assertThat(other.forwarded).isNotNull();

    // When
    story.mesh.loses = (kind, item) -> false;
    story.front.restart();
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).filteredOn(it -> it.contains("/confirm/")).hasSize(1);
    story.assertSettled();
  }

  @Test
  void shouldTakeUpAllBranchesBeforeAMessageThatCameWhileTheStoreWasRead() {
    // Given
    Control control = new Control(story);
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    OutcomeItem item = Control.item(control.tx(), control.branch(), Outcome.COMMIT, "j.bank");
    List<OutcomeResult> results = new ArrayList<>();
    story.bank.whileStarting =
        () ->
            story
                .bank
                .engine()
                .control()
                .onOutcome(
                    control.self(),
                    new Peer.Proved(Set.of(Mesh.identity("front"))),
                    item,
                    results::add);

    // When
    story.bank.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.count("handfast.tx.illegal.transitions")).isZero();
    assertThat(results)
        .extracting(OutcomeResult::getAcknowledgement)
        .containsExactly(Acknowledgement.DONE);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }
}
