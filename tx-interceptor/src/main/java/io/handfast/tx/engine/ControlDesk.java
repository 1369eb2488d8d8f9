package io.handfast.tx.engine;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.VoteItem;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.core.Acknowledgement;
import io.handfast.tx.core.Answer;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.Standing;
import io.handfast.tx.engine.answer.Told;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.OwnDecision;
import io.handfast.tx.engine.base.Promise;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.base.StoreClash;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers other sidecars. Thread-safe: reads the item on the caller's thread, then hops. */
final class ControlDesk implements ControlHandler {
  private static final Logger log = LoggerFactory.getLogger(ControlDesk.class);

  private final Wiring wiring;
  private final Reception reception;
  private final Sender self;
  private final StoreClash clash;

  ControlDesk(Wiring wiring, Reception reception, long incarnation) {
    this.wiring = wiring;
    this.reception = reception;
    this.clash = new StoreClash(wiring.storeId(), wiring.meters());
    this.self =
        Sender.newBuilder()
            .setProtocolVersion(1)
            .setService(wiring.config().service())
            .setAuthority(wiring.config().authority().toString())
            .setStoreId(wiring.storeId().value())
            .setIncarnation(incarnation)
            .build();
  }

  private void heard(Sender sender) {
    clash.heard(sender, self.getAuthority(), self.getIncarnation());
  }

  @Override
  public Sender self() {
    return self;
  }

  @Override
  public void onOutcome(Sender sender, Peer peer, OutcomeItem item, Consumer<OutcomeResult> reply) {
    BranchKey key = Messages.key(item.getTxId(), item.getBranchId());
    Outcome outcome = Messages.outcome(item.getOutcome());
    wiring
        .loop()
        .execute(() ->
            outcome(
                sender,
                peer,
                item,
                key,
                outcome,
                told ->
                    reply.accept(
                        OutcomeResult.newBuilder()
                            .setTxId(item.getTxId())
                            .setBranchId(item.getBranchId())
                            .setAcknowledgement(Messages.acknowledgement(told.acknowledgement()))
                            .setDetail(told.detail())
                            .build())));
  }

  private void outcome(
      Sender sender,
      Peer peer,
      OutcomeItem item,
      BranchKey key,
      Outcome outcome,
      Consumer<Told> reply) {
    heard(sender);
    if (!reception.isStarted()) {
      reply.accept(new Told(Acknowledgement.WORKING, ""));
      return;
    }
    if (!addressed(item.getStoreId(), key) && !wiring.blocks().canComplete(item.getHandle())) {
      reply.accept(new Told(Acknowledgement.ANOTHER_STORE, ""));
      return;
    }
    Remembered.Teller teller =
        new Remembered.Teller(item.getDecider(), peer, sender.getAuthority());
    OutcomeDesk.told(wiring, key, item.getHandle(), outcome, item.getAwaited(), teller, reply);
  }

  /**
   * A branch of a store that ours was restored from is ours if it is held; absence says nothing.
   */
  private boolean addressed(String store, BranchKey key) {
    return store.equals(wiring.storeId().value())
        || (wiring.stores().former().contains(store)
            && (wiring.tables().participant(key) != null
                || wiring.kept().holds(key)
                || wiring.tables().givenUp().branch(key) != null
                || wiring.tables().remembered().get(key) != null));
  }

  @Override
  public void onPrepare(Sender sender, Peer peer, PrepareItem item, Consumer<PrepareResult> reply) {
    BranchKey key = Messages.key(item.getTxId(), item.getBranchId());
    List<Member> members = item.getMembersList().stream().map(Messages::member).toList();
    wiring.loop().execute(() -> prepare(sender, peer, item, key, members, reply));
  }

  @Override
  public void onTerminate(Sender sender, TerminateItem item, Consumer<TerminateResult> reply) {
    BranchKey key = Messages.key(item.getTxId(), item.getBranchId());
    ParticipantKey elector =
        item.getElector() == 0
            ? null
            : new ParticipantKey(
                new BranchId(item.getElector()),
                Messages.authority(sender.getAuthority(), "sender.authority"));
    Consumer<Standing> said = standing -> reply.accept(Messages.standing(item, standing));
    wiring
        .loop()
        .execute(() -> {
          if (reception.isStarted() && addressed(item.getStoreId(), key)) {
            OutcomeDesk.stand(wiring, key, item.getPreCommit(), elector, item.getDecider(), said);
          } else {
            said.accept(Standing.UNKNOWN);
          }
        });
  }

  private void prepare(
      Sender sender,
      Peer peer,
      PrepareItem item,
      BranchKey key,
      List<Member> members,
      Consumer<PrepareResult> reply) {
    heard(sender);
    Consumer<Promise> promises = it -> reply.accept(Messages.promise(item, it));
    Consumer<OwnDecision> decisions = it -> reply.accept(Messages.ownDecision(item, it));
    Remembered.Teller teller =
        new Remembered.Teller(item.getDecider(), peer, sender.getAuthority());
    boolean addressed = addressed(item.getStoreId(), key);
    if (!reception.isStarted()) {
      reply.accept(
          item.getDelegated()
              ? Messages.ownDecision(item, OwnDecision.WORKING)
              : Messages.promise(item, Promise.WORKING));
    } else if (item.getDelegated() && addressed) {
      OutcomeDesk.delegate(wiring, key, teller, decisions);
    } else if (item.getDelegated()) {
      decisions.accept(OwnDecision.NOTHING);
    } else if (addressed) {
      OutcomeDesk.prepare(wiring, key, members, teller, promises);
    } else {
      promises.accept(Promise.no("another store answers at the participant's address"));
    }
  }

  @Override
  public void onInquire(Sender sender, InquireItem item, Consumer<InquireResult> reply) {
    BranchKey key = Messages.key(item.getTxId(), item.getBranchId());
    ParticipantKey asker =
        new ParticipantKey(key.branch(), Messages.authority(item.getParticipant(), "participant"));
    wiring
        .loop()
        .execute(() -> {
          heard(sender);
          CoordinatorDriver coordinator = wiring.tables().coordinator(key.tx());
          if (item.getCarriedOut() && coordinator != null) {
            coordinator.carriedOut(key.branch(), item.getHandle(), sender.getService());
          }
          boolean ours = item.getDecider().equals(wiring.storeId().value());
          if (coordinator == null && ours && wiring.shared().isShared()) {
            // Absence says nothing: another replica may be the coordinator. The store answers.
            wiring
                .shared()
                .inquire(
                    key.tx(),
                    asker,
                    item.getHandle(),
                    item.getExpired(),
                    answer -> reply.accept(result(item, fromStore(item, answer))),
                    () -> reply.accept(result(item, Answer.PENDING)));
            return;
          }
          Answer answer =
              wiring
                  .stores()
                  .answer(
                      item.getDecider(),
                      wiring.tables().held(key.tx()),
                      asker,
                      item.getHandle(),
                      reception.isStarted(),
                      item.getThreePhase() ? Protocol.THREE_PHASE : Protocol.TWO_PHASE);
          reply.accept(result(item, answer));
        });
  }

  /** A decision that still stands is told by another replica, which has to hear it. */
  private static Answer fromStore(InquireItem item, @Nullable Answer answer) {
    return answer == null || (item.getCarriedOut() && answer == Answer.COMMITTED)
        ? Answer.PENDING
        : answer;
  }

  private static InquireResult result(InquireItem item, Answer answer) {
    return InquireResult.newBuilder()
        .setTxId(item.getTxId())
        .setBranchId(item.getBranchId())
        .setAnswer(Messages.answer(answer))
        .build();
  }

  @Override
  public void onVote(Sender sender, Peer peer, VoteItem item, Consumer<VoteResult> reply) {
    BranchKey key = Messages.key(item.getTxId(), item.getCallBranchId());
    List<BranchVote> votes = item.getVotesList().stream().map(Messages::vote).toList();
    wiring
        .loop()
        .execute(() -> {
          boolean known = voted(sender, peer, key, votes);
          reply.accept(
              VoteResult.newBuilder()
                  .setTxId(item.getTxId())
                  .setCallBranchId(item.getCallBranchId())
                  .setKnown(known)
                  .build());
        });
  }

  /** Whether the call is open and may be voted for: whoever is told no asks, and learns ABORTED. */
  private boolean voted(Sender sender, Peer peer, BranchKey key, List<BranchVote> votes) {
    heard(sender);
    ParticipantDriver caller = wiring.tables().callerOf(key);
    OpenCall open = caller == null || !caller.isOpen() ? null : caller.call(key.branch());
    if (!(open instanceof CallDriver call)) {
      return false; // nobody votes for a block of SQL by message
    }
    if (!call.trusted()) {
      // T7: a message proves no more than a header.
      log.atWarn()
          .addKeyValue("txId", key.tx())
          .addKeyValue("branchId", key.branch())
          .addKeyValue("peer", sender.getAuthority())
          .log("votes of a call do not count: its cluster is not trusted");
      return false;
    }
    if (!call.mayVote(peer)) {
      wiring.meters().voteRefused();
      log.atWarn()
          .addKeyValue("txId", key.tx())
          .addKeyValue("branchId", key.branch())
          .addKeyValue("peer", sender.getAuthority())
          .log("votes of a call do not count: told by {}, whom its cluster does not name", peer);
      return false;
    }
    call.voted(votes);
    return true;
  }
}
