package io.handfast.tx.engine;

import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorEffect;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Promise;
import io.handfast.tx.port.Peers;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a coordinator says to its participants, in this sidecar without a message, and what comes
 * back. Confined to the engine's loop.
 */
final class CoordinatorSender {
  private final Wiring wiring;
  private final TxId tx;
  private final StoreId decider;
  private final Consumer<CoordinatorEvent> coordinator;

  /**
   * @param decider in whose name it speaks
   */
  CoordinatorSender(
      Wiring wiring, TxId tx, StoreId decider, Consumer<CoordinatorEvent> coordinator) {
    this.wiring = wiring;
    this.tx = tx;
    this.decider = decider;
    this.coordinator = coordinator;
  }

  void outcome(CoordinatorEffect.SendOutcome effect) {
    BranchVote branch = effect.branch();
    ParticipantKey key = key(branch);
    if (effect.attempt() > 1) {
      wiring.meters().redelivery();
    }
    if (isHere(branch, key)) {
      BranchKey local = new BranchKey(tx, branch.branch());
      ParticipantDriver own = wiring.tables().participant(local);
      if (own != null && own.branch().root()) {
        own.told(effect.outcome(), effect.awaited(), null); // it acknowledges by itself
        return;
      }
      OutcomeDesk.told(
          wiring,
          local,
          branch.handle(),
          effect.outcome(),
          effect.awaited(),
          null,
          told -> acknowledged(key, told.acknowledgement(), told.detail()));
      return;
    }
    OutcomeItem item =
        OutcomeItem.newBuilder()
            .setTxId(Messages.bytes(tx))
            .setBranchId(branch.branch().bits())
            .setOutcome(Messages.outcome(effect.outcome()))
            .setDecider(decider.value())
            .setStoreId(store(branch).value())
            .setHandle(branch.handle())
            .setAwaited(effect.awaited())
            .build();
    wiring
        .peers()
        .outcome(
            key.participant().toString(),
            item,
            reply(
                (OutcomeResult result) -> acknowledged(effect, key, result),
                reason -> unreached(effect, key, new CoordinatorEvent.Undelivered(key))));
  }

  private void acknowledged(
      CoordinatorEffect.SendOutcome effect, ParticipantKey key, OutcomeResult result) {
    Acknowledgement said = Messages.acknowledgement(result.getAcknowledgement());
    if (said == null) {
      coordinator.accept(new CoordinatorEvent.Undelivered(key));
    } else if (said == Acknowledgement.ANOTHER_STORE) {
      unreached(
          effect,
          key,
          new CoordinatorEvent.Acknowledged(key, said, Messages.detail(result.getDetail())));
    } else {
      acknowledged(key, said, Messages.detail(result.getDetail()));
    }
  }

  private void acknowledged(ParticipantKey key, Acknowledgement said, String detail) {
    coordinator.accept(new CoordinatorEvent.Acknowledged(key, said, detail));
  }

  void prepare(CoordinatorEffect.SendPrepare effect) {
    prepare(effect.branch(), List.of());
  }

  void canCommit(CoordinatorEffect.SendCanCommit effect) {
    prepare(effect.branch(), effect.members());
  }

  private void prepare(BranchVote branch, List<Member> members) {
    ParticipantKey key = key(branch);
    if (isHere(branch, key)) {
      BranchKey local = new BranchKey(tx, branch.branch());
      ParticipantDriver own = wiring.tables().participant(local);
      if (own != null && own.branch().root()) {
        own.prepare(members, null); // it answers by itself
        return;
      }
      OutcomeDesk.prepare(wiring, local, members, null, promise -> promised(key, promise));
      return;
    }
    wiring
        .peers()
        .prepare(
            key.participant().toString(),
            item(branch, false).toBuilder()
                .addAllMembers(members.stream().map(Messages::member).toList())
                .build(),
            reply(
                (PrepareResult result) -> promised(key, result),
                reason -> coordinator.accept(new CoordinatorEvent.PrepareUnanswered(key, reason))));
  }

  /** THREE_PHASE: how a branch stands, and that it pre-commits. */
  void stand(CoordinatorEffect.AskStanding effect) {
    BranchVote branch = effect.branch();
    ParticipantKey key = key(branch);
    if (isHere(branch, key)) {
      BranchKey local = new BranchKey(tx, branch.branch());
      ParticipantDriver own = wiring.tables().participant(local);
      if (effect.preCommit() && own != null && own.branch().root()) {
        own.stand(true, null, null); // it answers by itself
        return;
      }
      OutcomeDesk.stand(
          wiring,
          local,
          effect.preCommit(),
          null,
          null,
          standing -> coordinator.accept(new CoordinatorEvent.MemberAnswered(key, standing)));
      return;
    }
    TerminateItem item =
        TerminateItem.newBuilder()
            .setTxId(Messages.bytes(tx))
            .setBranchId(branch.branch().bits())
            .setDecider(decider.value())
            .setStoreId(store(branch).value())
            .setPreCommit(effect.preCommit())
            .build();
    stand(key, item, 1);
  }

  /** Who is silent is taken for dead: that is not said after one question. */
  private void stand(ParticipantKey key, TerminateItem item, int attempt) {
    wiring
        .peers()
        .terminate(
            key.participant().toString(),
            item,
            reply(
                (TerminateResult result) ->
                    coordinator.accept(
                        new CoordinatorEvent.MemberAnswered(key, Messages.standing(result))),
                reason -> silent(key, item, attempt)));
  }

  private void silent(ParticipantKey key, TerminateItem item, int attempt) {
    if (Silence.isReached(attempt)) {
      coordinator.accept(new CoordinatorEvent.MemberUnanswered(key));
      return;
    }
    wiring
        .loop()
        .schedule(
            Silence.pauseNanos(wiring.backoff(), attempt), () -> stand(key, item, attempt + 1));
  }

  void delegate(CoordinatorEffect.SendDelegation effect) {
    BranchVote branch = effect.branch();
    ParticipantKey key = key(branch);
    if (isHere(branch, key)) {
      BranchKey local = new BranchKey(tx, branch.branch());
      ParticipantDriver own = wiring.tables().participant(local);
      if (own != null && own.branch().root()) {
        own.delegate(null); // it answers by itself
        return;
      }
      OutcomeDesk.delegate(
          wiring,
          local,
          null,
          it ->
              coordinator.accept(
                  new CoordinatorEvent.DelegationAnswered(key, it.answer(), it.reason())));
      return;
    }
    wiring
        .peers()
        .prepare(
            key.participant().toString(),
            item(branch, true),
            reply(
                (PrepareResult result) -> decided(key, result),
                reason ->
                    coordinator.accept(new CoordinatorEvent.DelegationUnanswered(key, reason))));
  }

  private void decided(ParticipantKey key, PrepareResult result) {
    Answer answer = Messages.answer(result.getAnswer());
    coordinator.accept(
        answer == null
            ? new CoordinatorEvent.DelegationUnanswered(
                key, "answer: " + result.getAnswer() + " (expected: one that is known here)")
            : new CoordinatorEvent.DelegationAnswered(key, answer, result.getReason()));
  }

  private PrepareItem item(BranchVote branch, boolean delegated) {
    return PrepareItem.newBuilder()
        .setTxId(Messages.bytes(tx))
        .setBranchId(branch.branch().bits())
        .setDecider(decider.value())
        .setStoreId(store(branch).value())
        .setDelegated(delegated)
        .build();
  }

  private void promised(ParticipantKey key, PrepareResult result) {
    Promise promise = Messages.promise(result);
    if (promise == null) {
      coordinator.accept(
          new CoordinatorEvent.PrepareUnanswered(
              key, "vote: " + result.getVote() + " (expected: one that is known here)"));
    } else {
      promised(key, promise);
    }
  }

  private void promised(ParticipantKey key, Promise promise) {
    coordinator.accept(new CoordinatorEvent.PrepareAnswered(key, promise.vote(), promise.reason()));
  }

  /** A journal is one sidecar's, whatever its address was; a shared store says nothing of that. */
  private boolean isHere(BranchVote branch, ParticipantKey key) {
    if (branch.store() == null || !wiring.stores().holds(branch.store())) {
      return false;
    }
    if (!wiring.shared().isShared()) {
      return true;
    }
    ParticipantDriver running = wiring.tables().participant(new BranchKey(tx, branch.branch()));
    return key.participant()
        .equals(running == null ? wiring.config().authority() : running.branch().participant());
  }

  /** Another may have carried it out in the place of one that is lost: the store knows (T19). */
  private void unreached(
      CoordinatorEffect.SendOutcome effect, ParticipantKey key, CoordinatorEvent otherwise) {
    BranchVote branch = effect.branch();
    if (!branch.handle().isEmpty()) {
      inItsPlace(effect, key, otherwise);
      return;
    }
    if (!wiring.shared().isShared() || !wiring.storeId().equals(branch.store())) {
      coordinator.accept(otherwise);
      return;
    }
    wiring
        .shared()
        .acknowledged(
            tx,
            key,
            branch.service(),
            effect.outcome(),
            said -> {
              if (said == null) {
                coordinator.accept(new CoordinatorEvent.Undelivered(key));
              } else {
                acknowledged(key, said.acknowledgement(), said.detail());
              }
            });
  }

  /**
   * No store knows of what is prepared in a database, and any sidecar of the service can end it:
   * this one, if it is one of them. Else one that finds it asks, and says so.
   */
  private void inItsPlace(
      CoordinatorEffect.SendOutcome effect, ParticipantKey key, CoordinatorEvent otherwise) {
    BranchVote branch = effect.branch();
    if (!branch.service().equals(wiring.config().service())
        || !wiring.blocks().canComplete(branch.handle())) {
      coordinator.accept(otherwise);
      return;
    }
    OutcomeDesk.told(
        wiring,
        new BranchKey(tx, branch.branch()),
        branch.handle(),
        effect.outcome(),
        effect.awaited(),
        null,
        told -> acknowledged(key, told.acknowledgement(), told.detail()));
  }

  private static ParticipantKey key(BranchVote branch) {
    ParticipantKey key = branch.key();
    if (key == null) {
      throw new IllegalStateException("branch " + branch.branch() + " has no participant");
    }
    return key;
  }

  private static StoreId store(BranchVote branch) {
    StoreId store = branch.store();
    if (store == null) {
      throw new IllegalStateException("branch " + branch.branch() + " has no store");
    }
    return store;
  }

  private <R> Peers.Reply<R> reply(Consumer<R> result, Consumer<String> failure) {
    return new Peers.Reply<>() {
      @Override
      public void onResult(R said) {
        wiring.loop().execute(() -> result.accept(said));
      }

      @Override
      public void onFailure(String reason) {
        wiring.loop().execute(() -> failure.accept(reason));
      }
    };
  }
}
