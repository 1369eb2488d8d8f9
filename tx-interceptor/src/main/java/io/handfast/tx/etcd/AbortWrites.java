package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.TransactionAborted;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Found;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * ABORT of a transaction, where no COMMIT was first: ends a coordinator's own doubt (T18), and that
 * of a participant after its deadline (T19). Confined to the engine's loop.
 */
final class AbortWrites {
  private final BatchWriter writer;
  private final Keys keys;
  private final Incarnation incarnation;
  private final BranchWrites branches;
  private final CommitWrites commits;

  AbortWrites(
      BatchWriter writer,
      Keys keys,
      Incarnation incarnation,
      BranchWrites branches,
      CommitWrites commits) {
    this.writer = writer;
    this.keys = keys;
    this.incarnation = incarnation;
    this.branches = branches;
    this.commits = commits;
  }

  /** ABORT by the coordinator: if nothing stands, and only while its incarnation lives (T18). */
  void resolve(TxId tx, long began, String reason, long timeMs, Consumer<Found> reply) {
    ByteSequence key = keys.decision(tx);
    ByteSequence value = aborted(tx, reason, timeMs, true);
    writer.write(
        new Write(
            Set.of(key),
            List.of(Records.absent(key), branches.alive(incarnation.life().name(), began)),
            List.of(Op.put(key, value, PutOption.DEFAULT)),
            List.of(Records.get(key)),
            value.size(),
            new Asked(reply) {
              @Override
              public void onApplied(long revision, int attempts) {
                commits.gone(tx);
                super.onApplied(revision, attempts);
              }

              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                KeyValue there = found.get(key);
                Found stands = found(there);
                if (there != null && stands instanceof Found.Aborted) {
                  commits.keep(there);
                }
                if (stands instanceof Found.Aborted || stands instanceof Found.Nothing) {
                  commits.gone(tx);
                }
                reply.accept(stands);
              }
            }),
        false);
  }

  /**
   * ABORT by a participant, after its deadline: if nothing stands. Of a branch that runs here also
   * only while nobody else has taken it over: its end may have let the coordinator forget a COMMIT,
   * and then nothing stands as well.
   *
   * @param slot of the branch; null of another sidecar's, on whose own store it stands
   */
  void abort(TxId tx, @Nullable Slot slot, String reason, long timeMs, Consumer<Found> reply) {
    ByteSequence key = keys.decision(tx);
    ByteSequence value = aborted(tx, reason, timeMs, false);
    List<Cmp> conditions = new ArrayList<>(List.of(Records.absent(key)));
    List<Op> otherwise = new ArrayList<>(List.of(Records.get(key)));
    if (slot != null) {
      conditions.add(Records.unchanged(slot.key(), slot.revision));
      otherwise.add(Records.get(slot.key()));
    }
    writer.write(
        new Write(
            Set.of(key),
            conditions,
            List.of(Op.put(key, value, PutOption.DEFAULT)),
            otherwise,
            value.size(),
            new Asked(reply) {
              @Override
              public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {
                KeyValue branch = slot == null ? null : found.get(slot.key());
                if (slot != null && (branch == null || !branches.isOwn(branch))) {
                  reply.accept(new Found.TakenOver());
                } else if (slot != null && branch != null && found.get(key) == null) {
                  slot.revision = branch.getModRevision(); // of a write that was in doubt
                  reply.accept(new Found.Unanswered("etcd: the branch's record has changed"));
                } else {
                  reply.accept(found(found.get(key)));
                }
              }
            }),
        false);
  }

  /**
   * @param kept of a coordinator: its COMMIT may arrive yet
   */
  private ByteSequence aborted(TxId tx, String reason, long timeMs, boolean kept) {
    return Records.value(
        branches.owned(
            Record.newBuilder()
                .setAborted(
                    TransactionAborted.newBuilder()
                        .setTxId(bytes(tx))
                        .setReason(reason)
                        .setKept(kept))
                .setTimeMs(timeMs)
                .build()));
  }

  /** What becomes of an ABORT. */
  private abstract static class Asked implements Write.Callback {
    private final Consumer<Found> reply;

    Asked(Consumer<Found> reply) {
      this.reply = reply;
    }

    @Override
    public void onApplied(long revision, int attempts) {
      reply.accept(new Found.Aborted());
    }

    @Override
    public void onRefused(String why) {
      reply.accept(new Found.Unanswered(why));
    }

    @Override
    public void onInDoubt(String why) {
      reply.accept(new Found.Unanswered(why));
    }
  }

  static Found found(@Nullable KeyValue stands) {
    if (stands == null) {
      return new Found.Nothing();
    }
    Record record;
    try {
      record = Records.parse(stands);
    } catch (IllegalArgumentException e) {
      return new Found.Unanswered(String.valueOf(e.getMessage()));
    }
    return record.hasDecision() ? new Found.Committed(record.getDecision()) : new Found.Aborted();
  }

  private static ByteString bytes(TxId tx) {
    return ByteString.copyFrom(ByteBuffer.allocate(16).putLong(tx.high()).putLong(tx.low()).flip());
  }
}
