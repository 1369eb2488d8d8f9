package io.handfast.tx.engine;

import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Standing;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEffect;
import io.handfast.tx.core.participant.ParticipantEffect.AskStanding;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.answer.Waiters;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.Peers;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one branch of THREE_PHASE says to the others, and they to it. Confined to the engine's loop.
 */
final class MemberLink {
  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final ParticipantLink link;
  private final BranchStore store;
  private final Waiters<Standing> standings;
  private final Waiters<Standing> preCommits;

  MemberLink(Wiring wiring, ParticipantDriver driver, ParticipantLink link, BranchStore store) {
    this.wiring = wiring;
    this.driver = driver;
    this.link = link;
    this.store = store;
    // Who loses patience knows nothing, and asks again.
    this.standings = new Waiters<>(wiring.loop(), Standing.UNKNOWN);
    this.preCommits = new Waiters<>(wiring.loop(), Standing.UNKNOWN);
  }

  /** Somebody waits for how the branch stands, or until it has pre-committed. */
  void await(boolean preCommit, @Nullable Consumer<Standing> reply) {
    if (reply != null) {
      (preCommit ? preCommits : standings).await(reply);
    }
  }

  void perform(ParticipantEffect.ThreePhase effect) {
    switch (effect) {
      case ParticipantEffect.ForcePreCommitted _ -> store.writePreCommitted();
      case ParticipantEffect.ForceWithdrawal _ -> store.writeWithdrawal();
      case AskStanding e -> ask(e, 1);
      case ParticipantEffect.AnswerStanding e -> standings.answer(e.standing());
      case ParticipantEffect.AnswerPreCommit e -> preCommitted(e.standing());
    }
  }

  private void preCommitted(Standing standing) {
    preCommits.answer(standing);
    CoordinatorDriver coordinator =
        driver.branch().root() ? wiring.tables().coordinator(driver.branch().tx()) : null;
    if (coordinator != null) {
      coordinator.handle(new CoordinatorEvent.MemberAnswered(driver.branch().key(), standing));
    }
  }

  private void ask(AskStanding question, int attempt) {
    Member member = question.member();
    if (wiring.stores().holds(member.store())) {
      BranchKey key = new BranchKey(driver.branch().tx(), member.branch());
      OutcomeDesk.stand(
          wiring,
          key,
          question.preCommit(),
          question.elects() ? driver.branch().key() : null,
          null,
          standing -> answered(member, standing));
      return;
    }
    TerminateItem item =
        TerminateItem.newBuilder()
            .setTxId(Messages.bytes(driver.branch().tx()))
            .setBranchId(member.branch().bits())
            .setDecider(link.decider().store().value())
            .setStoreId(member.store().value())
            .setPreCommit(question.preCommit())
            .setElector(question.elects() ? driver.branch().id().bits() : 0)
            .build();
    wiring
        .peers()
        .terminate(
            member.participant().toString(),
            item,
            new Peers.Reply<>() {
              @Override
              public void onResult(TerminateResult result) {
                wiring.loop().execute(() -> answered(member, Messages.standing(result)));
              }

              @Override
              public void onFailure(String reason) {
                wiring.loop().execute(() -> silent(question, attempt));
              }
            });
  }

  private void answered(Member member, Standing standing) {
    driver.handle(new ParticipantEvent.StandingAnswered(member.key(), standing));
  }

  private void silent(AskStanding question, int attempt) {
    if (Silence.isReached(attempt)) {
      driver.handle(new ParticipantEvent.StandingUnanswered(question.member().key()));
    } else {
      wiring
          .loop()
          .schedule(
              Silence.pauseNanos(wiring.backoff(), attempt), () -> ask(question, attempt + 1));
    }
  }
}
