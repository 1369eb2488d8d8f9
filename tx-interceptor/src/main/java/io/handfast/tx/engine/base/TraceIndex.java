package io.handfast.tx.engine.base;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which branch a trace-id names: the last resort of T4. It names one only while exactly one branch
 * of that trace is in flight here and no other has been within the quarantine, for a timed-out
 * handler that still runs must not work for its successor. Bounded by {@link Bounds#MAX_TRACES}:
 * once it has been full, nothing is named until whatever was left out is over. Of a former life
 * nothing is known, so after a restart nothing is named for the quarantine. Confined to the
 * engine's loop, but for {@link #hasBlocksQuarantined}.
 */
public final class TraceIndex {
  private static final class Trace {
    final Set<BranchKey> inFlight = new HashSet<>(2);
    @Nullable BranchKey lastEnded;
    long lastEndedNanos;
    boolean takesBlocks;
  }

  /** Of which a branch is in flight, for however long. */
  private final Map<String, Trace> live = new HashMap<>();

  /** All others, in the order in which their last branches ended. */
  private final Map<String, Trace> quiet = new LinkedHashMap<>();

  private final long quarantineNanos;

  /**
   * A branch was not taken on, or belonged to a former life: until it is over for sure, one of its
   * trace is not known to be alone.
   */
  private boolean blind;

  private long blindUntilNanos;

  /** When the last branch ended that takes blocks; meaningless before. For any thread. */
  private volatile long blocksEndedNanos;

  private volatile boolean blocksEnded;

  /** A branch that takes blocks was not taken on. For any thread. */
  private volatile boolean blocksLeftOut;

  private volatile long blocksLeftOutUntilNanos;

  public TraceIndex(long quarantineNanos) {
    this.quarantineNanos = quarantineNanos;
  }

  /** A former life of this sidecar may have left handlers behind that still run. */
  public void restarted(long nowNanos) {
    blind = true;
    blindUntilNanos = nowNanos + quarantineNanos;
  }

  /**
   * A branch begins.
   *
   * @param takesBlocks whether the service's blocks of SQL belong to it
   */
  public void opened(String traceId, BranchKey branch, boolean takesBlocks, long nowNanos) {
    Trace trace = live.get(traceId);
    if (trace == null) {
      trace = quiet.remove(traceId);
      if (trace == null) {
        evict(nowNanos);
        if (size() >= Bounds.MAX_TRACES) {
          leaveOut(takesBlocks, nowNanos);
          return;
        }
        trace = new Trace();
      }
      live.put(traceId, trace);
    }
    trace.inFlight.add(branch);
    trace.takesBlocks |= takesBlocks;
  }

  private void leaveOut(boolean takesBlocks, long nowNanos) {
    long until = nowNanos + Math.max(quarantineNanos, Bounds.MAX_TIMEOUT.toNanos());
    blind = true;
    blindUntilNanos = until;
    if (takesBlocks) {
      blocksLeftOutUntilNanos = until;
      blocksLeftOut = true;
    }
  }

  public void ended(String traceId, BranchKey branch, long nowNanos) {
    Trace trace = live.get(traceId);
    if (trace != null && trace.inFlight.remove(branch)) {
      trace.lastEnded = branch;
      trace.lastEndedNanos = nowNanos;
      if (trace.takesBlocks) {
        blocksEndedNanos = nowNanos;
        blocksEnded = true;
      }
      if (trace.inFlight.isEmpty()) {
        live.remove(traceId);
        quiet.put(traceId, trace);
      }
    }
  }

  /** The branch that the trace names; null if it names none, or more than one. */
  public @Nullable BranchKey find(String traceId, long nowNanos) {
    blind = blind && nowNanos - blindUntilNanos < 0;
    Trace trace = blind ? null : live.get(traceId);
    if (trace == null || trace.inFlight.size() != 1) {
      return null;
    }
    return isQuarantined(trace, nowNanos) ? null : trace.inFlight.iterator().next();
  }

  /**
   * Whether a block of SQL of the trace may belong to a branch, if {@link #find} names none: one of
   * several, one that is over, or one that was left out. Else a trace of which nothing is known is
   * the service's own.
   */
  public boolean mayOwnBlocks(String traceId, long nowNanos) {
    Trace known = live.get(traceId);
    if (known != null) {
      return known.takesBlocks;
    }
    Trace over = quiet.get(traceId);
    return over == null
        ? isBlockLeftOut(nowNanos)
        : over.takesBlocks && isQuarantined(over, nowNanos);
  }

  /** Whether a branch that takes blocks has ended within the quarantine. From any thread. */
  public boolean hasBlocksQuarantined(long nowNanos) {
    return (blocksEnded && nowNanos - blocksEndedNanos < quarantineNanos)
        || isBlockLeftOut(nowNanos);
  }

  private boolean isBlockLeftOut(long nowNanos) {
    return blocksLeftOut && nowNanos - blocksLeftOutUntilNanos < 0;
  }

  private boolean isQuarantined(Trace trace, long nowNanos) {
    return trace.lastEnded != null && nowNanos - trace.lastEndedNanos < quarantineNanos;
  }

  public int size() {
    return live.size() + quiet.size();
  }

  /** Takes out what has been quiet for long enough, a few at a time. */
  private void evict(long nowNanos) {
    var oldest = quiet.values().iterator();
    for (int i = 0; i < 2 && oldest.hasNext(); i++) {
      if (nowNanos - oldest.next().lastEndedNanos < quarantineNanos) {
        return;
      }
      oldest.remove();
    }
  }
}
