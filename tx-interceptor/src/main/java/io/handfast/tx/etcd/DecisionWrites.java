package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionAborted;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.port.SharedStore.Mandate;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * COMMIT or ABORT of a transaction: whatever is written first stands (T18, T19). Confined to the
 * engine's loop.
 */
final class DecisionWrites {
  private static final String LEASE_LOST =
      "etcd: this sidecar's lease was lost since the transaction began (expected: one that lives)";

  private final BatchWriter writer;
  private final Keys keys;
  private final Incarnation incarnation;
  private final BranchWrites branches;

  DecisionWrites(BatchWriter writer, Keys keys, Incarnation incarnation, BranchWrites branches) {
    this.writer = writer;
    this.keys = keys;
    this.incarnation = incarnation;
    this.branches = branches;
  }

  /** The record of the boundary's own branch, which goes into the same transaction of etcd. */
  private record Own(Slot slot, Record record) {}

  /**
   * COMMIT: if nothing stands, and the incarnation lives under which the transaction began.
   *
   * @param name of the boundary's own branch, whose record rides along; null if none does
   */
  void commit(TxId tx, Record record, BranchWrites.@Nullable Name name, WriteCallback callback) {
    Decision decision = record.getDecision();
    if (name == null) {
      commit(tx, record, (Own) null, callback);
      return;
    }
    Slot slot = branches.slot(name, decision.getOwn().getBranch());
    Record prepared =
        Record.newBuilder().setPrepared(decision.getOwn()).setTimeMs(record.getTimeMs()).build();
    Record bare = record.toBuilder().setDecision(decision.toBuilder().clearOwn()).build();
    slot.next(
        () -> commit(tx, bare, new Own(slot, branches.owned(prepared)), done(slot, callback)));
  }

  private void commit(TxId tx, Record record, @Nullable Own own, WriteCallback callback) {
    Incarnation.Life life = incarnation.life();
    long began = record.getDecision().getIncarnation();
    if (began != life.revision()) {
      callback.onRefused(LEASE_LOST); // it was never sent
      return;
    }
    ByteSequence key = keys.decision(tx);
    ByteSequence alive = keys.incarnation(life.name());
    ByteSequence value = BranchWrites.value(branches.owned(record));
    List<Cmp> conditions = new ArrayList<>();
    conditions.add(BranchWrites.absent(key));
    conditions.add(branches.alive(life.name(), began));
    List<Op> then = new ArrayList<>();
    then.add(Op.put(key, value, PutOption.DEFAULT));
    List<Op> otherwise = new ArrayList<>();
    otherwise.add(BranchWrites.get(key));
    otherwise.add(BranchWrites.get(alive));
    int bytes = value.size();
    Set<ByteSequence> written = Set.of(key);
    if (own != null) {
      ByteSequence owned = BranchWrites.value(own.record());
      conditions.add(BranchWrites.unchanged(own.slot().key(), own.slot().revision));
      then.add(Op.put(own.slot().key(), owned, PutOption.DEFAULT));
      otherwise.add(BranchWrites.get(own.slot().key()));
      bytes += owned.size();
      written = Set.of(key, own.slot().key());
    }
    writer.write(
        new Write(
            written,
            conditions,
            then,
            otherwise,
            bytes,
            new Committing(tx, record, own, key, alive, callback)),
        false);
  }

  /** What becomes of a COMMIT. */
  private final class Committing extends BranchWrites.Told {
    private final TxId tx;
    private final Record record;
    private final @Nullable Own own;
    private final ByteSequence key;
    private final ByteSequence alive;
    private final WriteCallback callback;

    Committing(
        TxId tx,
        Record record,
        @Nullable Own own,
        ByteSequence key,
        ByteSequence alive,
        WriteCallback callback) {
      super(callback);
      this.tx = tx;
      this.record = record;
      this.own = own;
      this.key = key;
      this.alive = alive;
      this.callback = callback;
    }

    @Override
    public void onApplied(long revision) {
      if (own != null) {
        own.slot().record = own.record();
        own.slot().revision = revision;
      }
      callback.onDurable();
    }

    @Override
    public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
      KeyValue stands = found.get(key);
      if (stands != null) {
        stands(stands);
        return;
      }
      KeyValue lives = found.get(alive);
      if (lives == null || lives.getCreateRevision() != record.getDecision().getIncarnation()) {
        // An earlier attempt may have been there, been carried out by a replica and forgotten.
        if (attempts == 1) {
          callback.onRefused(LEASE_LOST);
        } else {
          callback.onInDoubt(LEASE_LOST);
        }
        return;
      }
      KeyValue branch = own == null ? null : found.get(own.slot().key());
      if (own != null && branch != null && branches.isOwn(branch)) {
        own.slot().revision = branch.getModRevision(); // an earlier write that was in doubt
        commit(tx, record, own, callback);
        return;
      }
      callback.onRefused("etcd: the boundary's branch was taken over by another replica");
    }

    /** Nobody but its coordinator writes COMMIT: that is our own, of an earlier attempt. */
    private void stands(KeyValue stands) {
      if (BranchWrites.parse(stands).hasDecision()) {
        onApplied(stands.getModRevision());
      } else {
        callback.onLost("ABORT stands: " + BranchWrites.parse(stands).getAborted().getReason());
      }
    }
  }

  private static WriteCallback done(Slot slot, WriteCallback callback) {
    return new WriteCallback() {
      @Override
      public void onDurable() {
        slot.done();
        callback.onDurable();
      }

      @Override
      public void onLost(String reason) {
        slot.done();
        callback.onLost(reason);
      }

      @Override
      public void onRefused(String reason) {
        slot.done();
        callback.onRefused(reason);
      }

      @Override
      public void onInDoubt(String reason) {
        slot.done();
        callback.onInDoubt(reason);
      }
    };
  }

  /** ABORT: if nothing stands; of a coordinator also only while its incarnation lives. */
  void abort(
      TxId tx, Mandate mandate, long began, String reason, long timeMs, Consumer<Found> reply) {
    ByteSequence key = keys.decision(tx);
    Record record =
        Record.newBuilder()
            .setAborted(TransactionAborted.newBuilder().setTxId(bytes(tx)).setReason(reason))
            .setTimeMs(timeMs)
            .build();
    ByteSequence value = BranchWrites.value(branches.owned(record));
    List<Cmp> conditions = new ArrayList<>();
    conditions.add(BranchWrites.absent(key));
    if (mandate == Mandate.COORDINATOR) {
      conditions.add(branches.alive(incarnation.life().name(), began));
    }
    writer.write(
        new Write(
            Set.of(key),
            conditions,
            List.of(Op.put(key, value, PutOption.DEFAULT)),
            List.of(BranchWrites.get(key)),
            value.size(),
            new Write.Callback() {
              @Override
              public void onApplied(long revision) {
                reply.accept(new Found.Aborted());
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                reply.accept(found(found.get(key)));
              }

              @Override
              public void onRefused(String why) {
                reply.accept(new Found.Unanswered(why));
              }

              @Override
              public void onInDoubt(String why) {
                reply.accept(new Found.Unanswered(why));
              }
            }),
        false);
  }

  static Found found(@Nullable KeyValue stands) {
    if (stands == null) {
      return new Found.Nothing();
    }
    Record record;
    try {
      record = BranchWrites.parse(stands);
    } catch (IllegalArgumentException e) {
      return new Found.Unanswered(String.valueOf(e.getMessage()));
    }
    return record.hasDecision() ? new Found.Committed(record.getDecision()) : new Found.Aborted();
  }

  /**
   * Nobody is owed anything any more: the record goes. Who asks later has been carried out, or
   * writes ABORT where COMMIT cannot come any more.
   */
  void end(TxId tx, WriteCallback callback) {
    ByteSequence key = keys.decision(tx);
    writer.write(
        new Write(
            Set.of(key),
            List.of(),
            List.of(Op.delete(key, DeleteOption.DEFAULT)),
            List.of(),
            0,
            new BranchWrites.Told(callback) {
              @Override
              public void onApplied(long revision) {
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                callback.onDurable();
              }
            }),
        true);
  }

  private static ByteString bytes(TxId tx) {
    return ByteString.copyFrom(
        java.nio.ByteBuffer.allocate(16).putLong(tx.high()).putLong(tx.low()).flip());
  }
}
