package io.handfast.tx.core.participant;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.Member;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Standing;
import java.util.List;

/**
 * THREE_PHASE: the branch has promised and knows no outcome. From its deadline on, and after a
 * restart, it asks the coordinator, and if that has died ends the transaction with the others.
 *
 * @param phase [PERSISTENT] by the branch record, PRE_COMMITTED and the withdrawal
 * @param away [PERSISTENT] in a way: each restart sets it. The branch may have missed what the
 *     others decided, so that it decides nothing unless all have been away
 * @param round [NOT PERSISTENT] because a restart begins another one
 * @param inquiries [NOT PERSISTENT] because it only spaces and shows the rounds
 */
public record Uncertain(Branch branch, Phase phase, boolean away, Round round, int inquiries)
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
    return new Uncertain(branch, next, away, round, inquiries);
  }

  Uncertain with(Round changed) {
    return new Uncertain(branch, phase, away, changed, inquiries);
  }

  /** Its store does not take records: it decides nothing new from here on. */
  Uncertain failed(Phase next) {
    return new Uncertain(branch, next, true, round, inquiries);
  }

  Uncertain probing(Round probe) {
    return new Uncertain(branch, phase, away, probe, inquiries + 1);
  }

  /** An operator decides for it. From then on it has no part in what the others agree on. */
  Resolving resolving(Outcome outcome) {
    Prepared asWouldAsk = new Prepared(branch, true, false, true, inquiries, true);
    return new Resolving(asWouldAsk, outcome, false, this);
  }

  /** Its store has not taken what the operator decided: meanwhile it may have missed something. */
  Uncertain unresolved() {
    return new Uncertain(branch, phase, true, Round.NONE, inquiries);
  }

  Confirming confirming(boolean awaited) {
    return new Confirming(branch, 1, awaited);
  }

  Cancelling cancelling(boolean awaited) {
    return new Cancelling(branch, true, 1, awaited);
  }

  /** What it tells others. A withdrawal that is not durable is not told. */
  Standing standing() {
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
