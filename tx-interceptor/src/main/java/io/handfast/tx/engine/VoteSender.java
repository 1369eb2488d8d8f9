package io.handfast.tx.engine;

import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one branch says to its caller's sidecar and asks its decider. Confined to the loop. */
final class VoteSender {
  private static final String RESTORED =
      "restored from a backup, after which the branch may have committed: its decider knows nothing"
          + " of it (expected: somebody looks at what its service shows, and decides)";

  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final ParticipantLink link;
  private final Inquirer inquirer;

  VoteSender(Wiring wiring, ParticipantDriver driver, ParticipantLink link) {
    this.wiring = wiring;
    this.driver = driver;
    this.link = link;
    this.inquirer =
        new Inquirer(
            wiring,
            driver.key(),
            driver.branch().participant(),
            link.decider(),
            driver.branch().protocol(),
            link.handle());
  }

  /**
   * Sends votes until they are answered or the deadline has passed: then the caller's sidecar has
   * counted them as a no, and the branch asks.
   *
   * @param last the branch's own vote is among them
   */
  void send(List<BranchVote> votes, boolean last) {
    if (link.votesTo() != null) {
      Branch branch = driver.branch();
      VoteItem.Builder item =
          VoteItem.newBuilder()
              .setTxId(Messages.bytes(branch.tx()))
              .setCallBranchId(branch.id().bits());
      votes.forEach(vote -> item.addVotes(Messages.vote(vote)));
      send(link.votesTo().toString(), item.build(), last, 1);
    }
  }

  private void send(String authority, VoteItem item, boolean last, int attempt) {
    wiring
        .peers()
        .vote(
            authority,
            item,
            new Peers.Reply<>() {
              @Override
              public void onResult(VoteResult result) {
                if (last && !result.getKnown()) {
                  wiring.loop().execute(VoteSender.this::unknown);
                }
              }

              @Override
              public void onFailure(String reason) {
                wiring.loop().execute(() -> again(authority, item, last, attempt));
              }
            });
  }

  private void unknown() {
    driver.handle(new ParticipantEvent.VoteUnknown());
  }

  private void again(String authority, VoteItem item, boolean last, int attempt) {
    boolean late = wiring.loop().nanoTime() - link.deadlineNanos() >= 0;
    boolean ended = driver.state() instanceof ParticipantState.Ended && !last;
    if (!late && !ended) {
      wiring
          .loop()
          .schedule(
              wiring.backoff().nanos(attempt), () -> send(authority, item, last, attempt + 1));
    }
  }

  /** Asks the decider (T15). */
  void inquire(boolean mayAbort) {
    inquirer.ask(mayAbort, this::answered, driver::takenOver);
  }

  private void answered(@Nullable Answer answer) {
    driver.handle(
        answer == null
            ? new ParticipantEvent.InquiryUnanswered()
            : new ParticipantEvent.InquiryAnswered(believed(answer)));
  }

  /**
   * A branch from a backup may have committed, and been forgotten, since: ABORTED may be said from
   * absence, and says nothing then (T13). Whoever decides ABORT now tells it.
   */
  private Answer believed(Answer answer) {
    if (answer != Answer.ABORTED || !link.records().isRestored()) {
      return answer;
    }
    driver.story().detail(RESTORED);
    return Answer.NOT_MINE;
  }
}
