package io.handfast.tx.engine.observe;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.operator.TransactionDetail.BranchView;
import io.handfast.tx.operator.TransactionDetail.TimelineEntry;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionSummary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What this sidecar has to tell of one transaction: a line, and a timeline bounded by {@link
 * Bounds#MAX_TIMELINE}. Confined to the engine's loop.
 */
public final class Story {
  private static final String PARTICIPANT = "participant";
  private static final String ENDED = TransactionFilter.ENDED;

  /** Put into words when somebody asks. */
  private record Moment(long atMs, Object branch, Object event, String state) {}

  private final TxId tx;
  private final long startedMs;
  private final List<Moment> first = new ArrayList<>();
  private final ArrayDeque<Moment> last = new ArrayDeque<>();
  private int omitted;
  private int running;
  private long endedMs = -1;
  private String role = PARTICIPANT;
  private String coordinator = "";
  private String outcome = "unknown";
  private String state = "";
  private String branchState = "";
  private String detail = "";
  private int branches;
  private int doubting;
  private long bytes;
  private final Map<BranchId, String> staying = new LinkedHashMap<>();
  private final List<BranchView> endedBranches = new ArrayList<>();
  private Supplier<List<BranchView>> elsewhere = List::of;

  Story(TxId tx, long startedMs) {
    this.tx = tx;
    this.startedMs = startedMs;
  }

  /** The transaction. */
  public TxId tx() {
    return tx;
  }

  /** When it was first heard of here, in milliseconds since 1970. */
  public long startedMs() {
    return startedMs;
  }

  /** It is coordinated here. */
  public void coordinatedHere(String authority) {
    role = "coordinator";
    coordinator = authority;
  }

  /** A branch of it runs here. */
  public void branchHere(String coordinatedAt) {
    branches++;
    if (coordinator.isEmpty()) {
      coordinator = coordinatedAt;
    }
  }

  /** A branch of it has ended here; beyond {@link Bounds#MAX_ENDED_BRANCHES} it is only counted. */
  public void branchEnded(BranchView branch) {
    if (endedBranches.size() < Bounds.MAX_ENDED_BRANCHES) {
      endedBranches.add(branch);
    }
  }

  /**
   * What a coordinator knew of its branches elsewhere when it forgot them, shown behind those that
   * ended here: made when somebody asks, as nobody does of most.
   */
  public void elsewhere(Supplier<List<BranchView>> views) {
    elsewhere = views;
  }

  /** What is kept of branches elsewhere. */
  public List<BranchView> elsewhere() {
    return elsewhere.get();
  }

  /** The end of a branch stays until somebody has looked at it; shown in the place of the state. */
  public void stays(BranchId branch, String word) {
    staying.put(branch, word);
  }

  /** It stays no more. */
  public void settled(BranchId branch) {
    staying.remove(branch);
  }

  /** What is kept of the branches that have ended here, in that order. */
  public List<BranchView> endedBranches() {
    return List.copyOf(endedBranches);
  }

  /** What its branches here hold, in bytes; see {@link #holds}. */
  public long bytes() {
    return bytes;
  }

  /** A branch holds that much more, or less. */
  public void holds(long delta) {
    bytes += delta;
  }

  /** So many more of its branches here are in doubt, or fewer: shown before all else. */
  public void doubts(int more) {
    doubting += more;
  }

  /** Whether it is only taken part in here. */
  public boolean isParticipantOnly() {
    return role.equals(PARTICIPANT);
  }

  /** Where the coordinator stands that is here; {@code ended} where it is no more. */
  public void state(String now) {
    state = now;
  }

  /** Where a branch stands that is here: shown where no coordinator of it is, or is any more. */
  public void branchState(String now) {
    if (!now.equals(ENDED)) { // others of it may go on
      branchState = now;
    }
  }

  /** How it ends. */
  public void outcome(String now) {
    outcome = now;
  }

  /** Why, or what is awaited. */
  public void detail(String now) {
    detail = now;
  }

  /**
   * Something happened.
   *
   * @param branch the branch concerned; empty where it is the coordinator
   * @param event its text, or what {@link Names#note} has made of it
   */
  public void add(long nowMs, Object branch, Object event, String newState) {
    Moment entry = new Moment(nowMs, branch, event, newState);
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

  /** What is kept of what happened, oldest first. */
  public List<TimelineEntry> timeline() {
    List<TimelineEntry> all = new ArrayList<>(first.size() + last.size());
    first.forEach(moment -> all.add(entry(moment)));
    last.forEach(moment -> all.add(entry(moment)));
    return all;
  }

  private TimelineEntry entry(Moment moment) {
    return new TimelineEntry(
        moment.atMs(),
        moment.atMs() - startedMs,
        moment.branch().toString(),
        Names.text(moment.event()),
        moment.state());
  }

  /** How many entries were dropped in the middle. */
  public int omitted() {
    return omitted;
  }

  /** All of it in one line. */
  public TransactionSummary summary(long nowMs) {
    return new TransactionSummary(
        tx.toString(),
        role,
        standing(),
        outcome,
        coordinator,
        branches,
        startedMs,
        Math.max(0, (endedMs >= 0 ? endedMs : nowMs) - startedMs),
        detail);
  }

  private String standing() {
    if (endedMs >= 0) {
      return ENDED;
    }
    // Of a root its coordinator's state says more, while it has one.
    boolean coordinated = !isParticipantOnly() && !state.equals(ENDED);
    if (doubting > 0 && !coordinated) {
      return TransactionFilter.IN_DOUBT;
    }
    if (!staying.isEmpty()) {
      return staying.values().iterator().next();
    }
    return coordinated ? state : branchState;
  }

  void joined() {
    running++;
    endedMs = -1;
  }

  /** True with the last machine. */
  boolean left(long nowMs) {
    running--;
    if (running == 0) {
      endedMs = nowMs;
    }
    return running == 0;
  }

  long endedMs() {
    return endedMs;
  }
}
