package io.handfast.tx.journal;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an intact journal holds, as {@link JournalFiles#verify} finds it. Immutable.
 *
 * @param storeId who it is: 32 hexadecimal digits
 * @param incarnation how often it was opened
 * @param owner whose it is; empty if nobody said so
 * @param formerIds of the journals that it was restored from
 * @param segments oldest first
 * @param firstLsn the oldest record that may be there
 * @param lastLsn the newest that survives
 * @param durableLsn the newest that some frame tells durable; what is above is copied and forced by
 *     the next open before anything is answered (T13)
 * @param coveredLsn what the last complete checkpoint covers; 0 if there is none
 * @param cut what the next open cuts; null if nothing
 */
public record JournalReport(
    String storeId,
    long incarnation,
    String owner,
    List<String> formerIds,
    List<Segment> segments,
    long firstLsn,
    long lastLsn,
    long durableLsn,
    long coveredLsn,
    @Nullable Cut cut) {

  public JournalReport {
    formerIds = List.copyOf(formerIds);
    segments = List.copyOf(segments);
  }

  /**
   * A segment.
   *
   * @param baseLsn the first record that may stand there
   * @param incarnation that wrote it
   * @param bytes where its last record ends
   * @param fileBytes how large the file is
   */
  public record Segment(String file, long baseLsn, long incarnation, long bytes, long fileBytes) {}

  /**
   * A record that a crash tore, with what follows it.
   *
   * @param offset where it begins, in bytes
   * @param bytes how much is cut, zeros behind it left out
   * @param afterLsn the last record that survives
   */
  public record Cut(String file, long offset, long bytes, long afterLsn) {}
}
