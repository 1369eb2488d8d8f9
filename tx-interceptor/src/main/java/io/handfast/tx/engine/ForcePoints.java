package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;

/**
 * The moments around a force at which a crash must do no harm. Each is a method that does nothing,
 * called on the engine's loop at that moment and nowhere else (the two of PREPARE: by the
 * database's connection), so that a test may instrument it and kill the process there:
 *
 * <ul>
 *   <li>{@link #beforeBegun}: BEGUN has not been handed to the store, the service has not seen the
 *       request
 *   <li>{@link #afterBegun}: BEGUN is durable (overlapped: written), the service has not seen the
 *       request
 *   <li>{@link #afterServiceAnswered}: the service's effect is there, no branch record and no vote
 *       is
 *   <li>{@link #beforeBranchRecord}: the branch could promise, and nothing says so
 *   <li>{@link #afterBranchRecord}: the branch record is durable, nobody has been told the vote
 *   <li>{@link #beforePreCommitted}: THREE_PHASE, a branch knows that all have promised, its record
 *       does not say so
 *   <li>{@link #afterPreCommitted}: it says so, nobody has been told
 *   <li>{@link #beforeWithdrawal}: THREE_PHASE, a branch is to abort in the coordinator's place,
 *       and nothing says so
 *   <li>{@link #afterWithdrawal}: that is durable, nothing is undone and nobody has been told
 *   <li>{@link #beforeOwnDecision}: ONE_PHASE, the decision is the branch's, and has not been
 *       handed to the store
 *   <li>{@link #afterOwnDecision}: it is durable, nothing is confirmed and nobody has been told
 *   <li>{@link #beforePreCommit}: THREE_PHASE, all have promised, and nothing says so
 *   <li>{@link #afterPreCommit}: that is durable, nobody has been told
 *   <li>{@link #beforePrepare}: a block is to be prepared in its database, nothing has been sent
 *   <li>{@link #afterPrepare}: it is prepared, nobody knows, the service has not been answered
 *   <li>{@link #afterBlockVoted}: its vote has gone to the branch of its service
 *   <li>{@link #beforeCompletion}: a block's outcome is known, and nothing has been sent to its
 *       database
 *   <li>{@link #afterCompletion}: the database has carried it out, nobody knows
 *   <li>{@link #beforeDecision}: all have voted yes, the decision has not been handed to the store
 *   <li>{@link #afterDecision}: the decision is durable, nobody has been told
 *   <li>{@link #beforeResolution}: an operator has decided for a branch in doubt, and nothing says
 *       so
 *   <li>{@link #afterResolution}: that is durable, nothing is carried out and nobody has been told
 *   <li>{@link #beforeAcknowledgement}: the outcome is carried out and its end record durable, the
 *       coordinator has not been told
 *   <li>{@link #afterAcknowledgement}: the acknowledgement has been handed to the control service
 *   <li>{@link #afterForgotten}: the coordinator has all acknowledgements and has forgotten, its
 *       end record is not on disk
 *   <li>{@link #beforeSettlement}: the truth of a branch that an operator decided is heard, and not
 *       recorded
 *   <li>{@link #afterSettlement}: it is durable, whoever told it has not been answered
 *   <li>{@link #beforeGivenUp}: an operator forgets what stays, and it is not recorded
 *   <li>{@link #afterGivenUp}: it is durable, the operator has not been told
 * </ul>
 */
final class ForcePoints {
  private ForcePoints() {}

  static void beforeBegun(TxId tx, BranchId branch) {}

  static void afterBegun(TxId tx, BranchId branch) {}

  static void afterServiceAnswered(TxId tx, BranchId branch) {}

  static void beforeBranchRecord(TxId tx, BranchId branch) {}

  static void afterBranchRecord(TxId tx, BranchId branch) {}

  static void beforePreCommitted(TxId tx, BranchId branch) {}

  static void afterPreCommitted(TxId tx, BranchId branch) {}

  static void beforeWithdrawal(TxId tx, BranchId branch) {}

  static void afterWithdrawal(TxId tx, BranchId branch) {}

  static void beforeOwnDecision(TxId tx, BranchId branch) {}

  static void afterOwnDecision(TxId tx, BranchId branch) {}

  static void beforePrepare(TxId tx, BranchId block) {}

  static void afterPrepare(TxId tx, BranchId block) {}

  static void afterBlockVoted(TxId tx, BranchId block) {}

  static void beforeCompletion(TxId tx, BranchId block) {}

  static void afterCompletion(TxId tx, BranchId block) {}

  static void beforeResolution(TxId tx, BranchId branch) {}

  static void afterResolution(TxId tx, BranchId branch) {}

  static void beforePreCommit(TxId tx) {}

  static void afterPreCommit(TxId tx) {}

  static void beforeDecision(TxId tx) {}

  static void afterDecision(TxId tx) {}

  static void beforeAcknowledgement(TxId tx, BranchId branch) {}

  static void afterAcknowledgement(TxId tx, BranchId branch) {}

  static void afterForgotten(TxId tx) {}

  static void beforeSettlement(TxId tx, BranchId branch) {}

  static void afterSettlement(TxId tx, BranchId branch) {}

  static void beforeGivenUp(TxId tx) {}

  static void afterGivenUp(TxId tx) {}
}
