package io.handfast.tx.engine.observe;

import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What operators see of transactions: those in flight, and those that ended lately. In memory only.
 * Confined to the engine's loop.
 */
public final class History {
  private final Map<TxId, Story> running = new HashMap<>();
  private final Map<TxId, Story> ended = new HashMap<>();
  private final ArrayDeque<Story> endedOrder = new ArrayDeque<>();
  private final long retentionMs;

  /** Keeps what has ended for that long, at most {@link Bounds#MAX_RECENT} of them. */
  public History(long retentionMs) {
    this.retentionMs = retentionMs;
  }

  /** The story that a machine writes on; one that had ended goes on. */
  public Story join(TxId tx, long nowMs) {
    Story story = running.get(tx);
    if (story == null) {
      story = ended.remove(tx);
      if (story == null) {
        story = new Story(tx, nowMs);
      } else {
        endedOrder.remove(story);
      }
      running.put(tx, story);
    }
    story.joined();
    return story;
  }

  /** A machine has ended; with the last of a transaction it is over here. */
  public void leave(Story story, long nowMs) {
    if (!story.left(nowMs)) {
      return;
    }
    running.remove(story.tx());
    ended.put(story.tx(), story);
    endedOrder.addLast(story);
    expire(nowMs);
  }

  private void expire(long nowMs) {
    while (!endedOrder.isEmpty()
        && (endedOrder.size() > Bounds.MAX_RECENT
            || nowMs - endedOrder.getFirst().endedMs() > retentionMs)) {
      ended.remove(endedOrder.removeFirst().tx());
    }
  }

  /** The transaction's story; null if nothing is known of it. */
  public @Nullable Story find(TxId tx) {
    Story story = running.get(tx);
    return story != null ? story : ended.get(tx);
  }

  /** Those in flight. */
  public List<Story> running() {
    return new ArrayList<>(running.values());
  }

  /** Those that have ended, newest first. */
  public List<Story> recent(long nowMs) {
    expire(nowMs);
    return new ArrayList<>(endedOrder.reversed());
  }
}
