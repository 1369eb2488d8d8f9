package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * COMMIT of a transaction, where no ABORT was first, and its end (T19). Confined to the engine's
 * loop.
 */
final class CommitWrites {
  private static final String LEASE_LOST =
      "etcd: this sidecar's lease was lost since the transaction began (expected: one that lives)";

  private final BatchWriter writer;
  private final Keys keys;
  private final Incarnation incarnation;
  private final BranchWrites branches;

  /** Transactions whose COMMIT this sidecar carries out, or may have written. */
  private final Set<TxId> carried = new HashSet<>();

  /** Transactions that lost to ABORT, of whose COMMIT an attempt may arrive yet. */
  private final Set<TxId> echoes = new HashSet<>();

  CommitWrites(BatchWriter writer, Keys keys, Incarnation incarnation, BranchWrites branches) {
    this.writer = writer;
    this.keys = keys;
    this.incarnation = incarnation;
    this.branches = branches;
  }

  /** The record of the boundary's own branch, which goes into the same transaction of etcd. */
  private record Own(Slot slot, Record record) {}

  /** Whether this sidecar carries a COMMIT out, so that there is nothing to claim. */
  boolean carries(TxId tx) {
    return carried.contains(tx);
  }

  /** A COMMIT was claimed. */
  void claimed(TxId tx) {
    carried.add(tx);
  }

  /** It proved not to be there, and cannot be any more. */
  void gone(TxId tx) {
    carried.remove(tx);
  }

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
    Record bare = record.toBuilder().setDecision(decision.toBuilder().clearOwn()).build();
    Slot slot = branches.running(name);
    if (slot == null) {
      commit(tx, bare, (Own) null, callback); // it has ended: there is no record to write
      return;
    }
    Record prepared =
        Record.newBuilder().setPrepared(decision.getOwn()).setTimeMs(record.getTimeMs()).build();
    slot.next(() ->
        commit(
            tx, bare, new Own(slot, branches.owned(prepared)), BranchWrites.done(slot, callback)));
  }

  private void commit(TxId tx, Record record, @Nullable Own own, WriteCallback callback) {
    Incarnation.Life life = incarnation.life();
    long began = record.getDecision().getIncarnation();
    if (began != life.revision()) {
      writer.later(() -> callback.onRefusedForGood(LEASE_LOST)); // it was never sent
      return;
    }
    carried.add(tx);
    ByteSequence key = keys.decision(tx);
    ByteSequence alive = keys.incarnation(life.name());
    ByteSequence value = Records.value(branches.owned(record));
    List<Cmp> conditions = new ArrayList<>();
    conditions.add(Records.absent(key));
    conditions.add(branches.alive(life.name(), began));
    List<Op> then = new ArrayList<>();
    then.add(Op.put(key, value, PutOption.DEFAULT));
    List<Op> otherwise = new ArrayList<>();
    otherwise.add(Records.get(key));
    otherwise.add(Records.get(alive));
    int bytes = value.size();
    Set<ByteSequence> written = Set.of(key);
    if (own != null) {
      ByteSequence owned = Records.value(own.record());
      conditions.add(Records.unchanged(own.slot().key(), own.slot().revision));
      then.add(Op.put(own.slot().key(), owned, PutOption.DEFAULT));
      otherwise.add(Records.get(own.slot().key()));
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
  private final class Committing extends Ends {
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
    public void onApplied(long revision, int attempts) {
      if (own != null) {
        own.slot().wrote(own.record(), revision);
      }
      callback.onDurable();
    }

    @Override
    public void onRefused(String reason) {
      carried.remove(tx);
      callback.onRefused(reason);
    }

    private void refused(String reason) {
      carried.remove(tx);
      callback.onRefusedForGood(reason);
    }

    @Override
    public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
      KeyValue stands = found.get(key);
      if (stands != null) {
        stands(stands, attempts);
        return;
      }
      KeyValue lives = found.get(alive);
      if (lives == null || lives.getCreateRevision() != record.getDecision().getIncarnation()) {
        // An earlier attempt may have been there, been carried out by a replica and forgotten.
        if (attempts == 1) {
          refused(LEASE_LOST);
        } else {
          onInDoubt(LEASE_LOST);
        }
        return;
      }
      KeyValue branch = own == null ? null : found.get(own.slot().key());
      if (own != null && branch != null && branches.isOwn(branch)) {
        own.slot().revision = branch.getModRevision(); // an earlier write that was in doubt
        commit(tx, record, own, callback);
        return;
      }
      // No earlier attempt was there, nor can be any more: it compares the branch as well.
      refused("etcd: the boundary's branch was taken over by another replica");
    }

    /** Nobody but its coordinator writes COMMIT: that is our own, of an earlier attempt. */
    private void stands(KeyValue stands, int attempts) {
      switch (AbortWrites.found(stands)) {
        case Found.Committed _ -> onApplied(stands.getModRevision(), attempts);
        case Found.Aborted _ -> {
          carried.remove(tx);
          if (attempts > 1) {
            keep(stands);
            echoes.add(tx);
          }
          callback.onLost("ABORT stands: " + Records.parse(stands).getAborted().getReason());
        }
        case Found.Unanswered it -> onInDoubt(it.reason());
        case Found.Nothing _, Found.TakenOver _ ->
            throw new IllegalStateException("decision: " + stands + " (expected: a record)");
      }
    }
  }

  /** An ABORT to which a COMMIT has lost that may arrive yet: it is not collected by its age. */
  void keep(KeyValue aborted) {
    Record record = Records.known(aborted);
    if (record == null || !record.hasAborted() || record.getAborted().getKept()) {
      return;
    }
    Record kept =
        record.toBuilder().setAborted(record.getAborted().toBuilder().setKept(true)).build();
    ByteSequence value = Records.value(kept);
    writer.write(
        new Write(
            Set.of(aborted.getKey()),
            List.of(Records.unchanged(aborted.getKey(), aborted.getModRevision())),
            List.of(Op.put(aborted.getKey(), value, PutOption.DEFAULT)),
            List.of(),
            value.size(),
            Ends.UNHEARD),
        true);
  }

  /**
   * Nobody is owed anything any more: the record goes. Who asks later has been carried out, or
   * writes ABORT where COMMIT cannot come any more. Where it can, ABORT stays: until nobody is left
   * who began before it.
   */
  void end(TxId tx, WriteCallback callback) {
    if (echoes.remove(tx)) {
      writer.later(callback::onDurable);
      return;
    }
    ByteSequence key = keys.decision(tx);
    writer.write(
        new Write(
            Set.of(key),
            List.of(),
            List.of(Op.delete(key, DeleteOption.DEFAULT)),
            List.of(),
            0,
            new Ends(Ends.after(() -> carried.remove(tx), callback)) {
              @Override
              public void onApplied(long revision, int attempts) {
                carried.remove(tx);
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                onApplied(0, attempts);
              }
            }),
        true);
  }
}
