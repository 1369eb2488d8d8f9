package io.handfast.tx.operator;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * What an operator may do to transactions that the protocol cannot end by itself. Thread-safe,
 * never blocks: stages complete on the engine's loop. Whoever calls has made sure that an operator
 * asks.
 */
public interface TransactionCommands {

  /** What a branch in doubt is to do. */
  enum Decision {
    COMMIT,
    ABORT
  }

  /**
   * Who decides, and why; both are recorded.
   *
   * @param by a name, such as a login
   * @param reason a sentence
   */
  record Ground(String by, String reason) {}

  /**
   * What became of a command.
   *
   * @param status in one word
   * @param message a sentence for people
   * @param branches that were changed, 16 hexadecimal digits each
   */
  record Result(Status status, String message, List<String> branches) {
    public Result {
      branches = List.copyOf(branches);
    }
  }

  /** What became of a command, in one word. */
  enum Status {
    /** Recorded, and durable; what follows from it is under way. */
    DONE,
    /** The transaction is not known here. */
    UNKNOWN,
    /** It is in no state for this. */
    REFUSED,
    /** The store did not take it, or did not say. */
    FAILED
  }

  /**
   * Decides for every branch of a transaction that is in doubt here: a heuristic decision, which
   * may turn out to be another one than the transaction's.
   *
   * @param txId 32 hexadecimal digits
   */
  CompletionStage<Result> resolve(String txId, Decision decision, Ground ground);

  /**
   * Gives up what stays of a transaction: hazards, ends that an operator decided, a decision that
   * somebody does not acknowledge. It is shown no more; who asks or tells later is answered from
   * what it was.
   *
   * @param txId 32 hexadecimal digits
   */
  CompletionStage<Result> forget(String txId, Ground ground);
}
