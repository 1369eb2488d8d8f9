package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.Vote;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Messages that come again, or late, from a life that is over: they change nothing. */
class ReplayRulesTest {
  private final Story story = new Story();
  private final Control control = new Control(story);
  private final List<VoteItem> votes = new ArrayList<>();

  /** The bank's vote has to be a message, and is kept on its way. */
  private void voteByMessage() {
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.mesh.loses =
        (kind, item) -> {
          if (item instanceof VoteItem vote) {
            votes.add(vote);
            return true;
          }
          return false;
        };
    story.begin().callBank();
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(5).deliver(200);
    story.mesh.loses = (kind, item) -> kind.equals("vote");
    assertThat(votes).isNotEmpty();
  }

  @Test
  void shouldCountAVoteOfAFormerLifeForItsRecordIsDurableT8() {
    // Given: the vote is on its way when its sidecar dies
    voteByMessage();
    Sender former = story.bank.engine().control().self();
    story.bank.restart();
    assertThat(story.bank.engine().control().self().getIncarnation())
        .isGreaterThan(former.getIncarnation());

    // When
    assertThat(vote(former).getKnown()).isTrue();
    story.frontAnswers(200).pass(60_000);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).containsExactly("POST /c/7");
    story.assertSettled();
  }

  @Test
  void shouldDropAVoteThatComesAgainT10() {
    // Given
    voteByMessage();

    // When
    assertThat(vote(control.self()).getKnown()).isTrue();
    assertThat(vote(control.self()).getKnown()).isTrue();
    story.frontAnswers(200).pass(150);
    VoteResult late = vote(control.self());

    // Then
    assertThat(late.getKnown()).as("the transaction has ended").isFalse();
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).containsExactly("POST /c/7");
    assertThat(story.front.count("handfast.tx.illegal.transitions")).isZero();
  }

  @Test
  void shouldNotUndoWhatHasCommittedWhenAnAbortOfAFormerLifeComesLateT16() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    OutcomeItem abort = Control.item(control.tx(), control.branch(), Outcome.ABORT, "j.bank");

    // When
    var first = control.tell(story.bank, abort);
    story.bank.restart();
    var second = control.tell(story.bank, abort);
    story.pass(60_000);

    // Then
    assertThat(first.getAcknowledgement()).isEqualTo(Acknowledgement.HAZARD);
    assertThat(second.getAcknowledgement()).isEqualTo(Acknowledgement.HAZARD);
    assertThat(second.getDetail()).contains("told ABORT after the branch ended COMMITTED");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
  }

  @Test
  void shouldAcknowledgeACommitThatComesAgainAfterARestartAndDoNothingT16() {
    // Given
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    story.bank.restart();

    // When
    var again =
        control.tell(
            story.bank, Control.item(control.tx(), control.branch(), Outcome.COMMIT, "j.bank"));
    story.pass(60_000);

    // Then
    assertThat(again.getAcknowledgement()).isEqualTo(Acknowledgement.DONE);
    assertThat(story.bank.completions).hasSize(1);
  }

  @Test
  void shouldPromiseNothingWhenAPrepareComesAgainAfterTheEndT14() {
    // Given
    story.bankMode = Policies.preparing();
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");
    int asked = story.bank.completions.size();

    // When
    List<PrepareResult> results = new ArrayList<>();
    PrepareItem again =
        PrepareItem.newBuilder()
            .setTxId(Messages.bytes(control.tx()))
            .setBranchId(control.branch())
            .setDecider("j.front")
            .setStoreId("j.bank")
            .build();
    Peer decider = new Peer.Proved(Set.of(Mesh.identity("front")));
    story.bank.engine().control().onPrepare(control.self(), decider, again, results::add);
    story.pass(60_000);

    // Then
    assertThat(results)
        .singleElement()
        .satisfies(it -> assertThat(it.getVote()).isEqualTo(Vote.VOTE_ABORT));
    assertThat(story.bank.completions).hasSize(asked);
  }

  private VoteResult vote(Sender sender) {
    List<VoteResult> results = new ArrayList<>();
    Peer bank = new Peer.Proved(Set.of(Mesh.identity("bank")));
    story.front.engine().control().onVote(sender, bank, votes.getFirst(), results::add);
    story.pass(0);
    return requireNonNull(results.getFirst());
  }
}
