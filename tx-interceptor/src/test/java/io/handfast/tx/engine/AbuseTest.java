package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.BranchVote;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.Vote;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What the careless and the hostile do to a sidecar many times over: each gets a clear answer, what
 * is kept of them is bounded, and a transaction that runs beside them is not lost.
 */
class AbuseTest {
  private static final int MANY = 100_000;
  private static final int AT_ONCE = 100;
  private static final long LONG_ENOUGH_MS = 60_000;
  private static final Peer THIEF = new Peer.Proved(Set.of(Mesh.identity("thief")));

  private final Story story = new Story();
  private final Control control = new Control(story);

  @Test
  void shouldKeepNothingOfTransactionsThatWereBegunAndAbandoned() {
    // Given
    long refused = 0;

    // When
    for (int begun = 0; begun < MANY; begun += AT_ONCE) {
      List<InboundProbe> clients = new ArrayList<>();
      for (int nth = 0; nth < AT_ONCE; nth++) {
        clients.add(story.front.inbound(story.boundary, false, "POST", "/", TestFields.of()));
      }
      story.pass(2);
      for (int nth = 0; nth < AT_ONCE; nth += 2) {
        clients.get(nth).exchange().callerGone(); // the others wait, and no service ever answers
      }
      story.pass(LONG_ENOUGH_MS);
      refused += clients.stream().filter(it -> it.refused != null).count();
    }

    // Then
    assertThat(refused).isZero();
    assertThat(story.front.completions)
        .as("each Try that may have happened is undone")
        .hasSize(MANY)
        .allMatch(it -> it.contains("/cancel/"));
    assertThat(story.front.list().recent()).hasSizeLessThanOrEqualTo(Bounds.MAX_RECENT);
    story.assertSettled();
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(LONG_ENOUGH_MS);
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldAcknowledgeEveryOutcomeOfAnUnknownBranchAndLoseNoneThatRuns() {
    // Given
    story.begin().callBank().bankAnswers(200);
    int recorded = story.bank.disk().durable.size();

    // When
    int done = 0;
    for (int nth = 0; nth <= Bounds.MAX_REMEMBERED; nth++) {
      TxId unknown = TxId.of(1_750_000_000_000L, 7, nth);
      Outcome outcome = nth % 10 == 0 ? Outcome.COMMIT : Outcome.ABORT;
      if (control.tell(story.bank, unknown, nth + 1L, outcome, "j.bank").getAcknowledgement()
          == Acknowledgement.DONE) {
        done++;
      }
    }

    // Then
    assertThat(done).isEqualTo(Bounds.MAX_REMEMBERED + 1);
    assertThat(story.bank.disk().durable).as("nothing is written for them").hasSize(recorded);
    assertThat(story.bank.completions).as("no service is asked for them").isEmpty();
    story.frontAnswers(200).pass(LONG_ENOUGH_MS);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).singleElement().asString().contains("/confirm/");
    story.assertSettled();
  }

  @Test
  void shouldNotKnowTheCallThatAForgedVoteNames() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    VoteResult stranger = vote(Control.STRANGE, 7);
    VoteResult anotherCall = vote(control.tx(), control.branch() ^ 1);
    story.frontAnswers(200).pass(LONG_ENOUGH_MS);
    VoteResult late = vote(control.tx(), control.branch());

    // Then
    assertThat(List.of(stranger, anotherCall, late)).noneMatch(VoteResult::getKnown);
    assertThat(story.outcome()).isEqualTo("committed");
    story.assertSettled();
  }

  /** Whoever knows both ids of a call may be anybody of the mesh: it has to be who was called. */
  @Test
  void shouldCountAVoteOnlyOfAPeerToWhomTheCallMayHaveGoneT7() {
    // Given
    story.front.voter = peer -> peer.is(Mesh.identity("bank"));
    story.begin().callBank();

    // When
    VoteResult forged = vote(THIEF, control.tx(), control.branch());
    story.bankAnswers(200).frontAnswers(200).pass(LONG_ENOUGH_MS);

    // Then
    assertThat(forged.getKnown()).isFalse();
    assertThat(story.front.count("handfast.tx.vote.refused")).isOne();
    assertThat(story.outcome()).isEqualTo("committed");
    story.assertSettled();
  }

  @Test
  void shouldNotCommitByAYesThatSomebodyElseSaysT7() {
    // Given
    story.front.voter = peer -> peer.is(Mesh.identity("bank"));
    story.mesh.loses = (kind, item) -> kind.equals("vote");
    story.begin().callBank();

    // When
    VoteResult forged = vote(THIEF, control.tx(), control.branch(), Vote.READ_ONLY);
    story.call().exchange().answered(OutboundProbe.status(200), List.of());
    story.frontAnswers(200).pass(LONG_ENOUGH_MS);

    // Then
    assertThat(forged.getKnown()).isFalse();
    assertThat(story.client().replaced().status()).as("no vote by the deadline").isEqualTo(504);
  }

  /** A forged no cannot take back what is decided, nor can a forged yes bring back what is not. */
  @Test
  void shouldAnswerInquiriesByWhatWasDecidedWhateverWasVotedAfterwards() {
    // Given
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(1_000);

    // When
    vote(control.tx(), control.branch());

    // Then
    assertThat(control.inquire(story.front, control.tx(), control.branch(), "j.front").getAnswer())
        .isEqualTo(Answer.COMMITTED);
  }

  /** A no of that branch, as if a peer had sent it. */
  private VoteResult vote(TxId tx, long call) {
    return vote(new Peer.Proved(Set.of(Mesh.identity("bank"))), tx, call);
  }

  private VoteResult vote(Peer peer, TxId tx, long call) {
    return vote(peer, tx, call, Vote.VOTE_ABORT);
  }

  private VoteResult vote(Peer peer, TxId tx, long call, Vote vote) {
    List<VoteResult> results = new ArrayList<>();
    story
        .front
        .engine()
        .control()
        .onVote(
            control.self(),
            peer,
            VoteItem.newBuilder()
                .setTxId(Messages.bytes(tx))
                .setCallBranchId(call)
                .addVotes(
                    BranchVote.newBuilder()
                        .setBranchId(call)
                        .setVote(vote)
                        .setParticipant("evil:15014")
                        .setStoreId("j.evil"))
                .build(),
            results::add);
    story.pass(0);
    return results.getFirst();
  }
}
