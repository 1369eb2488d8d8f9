package io.handfast.tx.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Record;
import org.jspecify.annotations.Nullable;

/** Records as values of etcd, and what is compared of their keys. Pure. */
final class Records {
  private static final int TX_ID_BYTES = 16;

  private Records() {}

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
      if (record.getKindCase() != Record.KindCase.KIND_NOT_SET && isWhole(record)) {
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

  /** Its ids are as long as they have to be. */
  private static boolean isWhole(Record record) {
    return switch (record.getKindCase()) {
      case BEGUN -> isTxId(record.getBegun().getBranch().getTxId());
      case PREPARED -> isTxId(record.getPrepared().getBranch().getTxId());
      case DECISION -> isTxId(record.getDecision().getTxId());
      case ABORTED -> isTxId(record.getAborted().getTxId());
      case BRANCH_ENDED -> isTxId(record.getBranchEnded().getTxId());
      case DECIDED,
          PRE_COMMIT,
          PRE_COMMITTED,
          WITHDRAWN,
          ENDED,
          RESOLVED,
          SETTLED,
          FORGOTTEN,
          KIND_NOT_SET ->
          false; // not in etcd
    };
  }

  private static boolean isTxId(ByteString bytes) {
    return bytes.size() == TX_ID_BYTES;
  }

  /** What stands under a key; null where this version does not know it. */
  static @Nullable Record known(KeyValue stands) {
    try {
      return parse(stands);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** An end that stays for people (T21); any other stays only while BEGUN might arrive after it. */
  static boolean isHazard(Record ended) {
    return ended.getBranchEnded().getOutcome() == BranchOutcome.HEURISTIC_HAZARD;
  }
}
