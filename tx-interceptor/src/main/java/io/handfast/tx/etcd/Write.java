package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.Op;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One conditional write: what a transaction of etcd compares, does, and reads if the comparison
 * fails. Immutable. Sending one twice is told from another's write by whoever looks at what was
 * read, so that it may be sent again where no answer came.
 *
 * @param keys that it writes: two writes of one key are never in one batch
 * @param bytes of its values
 */
record Write(
    Set<ByteSequence> keys,
    List<Cmp> conditions,
    List<Op> then,
    List<Op> otherwise,
    int bytes,
    Callback callback) {

  Write {
    keys = Set.copyOf(keys);
    conditions = List.copyOf(conditions);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  Op op() {
    return Op.txn(
        conditions.toArray(Cmp[]::new), then.toArray(Op[]::new), otherwise.toArray(Op[]::new));
  }

  /** What became of a write: one of these, once, on the engine's loop. */
  interface Callback {

    /**
     * Its conditions held.
     *
     * @param revision of what it wrote
     * @param attempts how often it was sent, from 1: those before may yet arrive
     */
    void onApplied(long revision, int attempts);

    /**
     * Its conditions did not hold: it is not there and never will be, unless an earlier attempt of
     * this very write is what stands.
     *
     * @param found the keys that it asked for, as far as they exist
     * @param attempts how often it was sent, from 1
     */
    void onFailed(Map<ByteSequence, KeyValue> found, int attempts);

    /** etcd has refused it: it is not there and never will be. */
    void onRefused(String reason);

    /** No answer: it may be there, or come to be there yet. */
    void onInDoubt(String reason);
  }
}
