package io.handfast.tx.engine;

import static java.util.Comparator.comparingLong;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.PreCommit;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decided;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantEvent.Found;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.BranchRecords;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.base.StoreIdentity;
import io.handfast.tx.port.TransactionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on where the last life of this sidecar ended: decisions are told again, branches in doubt
 * ask, a Try without a vote is undone. Confined to the engine's loop.
 */
final class Recovery {
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final Wiring wiring;
  private final LiveRecords live;

  Recovery(Wiring wiring, LiveRecords live) {
    this.wiring = wiring;
    this.live = live;
  }

  /**
   * Reads the store and makes the machines; their first effects come with it.
   *
   * @throws IllegalArgumentException naming what cannot be read: the store is not to be used
   */
  void run(TransactionStore store, Runnable replayed) {
    store.replay(this::read);
    replayed.run();
    // A branch of this sidecar takes up its state before a decision is told to it.
    List<Runnable> tellings = new ArrayList<>();
    live.decisions().forEach(record -> tellings.add(decided(record)));
    // Known before a branch of this sidecar asks what was decided: absence would say ABORTED.
    live.forgotten().forEach(record -> forgotten(record.getForgotten()));
    // The oldest first: they ask in this order, and have kept somebody waiting for longest.
    live.branches().stream().sorted(comparingLong(Record::getTimeMs)).forEach(this::branch);
    live.kept().forEach(this::kept);
    tellings.forEach(Runnable::run);
    log.info(
        "recovered: {} decisions to tell, {} branches to end, {} ends that stay for people",
        live.decisions().size(),
        live.branches().size(),
        live.kept().size());
  }

  /**
   * Carries on what a lost sidecar left: as after a restart, but that nothing was replayed (T19).
   */
  void takeOver(List<Record> claimed) {
    List<Runnable> tellings = new ArrayList<>();
    for (Record record : claimed) {
      try {
        tellings.addAll(taken(record));
      } catch (IllegalArgumentException e) {
        log.error("taken over, and not understood: {}; left as it is", e.getMessage());
      }
    }
    tellings.forEach(Runnable::run);
    long hazards = claimed.stream().filter(Record::hasBranchEnded).count();
    log.info(
        "taken over: {} records of sidecars that are lost, and {} hazards that stay for people",
        claimed.size() - hazards,
        hazards);
  }

  /** Takes one record up; what is returned tells its decision. */
  private List<Runnable> taken(Record record) {
    switch (record.getKindCase()) {
      case DECISION -> {
        if (wiring.tables().coordinator(Messages.txId(record.getDecision().getTxId())) == null) {
          return List.of(decided(record));
        }
      }
      case BEGUN -> claimedBranch(record, LiveRecords.key(record.getBegun().getBranch()));
      case PREPARED -> claimedBranch(record, LiveRecords.key(record.getPrepared().getBranch()));
      case BRANCH_ENDED -> {
        // Not where somebody has forgotten it while it was read.
        if (wiring.tables().givenUp().branch(LiveRecords.key(record.getBranchEnded())) == null) {
          kept(record);
        }
      }
      case DECIDED,
          PRE_COMMIT,
          PRE_COMMITTED,
          WITHDRAWN,
          RESOLVED,
          SETTLED,
          FORGOTTEN,
          ENDED,
          ABORTED,
          KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "claimed record: " + record.getKindCase() + " (expected: one that owes something)");
    }
    return List.of();
  }

  /** One branch-id that reached two pods is two: the second waits for the first. */
  private void claimedBranch(Record record, BranchKey key) {
    if (wiring.tables().participant(key) == null) {
      branch(another(record));
    } else {
      wiring
          .loop()
          .schedule(wiring.backoff().nanos(Integer.MAX_VALUE), () -> claimedBranch(record, key));
    }
  }

  /** What another pod confirmed or not is not known by what its replica says was done before. */
  private Record another(Record record) {
    String own = wiring.config().authority().toString();
    if (record.hasBegun() && !record.getBegun().getBranch().getParticipant().equals(own)) {
      Record.Builder changed = record.toBuilder();
      changed.getBegunBuilder().getConfirmBuilder().clearAlreadyDone();
      return record.getBegun().hasConfirm() ? changed.build() : record;
    }
    if (record.hasPrepared() && !record.getPrepared().getBranch().getParticipant().equals(own)) {
      Record.Builder changed = record.toBuilder();
      changed.getPreparedBuilder().getConfirmBuilder().clearAlreadyDone();
      return changed.build();
    }
    return record;
  }

  private void read(Record record) {
    live.follow(record);
    if (record.hasBranchEnded()) {
      remember(record.getBranchEnded());
    }
  }

  private void remember(BranchEnded ended) {
    long now = wiring.loop().nanoTime();
    wiring
        .tables()
        .remembered()
        .put(
            Messages.key(ended.getTxId(), ended.getBranchId()),
            new Remembered.Memory(
                Messages.branchOutcome(ended.getOutcome()),
                ended.getDetail(),
                now + Bounds.MAX_TIMEOUT.toNanos(),
                null,
                Messages.decider(ended),
                null),
            now);
  }

  /** Takes the decision up; what is returned tells it. */
  private Runnable decided(Record record) {
    if (record.hasPreCommit()) {
      return preCommitted(record.getPreCommit());
    }
    Decision decision = record.getDecision();
    var tx = Messages.txId(decision.getTxId());
    CoordinatorDriver driver = CoordinatorDriver.recovered(wiring, tx, decider(decision));
    wiring.tables().add(tx, driver);
    return () ->
        driver.handle(
            new CoordinatorEvent.Recovered(
                decision.getBranchesList().stream().map(Messages::decided).toList()));
  }

  private void kept(Record record) {
    BranchEnded ended = record.getBranchEnded();
    wiring
        .kept()
        .keep(
            ended,
            live.truth(LiveRecords.key(ended)),
            record.getTimeMs(),
            wiring.loop().nanoTime() + Bounds.MAX_TIMEOUT.toNanos());
  }

  private void forgotten(Forgotten what) {
    if (what.hasBranch()) {
      wiring.tables().givenUp().put(what.getBranch());
      return;
    }
    Decision decision = what.getDecision();
    TxId tx = Messages.txId(decision.getTxId());
    Set<Decided> decided =
        decision.getBranchesList().stream()
            .map(it ->
                new Decided(
                    new ParticipantKey(
                        new BranchId(it.getBranchId()),
                        Messages.authority(it.getParticipant(), "record forgotten.participant")),
                    it.getHandle()))
            .collect(Collectors.toUnmodifiableSet());
    wiring
        .tables()
        .givenUp()
        .put(
            tx,
            new StoreIdentity.Held(
                decider(decision),
                new CoordinatorState.Ended(
                    tx, CoordinatorState.Result.COMMITTED, decided, List.of())));
  }

  private StoreId decider(Decision decision) {
    return decision.getDecider().isEmpty() ? wiring.storeId() : new StoreId(decision.getDecider());
  }

  /** Takes a THREE_PHASE transaction up whose branches end it; what is returned asks them. */
  private Runnable preCommitted(PreCommit preCommit) {
    TxId tx = Messages.txId(preCommit.getTxId());
    String decider = preCommit.getDecider();
    CoordinatorDriver driver =
        CoordinatorDriver.recovered(
            wiring, tx, decider.isEmpty() ? wiring.storeId() : new StoreId(decider));
    wiring.tables().add(tx, driver);
    return () ->
        driver.handle(
            new CoordinatorEvent.RecoveredPreCommit(
                preCommit.getBranchesList().stream().map(Messages::decided).toList()));
  }

  private void branch(Record record) {
    if (record.hasResolved()) {
      var resolved = record.getResolved();
      recover(
          record.getTimeMs(),
          resolved.getBranch(),
          resolved.getBranch().getHandle().isEmpty()
              ? Branch.Durability.FORCED
              : Branch.Durability.IN_RESOURCE,
          BranchRecords.recovered(resolved),
          resolved.getTryTimeoutMs(),
          resolved.getResolution().getOutcome() == BranchOutcome.BRANCH_COMMITTED
              ? Found.RESOLVED_COMMIT
              : Found.RESOLVED_ABORT);
    } else if (record.hasBegun()) {
      var begun = record.getBegun();
      Branch.Durability durability =
          begun.getComplete() ? Branch.Durability.FORCED_COMPLETE : Branch.Durability.FORCED;
      recover(
          record.getTimeMs(),
          begun.getBranch(),
          durability,
          BranchRecords.recovered(begun),
          begun.getTryTimeoutMs(),
          // One from a backup may have gone on since: it asks, and is not undone alone.
          begun.getComplete() || begun.getBranch().getRestored()
              ? Found.BEGUN_COMPLETE
              : Found.BEGUN);
    } else if (record.hasDecided()) {
      recover(
          record.getTimeMs(),
          record.getDecided().getBranch(),
          Branch.Durability.FORCED,
          BranchRecords.recovered(record.getDecided()),
          0,
          Found.DECIDED);
    } else if (record.hasPreCommitted()) {
      prepared(record.getTimeMs(), record.getPreCommitted().getPrepared(), Found.PRE_COMMITTED);
    } else if (record.hasWithdrawn()) {
      prepared(record.getTimeMs(), record.getWithdrawn().getPrepared(), Found.WITHDRAWN);
    } else {
      prepared(record.getTimeMs(), record.getPrepared(), Found.PREPARED);
    }
  }

  private void prepared(long sinceMs, BranchPrepared record, Found found) {
    recover(
        sinceMs,
        record.getBranch(),
        Branch.Durability.FORCED,
        BranchRecords.recovered(record),
        0,
        found,
        record.getMembersList().stream().map(Messages::member).toList());
  }

  private void recover(
      long sinceMs,
      BranchRef ref,
      Branch.Durability durability,
      BranchRecords records,
      long tryTimeoutMs,
      Found found) {
    recover(sinceMs, ref, durability, records, tryTimeoutMs, found, List.of());
  }

  private void recover(
      long sinceMs,
      BranchRef ref,
      Branch.Durability durability,
      BranchRecords records,
      long tryTimeoutMs,
      Found found,
      List<Member> members) {
    // Its caller waits no more, so a root is a branch as any other: it asks, and is told.
    Branch branch =
        new Branch(
            Messages.txId(ref.getTxId()),
            new BranchId(ref.getBranchId()),
            Messages.authority(ref.getParticipant(), "record branch.participant"),
            wiring.storeId(),
            ref.getService(),
            ref.getMode(),
            durability,
            false,
            false,
            ref.getThreePhase() || !members.isEmpty() ? Protocol.THREE_PHASE : Protocol.TWO_PHASE,
            members);
    ParticipantLink link =
        new ParticipantLink(
            Messages.decider(ref),
            null,
            wiring.loop().nanoTime() + ref.getRemainingMs() * 1_000_000,
            tryTimeoutMs * 1_000_000,
            records,
            null,
            null,
            null,
            BlockHandle.parse(ref.getHandle()));
    ParticipantDriver driver = new ParticipantDriver(wiring, branch, link, sinceMs);
    wiring.tables().add(driver.key(), driver);
    // At once: a message that waits for the loop already must not find it before that.
    driver.handle(new ParticipantEvent.Recovered(found, ref.getRestored()));
  }
}
