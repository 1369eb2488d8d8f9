package io.handfast.tx.engine.offline;

import com.google.protobuf.InvalidProtocolBufferException;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.engine.base.LiveRecords;
import io.handfast.tx.journal.JournalFiles;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalReport;
import io.handfast.tx.journal.JournalRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Restores a backup of a journal of transactions. Blocks: for a command line. */
public final class JournalArchive {
  private JournalArchive() {}

  /**
   * Makes a journal of a backup. What still matters of it goes into the new one: branches that have
   * not ended, marked, for they may have gone on since; and decisions of which something is owed,
   * each with the id of the store that decided it, for the new one has another (T13).
   *
   * @throws JournalOpenException if the backup is damaged or holds what this version does not
   *     understand, or {@code to} exists
   */
  public static JournalReport restore(Path backup, Path to, JournalRuntime runtime)
      throws JournalOpenException {
    return JournalFiles.restore(backup, to, runtime, JournalArchive::live);
  }

  private static List<byte[]> live(String storeId, List<byte[]> held) {
    List<Record> records = new ArrayList<>(held.size());
    for (byte[] payload : held) {
      try {
        records.add(Record.parseFrom(payload));
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalArgumentException("record: " + e.getMessage(), e);
      }
    }
    return restored(storeId, records).stream().map(Record::toByteArray).toList();
  }

  /**
   * The records of a journal that is made of a backup.
   *
   * @param storeId of the backup's journal, without what its kind of store puts before it
   * @param held what the backup holds, in order
   */
  public static List<Record> restored(String storeId, List<Record> held) {
    LiveRecords live = new LiveRecords();
    held.forEach(live::follow);
    return live.all().stream().map(record -> marked(decidedBy(storeId, record))).toList();
  }

  private static Record marked(Record record) {
    Record.Builder marked = record.toBuilder();
    if (record.hasBegun()) {
      marked.getBegunBuilder().getBranchBuilder().setRestored(true);
    } else if (record.hasPrepared()) {
      marked.getPreparedBuilder().getBranchBuilder().setRestored(true);
    } else if (record.hasPreCommitted()) {
      marked.getPreCommittedBuilder().getPreparedBuilder().getBranchBuilder().setRestored(true);
    } else if (record.hasResolved()) {
      marked.getResolvedBuilder().getBranchBuilder().setRestored(true);
    } else if (record.hasBranchEnded()) {
      marked.getBranchEndedBuilder().setRestored(true); // what the truth was may be forgotten
    }
    return marked.build();
  }

  private static Record decidedBy(String storeId, Record record) {
    if (record.hasPreCommit() && record.getPreCommit().getDecider().isEmpty()) {
      return record.toBuilder()
          .setPreCommit(record.getPreCommit().toBuilder().setDecider("j." + storeId))
          .build();
    }
    Record.Builder decided = record.toBuilder();
    if (record.hasDecision()) {
      decidedBy(storeId, decided.getDecisionBuilder());
    } else if (record.getForgotten().hasDecision()) {
      decidedBy(storeId, decided.getForgottenBuilder().getDecisionBuilder());
    }
    return decided.build();
  }

  private static void decidedBy(String storeId, Decision.Builder decision) {
    if (decision.getDecider().isEmpty()) {
      decision.setDecider("j." + storeId);
    }
  }
}
