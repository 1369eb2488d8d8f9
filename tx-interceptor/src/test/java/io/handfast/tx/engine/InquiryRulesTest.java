package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.operator.TransactionSummary;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who asks, and what is answered: T13 to T15. */
class InquiryRulesTest {
  private final Story story = new Story();
  private final Control control = new Control(story);

  @Test
  void shouldAnswerAbortedFromAbsenceOnlyAsTheNamedDeciderT13() {
    // When
    InquireResult own = control.inquire(story.front, Control.STRANGE, 7, "j.front");
    InquireResult other = control.inquire(story.front, Control.STRANGE, 7, "j.another");

    // Then
    assertThat(own.getAnswer()).isEqualTo(Answer.ABORTED);
    assertThat(other.getAnswer()).isEqualTo(Answer.NOT_MINE);
  }

  @Test
  void shouldAnswerPendingWhileTheTransactionRunsT14() {
    // Given
    story.begin().callBank();
    TxId tx = control.tx();
    long branch = control.branch();

    // When
    InquireResult running = control.inquire(story.front, tx, branch, "j.front");
    story.bankAnswers(200);
    story.front.store().freeze();
    story.frontAnswers(200).pass(20);
    InquireResult deciding = control.inquire(story.front, tx, branch, "j.front");
    story.front.store().thaw();
    story.bank.completionStatus = 503;
    story.pass(20);
    InquireResult decided = control.inquire(story.front, tx, branch, "j.front");
    InquireResult notListed = control.inquire(story.front, tx, 99, "j.front");

    // Then
    assertThat(running.getAnswer()).isEqualTo(Answer.PENDING);
    assertThat(deciding.getAnswer()).isEqualTo(Answer.PENDING);
    assertThat(decided.getAnswer()).isEqualTo(Answer.COMMITTED);
    assertThat(notListed.getAnswer()).isEqualTo(Answer.ABORTED);
  }

  @Test
  void shouldAskFromItsDeadlineOnUntilItKnowsT15() {
    // Given
    List<String> asked = new ArrayList<>();
    story.mesh.loses =
        (kind, item) -> {
          if (kind.equals("inquire")) {
            asked.add(kind);
          }
          return !kind.equals("vote");
        };
    story.begin().callBank().bankAnswers(200).frontAnswers(200);

    // When
    story.pass(1_500);
    assertThat(asked).isEmpty();
    story.pass(30_000);

    // Then
    assertThat(asked).hasSizeGreaterThan(5);
    assertThat(story.bank.list().inDoubt()).isEqualTo(1);
    assertThat(story.bank.completions).isEmpty();

    // When
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.pass(6_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertThat(story.bank.list().inDoubt()).isZero();
  }

  @Test
  void shouldAskAfterARestartAndCarryTheOutcomeOutT15() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    story.bank.kill();
    story.frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
    story.bank.restart();
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.pass(6_000);
    story.assertSettled();
  }

  @Test
  void shouldAskBeforeItUndoesACompleteBegunAfterACrash() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    story.bank.restart();
    story.frontAnswers(200).pass(7_000);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).allMatch(it -> it.contains("/confirm/")).isNotEmpty();
    story.assertSettled();
  }

  @Test
  void shouldFindItsDecisionUnderTheAddressItVotedWith() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.kill();
    story.frontAnswers(200).pass(150);

    // When
    story.bank.configure(
        EngineConfig.of("bank", new io.handfast.tx.core.Authority("bank-moved", 15014)));
    story.pass(100);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldAskAtOnceWhenTheCallersSidecarKnowsNoSuchCall() {
    // Given
    story.begin().callBank();
    story.front.restart();

    // When
    story.served().exchange().answered(InboundProbe.answer(200, null, false));
    story.pass(50);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
  }

  @Test
  void shouldSayThatItKnowsNoSuchCallWhenAVoteIsLate() {
    // Given
    VoteItem item =
        VoteItem.newBuilder().setTxId(Messages.bytes(Control.STRANGE)).setCallBranchId(9).build();
    List<VoteResult> results = new ArrayList<>();

    // When
    story.front.engine().control().onVote(control.self(), new Peer.Unproved(), item, results::add);
    story.pass(0);

    // Then
    assertThat(results).hasSize(1).noneMatch(VoteResult::getKnown);
  }

  @Test
  void shouldShowWhatIsInDoubtAndWhatWasDecided() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    var during = story.bank.list();
    story.frontAnswers(200).pass(50);
    var after = story.bank.list();
    var detail = story.front.show(story.tx()).orElseThrow();

    // Then
    assertThat(during.inDoubt()).isEqualTo(1);
    assertThat(during.inFlight()).extracting(TransactionSummary::txId).containsExactly(story.tx());
    assertThat(after.recent()).extracting(TransactionSummary::outcome).containsExactly("committed");
    assertThat(detail.branches())
        .as("of one that has ended")
        .extracting(BranchView::service, BranchView::state, BranchView::vote)
        .containsExactly(
            tuple("front", "committed", "prepared"), tuple("bank", "committed", "prepared"));
    assertThat(detail.summary().role()).isEqualTo("coordinator");
    assertThat(detail.timeline())
        .extracting(it -> it.event())
        .contains("began", "decision durable");
  }
}
