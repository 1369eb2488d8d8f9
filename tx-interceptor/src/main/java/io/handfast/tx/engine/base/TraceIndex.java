package io.handfast.tx.engine.base;

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

  /** In the order of their last change, so that what has been quiet is at the front. */
  private final Map<String, Trace> traces = new LinkedHashMap<>(16, 0.75f, true);

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
    Trace trace = traces.get(traceId);
    if (trace == null) {
      evict(nowNanos);
      if (traces.size() >= Bounds.MAX_TRACES) {
        blind = true;
        blindUntilNanos = nowNanos + Math.max(quarantineNanos, Bounds.MAX_TIMEOUT.toNanos());
        return;
      }
      trace = new Trace();
      traces.put(traceId, trace);
    }
    trace.inFlight.add(branch);
    trace.takesBlocks |= takesBlocks;
  }

  public void ended(String traceId, BranchKey branch, long nowNanos) {
    Trace trace = traces.get(traceId);
    if (trace != null && trace.inFlight.remove(branch)) {
      trace.lastEnded = branch;
      trace.lastEndedNanos = nowNanos;
      if (trace.takesBlocks) {
        blocksEndedNanos = nowNanos;
        blocksEnded = true;
      }
    }
  }

  /** The branch that the trace names; null if it names none, or more than one. */
  public @Nullable BranchKey find(String traceId, long nowNanos) {
    blind = blind && nowNanos - blindUntilNanos < 0;
    Trace trace = blind ? null : traces.get(traceId);
    if (trace == null || trace.inFlight.size() != 1) {
      return null;
    }
    return isQuarantined(trace, nowNanos) ? null : trace.inFlight.iterator().next();
  }

  /**
   * Whether a block of SQL of the trace may belong to a branch, if {@link #find} names none: one of
   * several, or one that is over. A trace of which nothing is known is the service's own.
   */
  public boolean mayOwnBlocks(String traceId, long nowNanos) {
    Trace trace = traces.get(traceId);
    return trace != null
        && trace.takesBlocks
        && (!trace.inFlight.isEmpty() || isQuarantined(trace, nowNanos));
  }

  /** Whether a branch that takes blocks has ended within the quarantine. From any thread. */
  public boolean hasBlocksQuarantined(long nowNanos) {
    return blocksEnded && nowNanos - blocksEndedNanos < quarantineNanos;
  }

  private boolean isQuarantined(Trace trace, long nowNanos) {
    return trace.lastEnded != null && nowNanos - trace.lastEndedNanos < quarantineNanos;
  }

  public int size() {
    return traces.size();
  }

  /** Takes out what has been quiet for long enough, a few at a time. */
  private void evict(long nowNanos) {
    var oldest = traces.values().iterator();
    for (int i = 0; i < 2 && oldest.hasNext(); i++) {
      Trace trace = oldest.next();
      if (trace.inFlight.isEmpty() && nowNanos - trace.lastEndedNanos >= quarantineNanos) {
        oldest.remove();
      }
    }
  }
}
