package io.handfast.tx.engine.base;

import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchDecided;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchPrepared;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.BranchResolved;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Protocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is recorded of one branch, and the requests that complete it. Confined to the loop. */
public final class BranchRecords {
  private final BranchRef ref;
  private final boolean complete;
  private final long tryTimeoutMs;
  private @Nullable Completion confirm;
  private @Nullable Completion cancelAnswered;
  private final @Nullable Completion cancelUnanswered;
  private @Nullable Completion prepare;
  private @Nullable Resolution resolution;

  private BranchRecords(
      BranchRef ref,
      boolean complete,
      long tryTimeoutMs,
      @Nullable Completion confirm,
      @Nullable Completion cancelAnswered,
      @Nullable Completion cancelUnanswered) {
    this.ref = ref;
    this.complete = complete;
    this.tryTimeoutMs = tryTimeoutMs;
    this.confirm = confirm;
    this.cancelAnswered = cancelAnswered;
    this.cancelUnanswered = cancelUnanswered;
  }

  /** Of a branch that is opened. */
  public static BranchRecords opened(
      Branch branch,
      Decider decider,
      long remainingMs,
      boolean equivalentReplicas,
      long tryTimeoutMs,
      @Nullable Completion confirm,
      @Nullable Completion cancel,
      @Nullable Completion prepare) {
    BranchRef ref =
        BranchRef.newBuilder()
            .setTxId(Messages.bytes(branch.tx()))
            .setBranchId(branch.id().bits())
            .setDecider(decider.store().value())
            .setCoordinator(decider.authority().toString())
            .setIdentity(decider.identity() == null ? "" : decider.identity().name())
            .setService(branch.service())
            .setMode(branch.mode())
            .setParticipant(branch.participant().toString())
            .setRemainingMs(remainingMs)
            .setEquivalentReplicas(equivalentReplicas)
            .setThreePhase(branch.protocol() == Protocol.THREE_PHASE)
            .build();
    boolean complete = branch.durability().isComplete();
    BranchRecords records =
        new BranchRecords(
            ref, complete, tryTimeoutMs, confirm, confirm != null ? cancel : null, cancel);
    records.prepare = prepare;
    return records;
  }

  /** Of a branch that its resource keeps, which has no record before somebody has to see to it. */
  public static BranchRecords inResource(
      Branch branch, Decider decider, long remainingMs, String handle) {
    BranchRecords plain = opened(branch, decider, remainingMs, false, 0, null, null, null);
    return new BranchRecords(
        plain.ref.toBuilder().setHandle(handle).build(), true, 0, null, null, null);
  }

  /** Of a branch whose BEGUN a restart found. */
  public static BranchRecords recovered(BranchBegun begun) {
    Completion confirm = begun.hasConfirm() ? begun.getConfirm() : null;
    Completion cancel = begun.hasCancel() ? begun.getCancel() : null;
    return new BranchRecords(
        begun.getBranch(), begun.getComplete(), begun.getTryTimeoutMs(), confirm, cancel, cancel);
  }

  /** Of a branch whose branch record a restart found. */
  public static BranchRecords recovered(BranchPrepared prepared) {
    return new BranchRecords(
        prepared.getBranch(),
        false,
        0,
        prepared.getConfirm(),
        prepared.getCancel(),
        prepared.getCancel());
  }

  /** The service has answered: all completions are known. */
  public void complete(Completion confirmIt, Completion cancelIt, @Nullable Completion prepareIt) {
    confirm = confirmIt;
    cancelAnswered = cancelIt;
    prepare = prepareIt;
  }

  /** Whether it comes from a backup, so that it may have committed since. */
  public boolean isRestored() {
    return ref.getRestored();
  }

  /** What the requests take that the answer has completed, and the one that it did not need. */
  public long bytes() {
    return bytes(confirm) + bytes(prepare) + bytes(cancelUnanswered) + bytes(cancelAnswered);
  }

  private static long bytes(@Nullable Completion completion) {
    return completion == null ? 0 : completion.getSerializedSize();
  }

  /** What asks the service to prepare; null where nothing does, and after a restart. */
  public @Nullable Completion prepare() {
    return prepare;
  }

  /** What makes it final; null while that is not known. */
  public @Nullable Completion confirm() {
    return confirm;
  }

  /** What undoes it; null where nothing can. */
  public @Nullable Completion cancel(boolean answered) {
    return answered && cancelAnswered != null ? cancelAnswered : cancelUnanswered;
  }

  public Record.Builder begun() {
    BranchBegun.Builder begun =
        BranchBegun.newBuilder().setBranch(ref).setTryTimeoutMs(tryTimeoutMs).setComplete(complete);
    if (confirm != null) {
      begun.setConfirm(confirm);
    }
    if (cancelUnanswered != null) {
      begun.setCancel(cancelUnanswered);
    }
    return Record.newBuilder().setBegun(begun);
  }

  /** Of a branch that has decided by itself. */
  public static BranchRecords recovered(BranchDecided decided) {
    return new BranchRecords(decided.getBranch(), false, 0, decided.getConfirm(), null, null);
  }

  /** Of a branch that an operator has decided. */
  public static BranchRecords recovered(BranchResolved resolved) {
    Completion cancel = resolved.hasCancel() ? resolved.getCancel() : null;
    BranchRecords records =
        new BranchRecords(
            resolved.getBranch(),
            false,
            resolved.getTryTimeoutMs(),
            resolved.hasConfirm() ? resolved.getConfirm() : null,
            cancel,
            cancel);
    records.resolution = resolved.getResolution();
    return records;
  }

  /** What an operator has decided of it; null where none has. */
  public @Nullable Resolution resolution() {
    return resolution;
  }

  /** An operator decides; null takes it back. */
  public void resolve(@Nullable Resolution decided) {
    resolution = decided;
  }

  /**
   * The operator's decision.
   *
   * @param answered the Try has answered, so what needs its answer is known
   */
  public Record.Builder resolved(Resolution decided, boolean answered, boolean tryMayRun) {
    BranchResolved.Builder made =
        BranchResolved.newBuilder()
            .setBranch(ref)
            .setTryTimeoutMs(tryMayRun ? tryTimeoutMs : 0)
            .setResolution(decided);
    if (confirm != null) {
      made.setConfirm(confirm);
    }
    Completion undo = cancel(answered);
    if (undo != null) {
      made.setCancel(undo);
    }
    return Record.newBuilder().setResolved(made);
  }

  /** The branch's own decision to commit. */
  public Record.Builder decided() {
    if (confirm == null) {
      throw new IllegalStateException(
          "decision of " + ref.getBranchId() + ": its confirm is not known");
    }
    return Record.newBuilder()
        .setDecided(BranchDecided.newBuilder().setBranch(ref).setConfirm(confirm));
  }

  /** Of THREE_PHASE: what the branch record says, with those who can end the transaction. */
  public BranchPrepared prepared(List<Member> members) {
    BranchPrepared.Builder record = prepared().toBuilder();
    members.forEach(member -> record.addMembers(Messages.recorded(member)));
    return record.build();
  }

  public BranchPrepared prepared() {
    if (confirm == null || cancelAnswered == null) {
      throw new IllegalStateException(
          "branch record of " + ref.getBranchId() + ": completions are not known");
    }
    return BranchPrepared.newBuilder()
        .setBranch(ref)
        .setConfirm(confirm)
        .setCancel(cancelAnswered)
        .build();
  }

  public Record.Builder ended(BranchOutcome outcome, String detail) {
    BranchEnded.Builder ended =
        BranchEnded.newBuilder()
            .setTxId(ref.getTxId())
            .setBranchId(ref.getBranchId())
            .setParticipant(ref.getParticipant())
            .setOutcome(Messages.branchOutcome(outcome))
            .setDetail(detail)
            .setDecider(ref.getDecider())
            .setCoordinator(ref.getCoordinator())
            .setIdentity(ref.getIdentity());
    if (resolution != null) {
      ended.setResolution(resolution);
    }
    if (resolution != null || outcome == BranchOutcome.HAZARD) {
      ended
          .setService(ref.getService())
          .setMode(ref.getMode())
          .setHandle(ref.getHandle())
          .setRestored(ref.getRestored())
          .setThreePhase(ref.getThreePhase());
    }
    return Record.newBuilder().setBranchEnded(ended);
  }
}
