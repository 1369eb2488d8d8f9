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
 * @param asked who has to prepare before that, likewise; none that is prepared
 * @param toAbort whom an abort has to be told: all that are prepared or struck off and can be
 *     reached
 * @param struck branches that were struck off, now or before
 * @param no the first branch that says no, or null
 */
record Tally(
    List<BranchVote> prepared,
    List<BranchVote> asked,
    List<BranchVote> toAbort,
    Set<BranchId> struck,
    @Nullable Blame no) {

  static Tally of(List<BranchVote> votes, Set<BranchId> struckBefore) {
    Set<BranchId> struck = new HashSet<>(struckBefore);
    for (BranchVote vote : votes) {
      if (vote.vote() == Vote.STRUCK) {
        struck.add(vote.branch());
      }
    }
    Map<ParticipantKey, BranchVote> prepared = new LinkedHashMap<>();
    Map<ParticipantKey, BranchVote> asked = new LinkedHashMap<>();
    Map<ParticipantKey, BranchVote> toAbort = new LinkedHashMap<>();
    Blame no = null;
    for (BranchVote vote : votes) {
      boolean wasStruck = struck.contains(vote.branch());
      if (no == null && !wasStruck && vote.vote() == Vote.ABORT) {
        no = Blame.of(vote);
      }
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
      if (!wasStruck && vote.vote() == Vote.ASK) {
        asked.put(key, vote);
      }
    }
    prepared.keySet().removeAll(asked.keySet()); // of two votes of one the weaker promise
    return new Tally(
        new ArrayList<>(prepared.values()),
        new ArrayList<>(asked.values()),
        new ArrayList<>(toAbort.values()),
        struck,
        no);
  }

  /** Branches struck off that can be told. */
  List<BranchVote> struckReachable() {
    return toAbort.stream().filter(vote -> struck.contains(vote.branch())).toList();
  }
}
