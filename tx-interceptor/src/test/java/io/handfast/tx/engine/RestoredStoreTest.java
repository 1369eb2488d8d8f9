package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that was restored from a backup answers for the old one only what it holds: T13. */
final class RestoredStoreTest {
  private final Story story = new Story();
  private final Control control = new Control(story);

  @Test
  void shouldTellADecisionOfTheFormerStoreThatItHoldsT13() {
    // Given: decided, told to nobody, and then the disk is lost
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    MemoryStore.Disk backup = story.front.disk().restored("front-2");

    // When
    story.front.restoreFrom(backup);
    story.pass(5);

    // Then
    assertThat(control.inquire(story.front, control.tx(), control.branch(), "j.front").getAnswer())
        .isEqualTo(Answer.COMMITTED);
    assertThat(
            control.inquire(story.front, control.tx(), control.branch(), "j.front-2").getAnswer())
        .isEqualTo(Answer.NOT_MINE);
    story.mesh.loses = (kind, item) -> false;
    story.pass(10_000);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldNeverAnswerFromAbsenceForTheFormerStoreT13() {
    // Given: the backup is older than the decision
    story.begin().callBank();
    MemoryStore.Disk backup = story.front.disk().restored("front-2");
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
    story.front.completions.clear();

    // When
    story.front.restoreFrom(backup);
    story.mesh.loses = (kind, item) -> false;
    story.pass(60_000);

    // Then: in doubt, visibly, at the bank and at the front's own branch; nothing is undone
    assertThat(control.inquire(story.front, control.tx(), control.branch(), "j.front").getAnswer())
        .isEqualTo(Answer.NOT_MINE);
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.front.completions).isEmpty();
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.front.list().inDoubt()).isEqualTo(1);
  }

  @Test
  void shouldAnswerFromAbsenceInItsOwnNameT13() {
    // Given
    story.begin();
    story.front.restoreFrom(story.front.disk().restored("front-2"));

    // When / Then
    assertThat(control.inquire(story.front, Control.STRANGE, 7, "j.front-2").getAnswer())
        .isEqualTo(Answer.ABORTED);
    assertThat(control.inquire(story.front, Control.STRANGE, 7, "j.front-3").getAnswer())
        .isEqualTo(Answer.NOT_MINE);
  }

  @Test
  void shouldTakeOutcomesForBranchesOfTheFormerStoreThatItHoldsT13() {
    // Given: a participant that is restored while in doubt
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    MemoryStore.Disk backup = story.bank.disk().restored("bank-2");

    // When
    story.bank.restoreFrom(backup);
    story.mesh.loses = (kind, item) -> false;
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  /** What the backup finds of the bank's branch. */
  enum Age {
    BEGUN,
    BEGUN_COMPLETE,
    PREPARED
  }

  @ParameterizedTest
  @EnumSource
  void shouldNotUndoWhatMayHaveCommittedSinceTheBackupT13(Age age) {
    // Given: a backup of the participant, which then commits, and is forgotten by everybody
    MemoryStore.Disk backup = bankBackedUp(age);
    story.frontAnswers(200).pass(60_000);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/c/"));

    // When
    story.bank.restoreFrom(backup);
    story.pass(4_000_000);

    // Then: in doubt, and an operator sees why
    assertThat(story.bank.completions).hasSize(1);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.bank.show(story.tx()).orElseThrow().summary().detail())
        .contains("restored from a backup");
    story.bank.restart();
    story.pass(4_000_000);
    assertThat(story.bank.completions).as("nor after another restart").hasSize(1);
  }

  private MemoryStore.Disk bankBackedUp(Age age) {
    story.bankMode =
        age == Age.BEGUN_COMPLETE
            ? Policies.callback("/c/{branch.id}", "/x/{branch.id}")
            : Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank();
    MemoryStore.Disk begun = story.bank.disk().restored("bank-2");
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(3).deliver(200);
    return age == Age.PREPARED ? story.bank.disk().restored("bank-2") : begun;
  }

  @ParameterizedTest
  @EnumSource(
      value = Age.class,
      names = {"BEGUN_COMPLETE", "PREPARED"})
  void shouldUndoWhatItsDeciderTellsItToUndoT13(Age age) {
    // Given: restored while it may have committed, for all that it knows
    story.bank.restoreFrom(bankBackedUp(age));
    story.pass(100);

    // When: the transaction aborts now, and says so
    story.frontAnswers(500).pass(20_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/x/"));
    story.assertSettled();
  }

  @Test
  void shouldNotUndoTheBoundarysOwnThatMayHaveCommittedSinceTheBackupT13() {
    // Given: its own BEGUN is in the backup, the decision with its record is younger
    story.boundary =
        Policies.boundary(Policies.callback("/c/{response.json/id}", "/x/{response.json/id}"));
    story.begin();
    MemoryStore.Disk backup = story.front.disk().restored("front-2");
    story.client().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(60_000);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.front.restoreFrom(backup);
    story.pass(4_000_000);

    // Then
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/c/"));
    assertThat(story.front.list().inDoubt()).isEqualTo(1);
  }

  @Test
  void shouldNotAcknowledgeForTheFormerStoreWhatItDoesNotHoldT13() {
    // Given
    story.bank.restoreFrom(story.bank.disk().restored("bank-2"));

    // When / Then
    assertThat(
            control
                .tell(story.bank, Control.STRANGE, 7, Outcome.COMMIT, "j.bank")
                .getAcknowledgement())
        .isEqualTo(Acknowledgement.ANOTHER_STORE);
    assertThat(
            control
                .tell(story.bank, Control.STRANGE, 7, Outcome.COMMIT, "j.bank-2")
                .getAcknowledgement())
        .isEqualTo(Acknowledgement.DONE);
  }
}
