package io.handfast.tx.engine;

import io.handfast.tx.core.TxId;
import io.handfast.tx.operator.TransactionDetail.TimelineEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of transactions: a bounded timeline of each that is in flight, and of those
 * that ended lately. In memory only. Confined to the engine's loop.
 */
final class History {

  /** One transaction. */
  static final class Story {
    final TxId tx;
    final long startedMs;
    private final List<TimelineEntry> first = new ArrayList<>();
    private final ArrayDeque<TimelineEntry> last = new ArrayDeque<>();
    private int omitted;
    private long endedMs = -1;
    private int running;
    String role = "participant";
    String coordinator = "";
    String outcome = "unknown";
    String state = "";
    String detail = "";
    int branches;

    private Story(TxId tx, long startedMs) {
      this.tx = tx;
      this.startedMs = startedMs;
    }

    void add(long nowMs, String branch, String event, String newState) {
      TimelineEntry entry = new TimelineEntry(nowMs, nowMs - startedMs, branch, event, newState);
      if (first.size() < Bounds.MAX_TIMELINE / 2) {
        first.add(entry);
        return;
      }
      if (last.size() == Bounds.MAX_TIMELINE / 2) {
        last.removeFirst();
        omitted++;
      }
      last.addLast(entry);
    }

    List<TimelineEntry> timeline() {
      List<TimelineEntry> all = new ArrayList<>(first);
      all.addAll(last);
      return all;
    }

    int omitted() {
      return omitted;
    }

    boolean isEnded() {
      return endedMs >= 0;
    }

    long ageMs(long nowMs) {
      return Math.max(0, (isEnded() ? endedMs : nowMs) - startedMs);
    }
  }

  private final Map<TxId, Story> running = new HashMap<>();
  private final Map<TxId, Story> ended = new HashMap<>();
  private final ArrayDeque<Story> endedOrder = new ArrayDeque<>();
  private final long retentionMs;

  History(long retentionMs) {
    this.retentionMs = retentionMs;
  }

  /** The story that a machine writes on; one that had ended goes on. */
  Story join(TxId tx, long nowMs) {
    Story story = running.get(tx);
    if (story == null) {
      story = ended.remove(tx);
      if (story == null) {
        story = new Story(tx, nowMs);
      } else {
        endedOrder.remove(story);
        story.endedMs = -1;
      }
      running.put(tx, story);
    }
    story.running++;
    return story;
  }

  /** A machine has ended; with the last of a transaction it is over here. */
  void leave(Story story, long nowMs) {
    story.running--;
    if (story.running > 0 || running.remove(story.tx) == null) {
      return;
    }
    story.endedMs = nowMs;
    ended.put(story.tx, story);
    endedOrder.addLast(story);
    expire(nowMs);
  }

  private void expire(long nowMs) {
    while (!endedOrder.isEmpty()
        && (endedOrder.size() > Bounds.MAX_RECENT
            || nowMs - endedOrder.getFirst().endedMs > retentionMs)) {
      ended.remove(endedOrder.removeFirst().tx);
    }
  }

  @Nullable Story find(TxId tx) {
    Story story = running.get(tx);
    return story != null ? story : ended.get(tx);
  }

  List<Story> running() {
    return new ArrayList<>(running.values());
  }

  /** Newest first. */
  List<Story> recent(long nowMs) {
    expire(nowMs);
    return new ArrayList<>(endedOrder.reversed());
  }
}
