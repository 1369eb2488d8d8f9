package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;

/**
 * The moments around a force at which a crash must do no harm. Each is a method that does nothing,
 * called on the engine's loop at that moment and nowhere else, so that a test may instrument it and
 * kill the process there:
 *
 * <ul>
 *   <li>{@link #beforeBegun}: BEGUN has not been handed to the store, the service has not seen the
 *       request
 *   <li>{@link #afterBegun}: BEGUN is durable (overlapped: written), the service has not seen the
 *       request
 *   <li>{@link #afterServiceAnswered}: the service's effect is there, no branch record and no vote
 *       is
 *   <li>{@link #afterBranchRecord}: the branch record is durable, nobody has been told the vote
 *   <li>{@link #beforePreCommit}: THREE_PHASE, all have promised, and nothing says so
 *   <li>{@link #afterPreCommit}: that is durable, nobody has been told
 *   <li>{@link #beforeDecision}: all have voted yes, the decision has not been handed to the store
 *   <li>{@link #afterDecision}: the decision is durable, nobody has been told
 *   <li>{@link #beforeAcknowledgement}: the outcome is carried out and its end record durable, the
 *       coordinator has not been told
 *   <li>{@link #afterAcknowledgement}: the acknowledgement has been handed to the control service
 *   <li>{@link #afterForgotten}: the coordinator has all acknowledgements and has forgotten, its
 *       end record is not on disk
 * </ul>
 */
final class ForcePoints {
  private ForcePoints() {}

  static void beforeBegun(TxId tx, BranchId branch) {}

  static void afterBegun(TxId tx, BranchId branch) {}

  static void afterServiceAnswered(TxId tx, BranchId branch) {}

  static void afterBranchRecord(TxId tx, BranchId branch) {}

  static void beforePreCommit(TxId tx) {}

  static void afterPreCommit(TxId tx) {}

  static void beforeDecision(TxId tx) {}

  static void afterDecision(TxId tx) {}

  static void beforeAcknowledgement(TxId tx, BranchId branch) {}

  static void afterAcknowledgement(TxId tx, BranchId branch) {}

  static void afterForgotten(TxId tx) {}
}
