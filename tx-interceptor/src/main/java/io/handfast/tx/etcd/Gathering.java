package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Record;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The claims of one look, handed over together when the last was answered. Confined to the engine's
 * loop.
 */
final class Gathering {
  private final Claims.Parts parts;
  private final Consumer<List<Record>> over;
  private final List<Record> won = new ArrayList<>();
  private int open = 1;

  /**
   * @param over told what was won, once
   */
  Gathering(Claims.Parts parts, Consumer<List<Record>> over) {
    this.parts = parts;
    this.over = over;
  }

  /**
   * Writes the claimer's name into a record that nobody has changed since, and whose owner is gone
   * or is the claimer itself.
   *
   * @param ref of a branch; null of a decision
   */
  void claim(KeyValue value, Record record, @Nullable BranchRef ref) {
    open++;
    Record mine = parts.branches().owned(record);
    ByteSequence bytes = Records.value(mine);
    parts
        .writer()
        .write(
            new Write(
                Set.of(value.getKey()),
                conditions(value, record.getOwner()),
                List.of(Op.put(value.getKey(), bytes, PutOption.DEFAULT)),
                List.of(Records.get(value.getKey())),
                bytes.size(),
                new Claiming(value.getKey(), mine, bytes, ref)),
            false);
  }

  private List<Cmp> conditions(KeyValue value, String owner) {
    Incarnation.Life life = parts.incarnation().life();
    List<Cmp> conditions = new ArrayList<>();
    conditions.add(Records.unchanged(value.getKey(), value.getModRevision()));
    conditions.add(parts.branches().alive(life.name(), life.revision()));
    if (!owner.equals(life.name())) {
      conditions.add(Records.absent(parts.keys().incarnation(owner)));
    }
    return conditions;
  }

  /** What becomes of a claim: one that is not won is left to the next look. */
  private final class Claiming implements Write.Callback {
    private final ByteSequence key;
    private final Record mine;
    private final ByteSequence bytes;
    private final @Nullable BranchRef ref;

    Claiming(ByteSequence key, Record mine, ByteSequence bytes, @Nullable BranchRef ref) {
      this.key = key;
      this.mine = mine;
      this.bytes = bytes;
      this.ref = ref;
    }

    @Override
    public void onApplied(long revision, int attempts) {
      parts.counters().claims.incrementAndGet();
      if (ref == null) {
        parts.commits().claimed(EtcdStore.txId(mine.getDecision().getTxId()));
      } else {
        Slot slot = new Slot(key);
        slot.wrote(mine, revision);
        slot.claimed = true;
        parts.branches().claimed(EtcdStore.name(ref), slot);
      }
      won.add(mine);
      one();
    }

    @Override
    public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
      KeyValue stands = found.get(key);
      if (attempts > 1 && stands != null && stands.getValue().equals(bytes)) {
        onApplied(stands.getModRevision(), attempts); // by an earlier attempt
      } else {
        one();
      }
    }

    @Override
    public void onRefused(String reason) {
      one();
    }

    @Override
    public void onInDoubt(String reason) {
      one();
    }
  }

  /** Hands a record over that is for people, and nobody's. */
  void found(Record record) {
    won.add(record);
  }

  /** Removes a record that nobody can need any more, unless it has changed since. */
  void collect(KeyValue value) {
    parts
        .writer()
        .write(
            new Write(
                Set.of(value.getKey()),
                List.of(Records.unchanged(value.getKey(), value.getModRevision())),
                List.of(Op.delete(value.getKey(), DeleteOption.DEFAULT)),
                List.of(),
                0,
                Ends.UNHEARD),
            true);
  }

  /** No more claims are made by this look. */
  void all() {
    one();
  }

  private void one() {
    open--;
    if (open == 0) {
      over.accept(won);
    }
  }
}
