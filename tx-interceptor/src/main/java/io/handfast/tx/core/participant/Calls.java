package io.handfast.tx.core.participant;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The calls that the service of a branch has made, in the order in which they were opened.
 * Immutable.
 */
public final class Calls {
  /**
   * Calls of one branch; more are refused. As many entries as a message of the control service
   * takes.
   */
  public static final int MAX = 1_024;

  static final Calls NONE = new Calls(Map.of());

  private final Map<BranchId, Call> byBranch;

  private Calls(Map<BranchId, Call> byBranch) {
    this.byBranch = byBranch;
  }

  /** How many were made. */
  public int size() {
    return byBranch.size();
  }

  /** How many have not ended, or not voted yet. */
  public int open() {
    int open = 0;
    for (Call call : byBranch.values()) {
      open += call.isClosed() ? 0 : 1;
    }
    return open;
  }

  /** None. */
  public static Calls empty() {
    return NONE;
  }

  /** Calls whose answer has not come, or not whole. */
  public List<BranchId> unanswered() {
    return which(call -> !call.ended());
  }

  /** Calls whose answer has come, and their votes have not. */
  public List<BranchId> unvoted() {
    return which(call -> call.ended() && !call.voted());
  }

  private List<BranchId> which(Predicate<Call> what) {
    List<BranchId> ids = new ArrayList<>();
    byBranch.forEach((id, call) -> {
      if (!call.struck() && what.test(call)) {
        ids.add(id);
      }
    });
    return ids;
  }

  boolean isFull() {
    return byBranch.size() >= MAX;
  }

  @Nullable Call get(BranchId call) {
    return byBranch.get(call);
  }

  Calls with(BranchId id, Call call) {
    Map<BranchId, Call> changed = new LinkedHashMap<>(byBranch);
    changed.put(id, call);
    return new Calls(changed);
  }

  Calls opened(BranchId id, boolean optional) {
    return with(id, new Call(optional, false, false, List.of(), false));
  }

  /** Optional calls whose answer is here and waits for votes. */
  List<BranchId> held() {
    List<BranchId> held = new ArrayList<>();
    byBranch.forEach((id, call) -> {
      if (call.optional() && call.ended() && !call.isClosed()) {
        held.add(id);
      }
    });
    return held;
  }

  /** Votes of all calls. */
  public List<BranchVote> votes() {
    List<BranchVote> votes = new ArrayList<>();
    for (Call call : byBranch.values()) {
      votes.addAll(call.votes());
    }
    return votes;
  }

  /**
   * The same with every open call struck off: what a branch tells that votes no without waiting for
   * them.
   */
  Calls struckWhereOpen(String reason) {
    Map<BranchId, Call> changed = new LinkedHashMap<>(byBranch);
    changed.replaceAll((id, call) -> call.isClosed() ? call : strike(id, call, reason));
    return new Calls(changed);
  }

  /** {@code call} with the votes of its subtree replaced (rule T12). */
  static Call strike(BranchId id, Call call, String reason) {
    List<BranchVote> struck = new ArrayList<>();
    boolean own = false;
    for (BranchVote vote : call.votes()) {
      own |= vote.branch().equals(id);
      struck.add(vote.struck(reason));
    }
    if (!own) {
      struck.add(BranchVote.struckUnknown(id, reason));
    }
    return new Call(call.optional(), call.ended(), true, struck, true);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Calls that && byBranch.equals(that.byBranch);
  }

  @Override
  public int hashCode() {
    return byBranch.hashCode();
  }

  @Override
  public String toString() {
    return byBranch.toString();
  }
}
