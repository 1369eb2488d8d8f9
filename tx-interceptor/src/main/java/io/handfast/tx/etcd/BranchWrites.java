package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The records of branches: each write compares the revision of the one before, so that of two
 * sidecars that believe to run a branch one loses, before it acts (T19). Confined to the engine's
 * loop.
 */
final class BranchWrites {

  /**
   * A branch as this sidecar knows it.
   *
   * @param participant under whose address it has voted: one branch-id that reached two pods is two
   *     (T10)
   */
  record Name(TxId tx, BranchId branch, String participant) {}

  private final BatchWriter writer;
  private final Keys keys;
  private final Incarnation incarnation;
  private final Map<Name, Slot> slots = new HashMap<>();

  BranchWrites(BatchWriter writer, Keys keys, Incarnation incarnation) {
    this.writer = writer;
    this.keys = keys;
    this.incarnation = incarnation;
  }

  Slot slot(Name name, BranchRef ref) {
    return slots.computeIfAbsent(
        name,
        it -> new Slot(keys.branch(ref.getService(), it.tx(), it.branch(), ref.getParticipant())));
  }

  /** Of a branch that this sidecar runs; null of any other. */
  @Nullable Slot running(Name name) {
    return slots.get(name);
  }

  /** Takes up a record that was claimed. */
  void claimed(Name name, Slot slot) {
    slots.put(name, slot);
  }

  /** Another sidecar runs it, or has ended it. */
  void lost(Name name) {
    slots.remove(name);
  }

  /** BEGUN, or the branch record behind it. */
  void put(Name name, BranchRef ref, Record record, boolean lazy, WriteCallback callback) {
    Slot slot = slot(name, ref);
    slot.next(() -> put(slot, record, lazy, done(slot, unlessBegun(name, slot, callback))));
  }

  /** Of a BEGUN that failed nothing is to be ended here; what may be there is found by a claim. */
  private WriteCallback unlessBegun(Name name, Slot slot, WriteCallback callback) {
    return Ends.after(
        () -> {
          if (slot.revision == 0) {
            slots.remove(name, slot);
          }
        },
        callback);
  }

  private void put(Slot slot, Record record, boolean lazy, WriteCallback callback) {
    Incarnation.Life life = incarnation.life();
    List<Cmp> conditions =
        slot.revision == 0
            ? List.of(Records.absent(slot.key()), alive(life.name(), life.revision()))
            : List.of(Records.unchanged(slot.key(), slot.revision));
    Record owned = owned(record);
    ByteSequence value = Records.value(owned);
    writer.write(
        new Write(
            Set.of(slot.key()),
            conditions,
            List.of(Op.put(slot.key(), value, PutOption.DEFAULT)),
            List.of(Records.get(slot.key())),
            value.size(),
            new Putting(slot, record, owned, value, lazy, callback)),
        lazy);
  }

  /** What becomes of BEGUN, or of the branch record behind it. */
  private final class Putting extends Ends {
    private final Slot slot;
    private final Record record;
    private final Record owned;
    private final ByteSequence value;
    private final boolean lazy;
    private final WriteCallback callback;

    Putting(
        Slot slot,
        Record record,
        Record owned,
        ByteSequence value,
        boolean lazy,
        WriteCallback callback) {
      super(callback);
      this.slot = slot;
      this.record = record;
      this.owned = owned;
      this.value = value;
      this.lazy = lazy;
      this.callback = callback;
    }

    @Override
    public void onApplied(long revision, int attempts) {
      if (slot.revision == 0) {
        slot.echoes = attempts > 1;
      }
      slot.wrote(owned, revision);
      callback.onDurable();
    }

    @Override
    public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
      KeyValue stands = found.get(slot.key());
      if (stands == null) {
        callback.onRefused(
            slot.revision == 0
                ? "etcd: this sidecar's lease was lost (expected: soon another)"
                : "etcd: the branch was ended by another replica");
      } else if (stands.getValue().equals(value)) {
        onApplied(stands.getModRevision(), attempts);
      } else if (isOwn(stands) && !hasEnded(stands)) {
        slot.echoes |= slot.revision == 0;
        slot.revision = stands.getModRevision(); // an earlier write that was in doubt
        put(slot, record, lazy, callback);
      } else {
        callback.onRefused("etcd: the branch was taken over by another replica, or has ended");
      }
    }
  }

  /**
   * The outcome was carried out: the record goes, for its absence says so to whoever owes it. A
   * hazard stays for people; an end stays while an attempt to write BEGUN might arrive after it,
   * which compares that there is nothing: until its incarnation is gone, which it compares as well.
   * The undo of a branch that was taken over stays for a while: who lost it may have slept with its
   * Try, and has to know.
   */
  void end(Name name, BranchEnded ended, Record record, boolean lazy, WriteCallback callback) {
    Slot slot = slots.get(name);
    boolean hazard = ended.getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
    if (slot == null && hazard && !ended.getHandle().isEmpty()) {
      inResource(name, ended, record, lazy, callback);
      return;
    }
    if (slot == null) {
      writer.later(callback::onDurable); // BEGUN was refused: there is nothing to end
      return;
    }
    boolean undone = slot.claimed && ended.getOutcome() == BranchOutcome.BRANCH_ABORTED;
    Record stays =
        undone
            ? record.toBuilder().setBranchEnded(ended.toBuilder().setTakenOver(true)).build()
            : record;
    slot.next(() ->
        end(name, slot, hazard || undone || slot.echoes, owned(stays), lazy, done(slot, callback)));
  }

  /** A branch that its resource has kept has no record here; its hazard stays for people. */
  private void inResource(
      Name name, BranchEnded ended, Record record, boolean lazy, WriteCallback callback) {
    Slot slot =
        new Slot(keys.branch(ended.getService(), name.tx(), name.branch(), ended.getParticipant()));
    slot.next(() -> put(slot, record, lazy, done(slot, callback)));
  }

  private void end(
      Name name, Slot slot, boolean keeps, Record record, boolean lazy, WriteCallback callback) {
    ByteSequence value = Records.value(record);
    Op op =
        keeps
            ? Op.put(slot.key(), value, PutOption.DEFAULT)
            : Op.delete(slot.key(), DeleteOption.DEFAULT);
    writer.write(
        new Write(
            Set.of(slot.key()),
            List.of(Records.unchanged(slot.key(), slot.revision)),
            List.of(op),
            List.of(Records.get(slot.key())),
            Math.max(value.size(), slot.record.getSerializedSize()), // or what is read back
            new Ends(callback) {
              @Override
              public void onApplied(long revision, int attempts) {
                slots.remove(name, slot);
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                KeyValue stands = found.get(slot.key());
                if (stands == null || hasEnded(stands)) {
                  onApplied(0, attempts); // by an earlier attempt, or by who took it over
                } else if (isOwn(stands)) {
                  slot.revision = stands.getModRevision();
                  end(name, slot, keeps, record, lazy, callback);
                } else {
                  endForLost(name, slot, stands, op, callback);
                }
              }
            }),
        lazy);
  }

  /**
   * Who took it over ends it as well: asked again until it has, nothing is acknowledged before. If
   * that sidecar is lost too, this one may: the outcome was carried out here.
   */
  private void endForLost(Name name, Slot slot, KeyValue stands, Op op, WriteCallback callback) {
    Record taken = Records.known(stands);
    if (taken == null) {
      callback.onRefused("etcd: the branch was taken over by a newer version");
      return;
    }
    writer.write(
        new Write(
            Set.of(slot.key()),
            List.of(
                Records.unchanged(slot.key(), stands.getModRevision()),
                Records.absent(keys.incarnation(taken.getOwner()))),
            List.of(op),
            List.of(),
            slot.record.getSerializedSize(),
            new Ends(callback) {
              @Override
              public void onApplied(long revision, int attempts) {
                slots.remove(name, slot);
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                callback.onRefused("etcd: the branch was taken over by another replica");
              }
            }),
        false);
  }

  /** Somebody has settled a hazard: its record goes, whoever wrote it. */
  void forget(ByteSequence key, WriteCallback callback) {
    writer.write(
        new Write(
            Set.of(key),
            List.of(new Cmp(key, Cmp.Op.GREATER, CmpTarget.createRevision(0))),
            List.of(Op.delete(key, DeleteOption.DEFAULT)),
            List.of(),
            0,
            new Ends(callback) {
              @Override
              public void onApplied(long revision, int attempts) {
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                callback.onDurable(); // somebody else has
              }
            }),
        false);
  }

  /** After a lost life: what nobody has taken over yet is written again under the new name. */
  void reclaim() {
    slots.values().forEach(slot -> slot.next(() -> reclaim(slot)));
  }

  private void reclaim(Slot slot) {
    if (slot.revision == 0) {
      slot.done(); // BEGUN was refused
    } else {
      put(slot, slot.record, true, done(slot, Ends.IGNORED));
    }
  }

  private static boolean hasEnded(KeyValue stands) {
    Record record = Records.known(stands);
    return record != null && record.hasBranchEnded();
  }

  /** Whether one of this process's lives wrote it. */
  boolean isOwn(KeyValue stands) {
    Record record = Records.known(stands);
    return record != null && incarnation.isOwn(record.getOwner());
  }

  Record owned(Record record) {
    return record.toBuilder().setOwner(incarnation.life().name()).build();
  }

  Cmp alive(String name, long revision) {
    return new Cmp(keys.incarnation(name), Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
  }

  /** Lets the next write of the branch go, then tells. */
  static WriteCallback done(Slot slot, WriteCallback callback) {
    return Ends.after(slot::done, callback);
  }
}
