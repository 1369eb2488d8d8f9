package io.handfast.tx.core.coordinator;

import io.handfast.tx.core.Blame;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Vote;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A list of votes, counted. Immutable.
 *
 * @param prepared who has to be told COMMIT if it comes to that: one entry for each branch and
 *     participant, none struck off
 * @param toAbort whom an abort has to be told: all that are prepared or struck off and can be
 *     reached
 * @param struck branches that were struck off, now or before
 * @param no the first branch that says no, or null
 */
record Tally(
    List<BranchVote> prepared, List<BranchVote> toAbort, Set<BranchId> struck, @Nullable Blame no) {

  static Tally of(List<BranchVote> votes, Set<BranchId> struckBefore) {
    Set<BranchId> struck = new HashSet<>(struckBefore);
    for (BranchVote vote : votes) {
      if (vote.vote() == Vote.STRUCK) {
        struck.add(vote.branch());
      }
    }
    Map<ParticipantKey, BranchVote> prepared = new LinkedHashMap<>();
    Map<ParticipantKey, BranchVote> toAbort = new LinkedHashMap<>();
    Blame no = null;
    for (BranchVote vote : votes) {
      boolean wasStruck = struck.contains(vote.branch());
      Blame saysNo = wasStruck ? null : no(vote);
      no = no == null ? saysNo : no;
      ParticipantKey key = vote.key();
      if (key == null) {
        continue; // nobody known who could be told: it asks (T15)
      }
      if (wasStruck || vote.vote() == Vote.PREPARED || vote.vote() == Vote.ASK) {
        toAbort.put(key, vote);
      }
      if (!wasStruck && vote.vote() == Vote.PREPARED) {
        prepared.put(key, vote);
      }
    }
    return new Tally(
        new ArrayList<>(prepared.values()), new ArrayList<>(toAbort.values()), struck, no);
  }

  private static @Nullable Blame no(BranchVote vote) {
    return switch (vote.vote()) {
      case ABORT -> Blame.of(vote);
      case ASK ->
          new Blame(
              vote.branch(),
              vote.service(),
              "vote: ask (expected: prepared, read-only or abort; preparing on demand is not built)");
      case PREPARED, READ_ONLY, STRUCK -> null;
    };
  }

  /** Branches struck off that can be told. */
  List<BranchVote> struckReachable() {
    return toAbort.stream().filter(vote -> struck.contains(vote.branch())).toList();
  }
}
