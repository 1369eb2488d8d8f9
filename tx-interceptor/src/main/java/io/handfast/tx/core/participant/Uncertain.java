package io.handfast.tx.core.participant;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.ParticipantKey;
import io.handfast.tx.core.Standing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * THREE_PHASE: the branch has promised and knows no outcome. From its deadline on, and after a
 * restart, it asks the coordinator, and if that has died ends the transaction with the others.
 *
 * @param phase [PERSISTENT] by the branch record, PRE_COMMITTED and the withdrawal
 * @param away [PERSISTENT] in a way: each restart sets it. The branch may have missed what the
 *     others decided, so that it decides nothing unless all have been away
 * @param restored [PERSISTENT] in the record: it comes from a backup, after which it may have
 *     ended, so that it decides nothing at all and what it says of itself says nothing (rule T13)
 * @param heeds [NOT PERSISTENT] because a restart is away, which no elector counts: the member that
 *     has counted its promise. Whoever else had asked it to pre-commit, the coordinator first, has
 *     died by then, and comes too late. Null while nobody has, and where it is not READY
 * @param round [NOT PERSISTENT] because a restart begins another one
 * @param inquiries [NOT PERSISTENT] because it only spaces and shows the rounds
 */
public record Uncertain(
    Branch branch,
    Phase phase,
    boolean away,
    boolean restored,
    @Nullable ParticipantKey heeds,
    Round round,
    int inquiries)
    implements ParticipantState.ThreePhase {

  /** How far it has come. */
  public enum Phase {
    /** It has promised. */
    READY,
    /** All have promised; the record of that is being forced. */
    PRE_COMMITTING,
    PRE_COMMITTED,
    /** It decides to abort, in the coordinator's place; the record of that is being forced. */
    WITHDRAWING
  }

  Uncertain with(Phase next) {
    return new Uncertain(branch, next, away, restored, null, round, inquiries);
  }

  Uncertain with(Round changed) {
    return new Uncertain(branch, phase, away, restored, heeds, changed, inquiries);
  }

  /**
   * Its promise was counted by {@code elector}, who has to be a member; null if the coordinator
   * lives after all.
   */
  Uncertain heeding(@Nullable ParticipantKey elector) {
    boolean known =
        elector == null
            || branch.members().stream().anyMatch(member -> member.key().equals(elector));
    return known && phase == Phase.READY && !away
        ? new Uncertain(branch, phase, false, restored, elector, round, inquiries)
        : this;
  }

  /** Whether a pre-commit counts that is asked for by {@code elector}, or the coordinator. */
  boolean heeds(@Nullable ParticipantKey elector) {
    return heeds == null || heeds.equals(elector);
  }

  /** Its store does not take records: it decides nothing new from here on. */
  Uncertain failed(Phase next) {
    return new Uncertain(branch, next, true, restored, null, round, inquiries);
  }

  Uncertain calling() {
    return new Uncertain(branch, phase, away, restored, heeds, Round.CALLING, inquiries + 1);
  }

  Resolving resolving(Outcome outcome) {
    return new Resolving(
        new Prepared(branch, true, false, true, inquiries, true), this, outcome, false);
  }

  Confirming confirming(boolean awaited) {
    return new Confirming(branch, 1, awaited);
  }

  Cancelling cancelling(boolean awaited) {
    return new Cancelling(branch, true, 1, awaited);
  }

  /** What it tells others. A withdrawal that is not durable is not told. */
  Standing standing() {
    if (restored) {
      return Standing.UNKNOWN;
    }
    return switch (phase) {
      case READY -> away ? Standing.AWAY_READY : Standing.READY;
      // Of one that has been away others might make a COMMIT, which it can not follow any more.
      case WITHDRAWING -> away ? Standing.UNKNOWN : Standing.READY;
      case PRE_COMMITTING, PRE_COMMITTED ->
          away ? Standing.AWAY_PRE_COMMITTED : Standing.PRE_COMMITTED;
    };
  }

  /** All but this branch. */
  public List<Member> others() {
    return branch.members().stream().filter(member -> !member.key().equals(branch.key())).toList();
  }

  /** Those who end the transaction before this one does, if they can be reached. */
  List<Member> lower() {
    Member self = new Member(branch.id(), branch.participant(), branch.store());
    return others().stream().filter(member -> member.compareTo(self) < 0).toList();
  }
}
