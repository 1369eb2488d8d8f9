package io.handfast.tx.journal;

import io.handfast.tx.journal.Frame.Kind;
import io.handfast.tx.journal.JournalOpenException.Damaged;
import io.handfast.tx.journal.JournalOpenException.Rejected;
import io.handfast.tx.journal.SegmentLog.Segment;
import io.handfast.tx.journal.disk.Disk;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands out what a recovered journal holds: the last complete checkpoint, then what came after it.
 * Confined to the thread that opens.
 */
final class Replay {

  /**
   * A checkpoint.
   *
   * @param lsn where it begins
   * @param uptoLsn the newest record that it covers
   * @param count how many live records it has
   */
  record Checkpoint(long lsn, long uptoLsn, int count) {}

  private final Disk disk;
  private final List<Segment> segments;
  private final @Nullable Checkpoint checkpoint;
  private long replayed;

  /**
   * Prepares a replay.
   *
   * @param segments all of them, oldest first, each with the place where it ends
   * @param checkpoint the last complete one
   */
  Replay(Disk disk, List<Segment> segments, @Nullable Checkpoint checkpoint) {
    this.disk = disk;
    this.segments = segments;
    this.checkpoint = checkpoint;
  }

  void run(ReplayVisitor visitor) throws IOException, JournalOpenException {
    Checkpoint from = checkpoint;
    if (from != null) {
      boolean done = false;
      for (int i = firstWith(from.lsn()); !done; i++) {
        done = replayLive(segments.get(i), from, visitor);
      }
    }
    long covered = from == null ? 0 : from.uptoLsn();
    for (Segment segment : segments) {
      replayRecords(segment, covered, visitor);
    }
  }

  /** How many records were handed out. */
  long replayed() {
    return replayed;
  }

  /** The index of the segment that holds an LSN. */
  private int firstWith(long lsn) {
    int index = segments.size() - 1;
    while (index > 0 && segments.get(index).header().baseLsn() > lsn) {
      index--;
    }
    return index;
  }

  /** Whether the checkpoint's end was met. */
  private boolean replayLive(Segment segment, Checkpoint from, ReplayVisitor visitor)
      throws IOException, JournalOpenException {
    SegmentReader reader = reread(segment);
    boolean inside = segment.header().baseLsn() > from.lsn();
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame read = frame.get();
      switch (read.kind()) {
        case CHECKPOINT_BEGIN -> inside = read.lsn() == from.lsn();
        case CHECKPOINT_END -> {
          if (inside) {
            return true;
          }
        }
        case LIVE -> {
          if (inside) {
            byte[] payload = read.payloadBytes();
            offer(segment, read, () -> visitor.onCheckpointed(from.uptoLsn(), payload));
          }
        }
        case RECORD, MARK -> {}
      }
    }
    checkReread(segment, reader);
    return false;
  }

  private void replayRecords(Segment segment, long covered, ReplayVisitor visitor)
      throws IOException, JournalOpenException {
    SegmentReader reader = reread(segment);
    for (Optional<Frame> frame = reader.next(); frame.isPresent(); frame = reader.next()) {
      Frame read = frame.get();
      if (read.kind() == Kind.RECORD && read.lsn() > covered) {
        offer(segment, read, () -> visitor.onRecord(read.lsn(), read.payloadBytes()));
      }
    }
    checkReread(segment, reader);
  }

  private void offer(Segment segment, Frame frame, Runnable visit) throws Rejected {
    replayed++;
    try {
      visit.run();
    } catch (RuntimeException e) {
      throw new Rejected(describe(segment), frame.offset(), e);
    }
  }

  private SegmentReader reread(Segment segment) throws IOException {
    String name = SegmentHeader.fileName(segment.header().number());
    return new SegmentReader(segment.header(), disk.read(name, (int) segment.end()));
  }

  /** What was intact when it was scanned has to be so when it is replayed. */
  private void checkReread(Segment segment, SegmentReader reader) throws Damaged {
    if (reader.position() != segment.end()) {
      throw new Damaged(describe(segment), reader.position(), "it changed while it was read");
    }
  }

  private String describe(Segment segment) {
    return disk.describe(SegmentHeader.fileName(segment.header().number()));
  }
}
