package io.handfast.tx.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
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

/**
 * The records of branches: each write compares the revision of the one before, so that of two
 * sidecars that believe to run a branch one loses, before it acts (T19). Confined to the engine's
 * loop.
 */
final class BranchWrites {

  /** A branch as this sidecar knows it. */
  record Name(TxId tx, BranchId branch) {}

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

  /** Takes up a record that was claimed, in the place of one that it knew. */
  void claimed(Name name, Slot slot) {
    slots.put(name, slot);
  }

  /** BEGUN, or the branch record behind it. */
  void put(Name name, BranchRef ref, Record record, boolean lazy, WriteCallback callback) {
    Slot slot = slot(name, ref);
    slot.next(() -> put(slot, record, lazy, done(slot, unlessBegun(name, slot, callback))));
  }

  /** Of a BEGUN that failed nothing is to be ended here; what may be there is found by a claim. */
  private WriteCallback unlessBegun(Name name, Slot slot, WriteCallback callback) {
    return new WriteCallback() {
      @Override
      public void onDurable() {
        callback.onDurable();
      }

      @Override
      public void onRefused(String reason) {
        drop();
        callback.onRefused(reason);
      }

      @Override
      public void onInDoubt(String reason) {
        drop();
        callback.onInDoubt(reason);
      }

      private void drop() {
        if (slot.revision == 0) {
          slots.remove(name, slot);
        }
      }
    };
  }

  private void put(Slot slot, Record record, boolean lazy, WriteCallback callback) {
    Record owned = owned(record);
    Incarnation.Life life = incarnation.life();
    List<Cmp> conditions =
        slot.revision == 0
            ? List.of(absent(slot.key()), alive(life.name(), life.revision()))
            : List.of(unchanged(slot.key(), slot.revision));
    ByteSequence value = value(owned);
    writer.write(
        new Write(
            Set.of(slot.key()),
            conditions,
            List.of(Op.put(slot.key(), value, PutOption.DEFAULT)),
            List.of(get(slot.key())),
            value.size(),
            new Told(callback) {
              @Override
              public void onApplied(long revision) {
                wrote(slot, owned, revision);
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
                  wrote(slot, owned, stands.getModRevision());
                  callback.onDurable();
                } else if (isOwn(stands)) {
                  slot.revision = stands.getModRevision(); // an earlier write that was in doubt
                  put(slot, record, lazy, callback);
                } else {
                  callback.onRefused("etcd: the branch was taken over by another replica");
                }
              }
            }),
        lazy);
  }

  private static void wrote(Slot slot, Record record, long revision) {
    slot.record = record;
    slot.revision = revision;
  }

  /**
   * The outcome was carried out: the record goes, for its absence says so to whoever owes it; a
   * hazard stays for people.
   */
  void end(Name name, BranchEnded ended, Record record, boolean lazy, WriteCallback callback) {
    Slot slot = slots.get(name);
    if (slot == null) {
      callback.onDurable(); // BEGUN was refused: there is nothing to end
      return;
    }
    boolean keeps = ended.getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
    slot.next(() -> end(name, slot, keeps, owned(record), lazy, done(slot, callback)));
  }

  private void end(
      Name name, Slot slot, boolean keeps, Record record, boolean lazy, WriteCallback callback) {
    ByteSequence value = value(record);
    Op op =
        keeps
            ? Op.put(slot.key(), value, PutOption.DEFAULT)
            : Op.delete(slot.key(), DeleteOption.DEFAULT);
    writer.write(
        new Write(
            Set.of(slot.key()),
            List.of(unchanged(slot.key(), slot.revision)),
            List.of(op),
            List.of(get(slot.key())),
            keeps ? value.size() : 0,
            new Told(callback) {
              @Override
              public void onApplied(long revision) {
                slots.remove(name, slot);
                callback.onDurable();
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                KeyValue stands = found.get(slot.key());
                if (stands == null || parse(stands).hasBranchEnded()) {
                  onApplied(0); // by an earlier attempt, or by who took it over
                } else if (isOwn(stands)) {
                  slot.revision = stands.getModRevision();
                  end(name, slot, keeps, record, lazy, callback);
                } else {
                  // Who took it over ends it as well: asked again until it has, nothing is
                  // acknowledged before.
                  callback.onRefused("etcd: the branch was taken over by another replica");
                }
              }
            }),
        lazy);
  }

  /** After a lost life: what nobody has taken over yet is written again under the new name. */
  void reclaim() {
    slots.values().stream()
        .filter(slot -> slot.revision != 0)
        .forEach(slot -> slot.next(() -> put(slot, slot.record, true, done(slot, Told.IGNORED))));
  }

  boolean isOwn(KeyValue stands) {
    return incarnation.isOwn(parse(stands).getOwner());
  }

  Record owned(Record record) {
    return record.toBuilder().setOwner(incarnation.life().name()).build();
  }

  Cmp alive(String name, long revision) {
    return new Cmp(keys.incarnation(name), Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
  }

  static Cmp absent(ByteSequence key) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0));
  }

  /** Revision 0: it does not exist. */
  static Cmp unchanged(ByteSequence key, long revision) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(revision));
  }

  static Op get(ByteSequence key) {
    return Op.get(key, GetOption.DEFAULT);
  }

  static ByteSequence value(Record record) {
    return ByteSequence.from(record.toByteString());
  }

  /**
   * What stands under a key.
   *
   * @throws IllegalArgumentException if it is no record that this version knows
   */
  static Record parse(KeyValue stands) {
    try {
      Record record = Record.parseFrom(stands.getValue().getBytes());
      if (record.getKindCase() != Record.KindCase.KIND_NOT_SET) {
        return record;
      }
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "etcd: " + Keys.text(stands.getKey()) + ": " + e.getMessage(), e);
    }
    throw new IllegalArgumentException(
        "etcd: "
            + Keys.text(stands.getKey())
            + ": of an unknown kind (expected: one that this version writes)");
  }

  /** Lets the next write of the branch go, then tells. */
  private static WriteCallback done(Slot slot, WriteCallback callback) {
    return new WriteCallback() {
      @Override
      public void onDurable() {
        slot.done();
        callback.onDurable();
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

  /** The two ends that every write has alike. */
  abstract static class Told implements Write.Callback {
    static final WriteCallback IGNORED =
        new WriteCallback() {
          @Override
          public void onDurable() {}

          @Override
          public void onRefused(String reason) {}

          @Override
          public void onInDoubt(String reason) {}
        };

    private final WriteCallback callback;

    Told(WriteCallback callback) {
      this.callback = callback;
    }

    @Override
    public void onRefused(String reason) {
      callback.onRefused(reason);
    }

    @Override
    public void onInDoubt(String reason) {
      callback.onInDoubt(reason);
    }
  }
}
