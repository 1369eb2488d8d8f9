package io.handfast.tx.core.participant;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEffect.AdmitCall;
import io.handfast.tx.core.participant.ParticipantEffect.RefuseCall;
import io.handfast.tx.core.participant.ParticipantEffect.ReleaseCall;
import io.handfast.tx.core.participant.ParticipantEffect.SendStruck;
import io.handfast.tx.core.participant.ParticipantEffect.StrikeAtRoot;
import io.handfast.tx.core.participant.ParticipantEvent.CallEnded;
import io.handfast.tx.core.participant.ParticipantEvent.CallOpened;
import io.handfast.tx.core.participant.ParticipantEvent.CallVoted;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an open branch makes of what happens to its calls (rules T9, T10 and T12). */
final class CallRows {
  private CallRows() {}

  /**
   * The calls after an event.
   *
   * @param blame why the calling branch is doomed, or null if it is not
   */
  record Absorbed(Calls calls, List<ParticipantEffect> effects, @Nullable Blame blame) {
    static Absorbed unchanged(Calls calls) {
      return new Absorbed(calls, List.of(), null);
    }
  }

  /** Null if the call was opened before. */
  static @Nullable Absorbed opened(Calls calls, CallOpened event) {
    if (calls.get(event.call()) != null) {
      return null;
    }
    if (calls.isFull()) {
      String reason =
          "calls of the branch: more than " + Calls.MAX + " (expected: at most that many)";
      return new Absorbed(calls, List.of(new RefuseCall(event.call(), reason)), null);
    }
    return new Absorbed(
        calls.opened(event.call(), event.optional()), List.of(new AdmitCall(event.call())), null);
  }

  /** Null if the call was never opened. */
  static @Nullable Absorbed voted(Branch branch, Calls calls, CallVoted event) {
    BranchId id = event.call();
    Call call = calls.get(id);
    if (call == null) {
      return null;
    }
    if (call.struck()) {
      return Absorbed.unchanged(calls); // late (T12)
    }
    List<BranchVote> merged = merge(call.votes(), event.votes());
    boolean complete = holds(event.votes(), id);
    Call changed = new Call(call.optional(), call.ended(), call.voted() || complete, merged, false);
    Blame no = firstNo(merged);
    if (no != null) {
      return failed(branch, calls, id, changed, no);
    }
    List<ParticipantEffect> effects = new ArrayList<>();
    if (!complete && !event.votes().isEmpty()) {
      effects.add(passOn(branch, event.votes()));
    }
    if (changed.optional() && changed.isClosed() && !call.isClosed()) {
      effects.add(new ReleaseCall(id, null));
    }
    return new Absorbed(calls.with(id, changed), effects, null);
  }

  /** Null if the call was never opened. */
  static @Nullable Absorbed ended(Branch branch, Calls calls, CallEnded event) {
    BranchId id = event.call();
    Call call = calls.get(id);
    if (call == null) {
      return null;
    }
    if (call.ended()) {
      return Absorbed.unchanged(calls);
    }
    Call changed = new Call(call.optional(), true, call.voted(), call.votes(), call.struck());
    String failure = event.failure();
    if (failure != null) {
      return call.struck()
          ? new Absorbed(calls.with(id, changed), List.of(), null)
          : failed(branch, calls, id, changed, new Blame(id, serviceOf(call, id), failure));
    }
    List<ParticipantEffect> effects = new ArrayList<>();
    if (call.struck()) {
      effects.add(new ReleaseCall(id, call.votes().getFirst().reason()));
    } else if (changed.optional() && changed.isClosed()) {
      effects.add(new ReleaseCall(id, null));
    }
    return new Absorbed(calls.with(id, changed), effects, null);
  }

  /**
   * A failed call is struck off with everything below; without leave to fail it dooms its caller
   * (T12).
   */
  private static Absorbed failed(Branch branch, Calls calls, BranchId id, Call call, Blame blame) {
    Call struck = Calls.strike(id, call, describe(blame));
    Calls changed = calls.with(id, struck);
    if (!call.optional()) {
      return new Absorbed(changed, List.of(), blame);
    }
    List<ParticipantEffect> effects = new ArrayList<>();
    effects.add(passOn(branch, struck.votes()));
    if (calls.held().contains(id)) {
      effects.add(new ReleaseCall(id, describe(blame)));
    }
    return new Absorbed(changed, effects, null);
  }

  /** What the doomed branch says of why. */
  static String describe(Blame blame) {
    String service = blame.service().isEmpty() ? "" : " to " + blame.service();
    return "call " + blame.branch() + service + ": " + blame.reason();
  }

  private static ParticipantEffect passOn(Branch branch, List<BranchVote> struck) {
    return branch.root() ? new StrikeAtRoot(struck) : new SendStruck(struck);
  }

  private static boolean holds(List<BranchVote> votes, BranchId branch) {
    for (BranchVote vote : votes) {
      if (vote.branch().equals(branch)) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable Blame firstNo(List<BranchVote> votes) {
    for (BranchVote vote : votes) {
      if (vote.vote() == Vote.ABORT) {
        return Blame.of(vote);
      }
    }
    return null;
  }

  private static String serviceOf(Call call, BranchId id) {
    for (BranchVote vote : call.votes()) {
      if (vote.branch().equals(id)) {
        return vote.service();
      }
    }
    return "";
  }

  /** One entry for each branch and participant; of two the stronger (T10). */
  private static List<BranchVote> merge(List<BranchVote> known, List<BranchVote> more) {
    List<BranchVote> merged = new ArrayList<>(known);
    for (BranchVote vote : more) {
      int same = indexOf(merged, vote);
      if (same < 0) {
        merged.add(vote);
      } else if (rank(vote.vote()) > rank(merged.get(same).vote())) {
        merged.set(same, vote);
      }
    }
    return merged;
  }

  private static int indexOf(List<BranchVote> votes, BranchVote wanted) {
    for (int i = 0; i < votes.size(); i++) {
      BranchVote vote = votes.get(i);
      if (vote.branch().equals(wanted.branch())
          && Objects.equals(vote.participant(), wanted.participant())) {
        return i;
      }
    }
    return -1;
  }

  private static int rank(Vote vote) {
    return switch (vote) {
      case READ_ONLY -> 0;
      case PREPARED -> 1;
      case ASK -> 2;
      case ABORT -> 3;
      case STRUCK -> 4; // its caller was told that it failed, and went on: not a no any more
    };
  }
}
