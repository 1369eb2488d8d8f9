package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.resource.ReadOnlyResource;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What {@code handfast tx show} says of branches elsewhere, their votes, and who waits for whom.
 */
class OperatorShowTest {
  private static final String BANK = "bank at bank:15014";

  private final Story story = new Story();

  /** The call's, as its context names it. */
  private String branch() {
    return requireNonNull(story.call().wire().first("tx-context")).substring(36, 52);
  }

  private TransactionDetail atFront() {
    return story.front.show(story.tx()).orElseThrow();
  }

  private BranchView bank() {
    List<BranchView> elsewhere =
        atFront().branches().stream()
            .filter(it -> !it.participant().equals("front:15014"))
            .toList();
    assertThat(elsewhere).hasSize(1);
    return elsewhere.getFirst();
  }

  private void assertBank(String state, String vote) {
    BranchView bank = bank();
    assertThat(bank.branchId()).isEqualTo(branch());
    assertThat(bank.service()).isEqualTo("bank");
    assertThat(bank.participant()).isEqualTo("bank:15014");
    assertThat(bank.mode()).isEqualTo("callback");
    assertThat(bank.state()).isEqualTo(state);
    assertThat(bank.vote()).isEqualTo(vote);
  }

  /** The only line, which names the bank, its branch, and says that. */
  private void assertWaitsForBank(String what) {
    assertThat(atFront().awaited())
        .singleElement()
        .asString()
        .contains(BANK)
        .contains(branch())
        .contains(what);
  }

  private Story voted() {
    return story.begin().callBank().bankAnswers(200);
  }

  private void lose(String lost) {
    story.mesh.loses = (kind, item) -> kind.equals(lost);
  }

  private void losePreCommits() {
    story.mesh.loses =
        (kind, item) -> kind.equals("terminate") && ((TerminateItem) item).getPreCommit();
  }

  @Test
  void shouldNameTheCallWhileItIsNotAnswered() {
    // When
    story.begin().callBank();

    // Then
    assertThat(bank().state()).isEqualTo("called");
    assertThat(bank().service()).isEqualTo("peer");
    assertThat(bank().branchId()).isEqualTo(branch());
    assertThat(atFront().awaited())
        .singleElement()
        .asString()
        .contains("front here to close")
        .contains("its service")
        .contains("the answer of peer to call " + branch());
    assertThat(story.bank.show(story.tx()).orElseThrow().branches())
        .singleElement()
        .extracting(BranchView::waitsFor)
        .isEqualTo("its service");
  }

  @Test
  void shouldNameTheCallWhoseVotesAreMissing() {
    // Given: the vote was lost on the way, and the message is too
    lose("vote");
    story.begin().callBank();
    story.served().answered(200);
    story.mesh.pass(3);

    // When
    story.call().exchange().answered(OutboundProbe.status(200), List.of());
    story.frontAnswers(200);

    // Then
    assertThat(bank().state()).isEqualTo("called");
    assertThat(atFront().awaited())
        .singleElement()
        .asString()
        .contains("the votes of peer on call " + branch());
    assertThat(atFront().branches().getFirst().waitsFor())
        .isEqualTo("the votes of peer on call " + branch());
  }

  @Test
  void shouldShowTheVoteAsSoonAsItIsHere() {
    // When
    voted();

    // Then
    assertBank("voted", "prepared");
    assertThat(atFront().awaited())
        .singleElement()
        .asString()
        .endsWith("which waits for its service");
  }

  @Test
  void shouldNameWhoIsAskedToPrepare() {
    // Given
    story.bankMode = Policies.preparing();
    story.mesh.losesReply = (kind, result) -> kind.equals("prepare");

    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertBank("asked", "ask");
    assertWaitsForBank("to prepare");
    assertWaitsForBank("asked ");
  }

  @Test
  void shouldNameTheBranchThatDecides() {
    // Given
    story.boundary = Policies.onePhase(ReadOnlyResource.INSTANCE);
    lose("prepare");

    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertBank("deciding", "ask");
    assertWaitsForBank("to decide");
  }

  @Test
  void shouldNameTheStoreWhileTheDecisionIsForced() {
    // When
    voted().frontAnswers(200);

    // Then
    assertBank("prepared", "prepared");
    assertThat(atFront().awaited()).containsExactly("its store, to force the decision");
  }

  @Test
  void shouldNameTheStoreWhenTheDecisionIsInDoubt() {
    // Given
    voted().frontAnswers(200);

    // When
    story.front.store().breakDown();
    story.pass(5);

    // Then
    assertBank("prepared", "prepared");
    assertThat(atFront().awaited()).singleElement().asString().contains("its store", "failed");
  }

  @Test
  void shouldNameWhoHasNotAcknowledgedTheCommit() {
    // Given
    lose("outcome");

    // When
    voted().frontAnswers(200).pass(50);

    // Then
    assertBank("told-commit", "prepared");
    assertWaitsForBank("to acknowledge COMMIT");
  }

  @Test
  void shouldNameWhomARestartTellsAgain() {
    // Given
    lose("outcome");
    voted().frontAnswers(200).pass(50);

    // When
    story.front.restart();
    story.pass(50);

    // Then
    assertThat(bank().state()).isEqualTo("told-commit");
    assertThat(bank().branchId()).isEqualTo(branch());
    assertWaitsForBank("to acknowledge COMMIT");
  }

  @Test
  void shouldNameWhoHasNotAcknowledgedTheAbort() {
    // Given
    lose("outcome");

    // When
    voted().frontAnswers(500).pass(50);

    // Then
    assertBank("told-abort", "prepared");
    assertWaitsForBank("to acknowledge ABORT");
  }

  @Test
  void shouldNameWhoHasNotPreCommitted() {
    // Given
    story.boundary = Policies.threePhase();
    losePreCommits();

    // When
    voted().frontAnswers(200).pass(100);

    // Then
    assertBank("prepared", "ask");
    assertWaitsForBank("to pre-commit");
  }

  @Test
  void shouldNameTheStoreWhileThePreCommitIsForced() {
    // Given
    story.boundary = Policies.threePhase();
    story.front.store().refuse(Record::hasPreCommit);

    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertBank("prepared", "ask");
    assertThat(atFront().awaited()).containsExactly("its store, to record that all have promised");
  }

  @Test
  void shouldNameWhomACoordinatorAsksThatCameBack() {
    // Given: it finds that all had promised
    story.boundary = Policies.threePhase();
    losePreCommits();
    voted().frontAnswers(200).pass(100);

    // When
    story.mesh.loses = (kind, item) -> true;
    story.front.restart();
    story.pass(50);

    // Then
    assertThat(bank().state()).isEqualTo("prepared");
    assertThat(atFront().awaited())
        .anyMatch(it -> it.startsWith(BANK + " to say what became of " + branch()));
  }

  @Test
  void shouldStillShowWhatBranchesElsewhereHaveVotedWhenItIsOver() {
    // When
    voted().frontAnswers(200).pass(1_000);

    // Then
    assertBank("committed", "prepared");
    assertThat(atFront().awaited()).isEmpty();
    assertThat(atFront().branches()).hasSize(2);
    story.assertSettled();
  }

  @Test
  void shouldShowWhoSaidNoWhenItIsOver() {
    // When
    story.begin().callBank().bankAnswers(500).frontAnswers(500).pass(5_000);

    // Then
    BranchView bank = bank();
    assertThat(bank.service()).isEqualTo("bank");
    assertThat(bank.state()).isEqualTo("aborted");
    assertThat(bank.vote()).as("its no, or its caller's").isIn("abort", "struck");
    story.assertSettled();
  }
}
