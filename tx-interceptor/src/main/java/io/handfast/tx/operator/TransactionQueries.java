package io.handfast.tx.operator;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Questions of operators, answered by the engine. Thread-safe, never blocks: stages complete on the
 * engine's loop, so whoever wants to write to a socket hops to its own.
 */
public interface TransactionQueries {

  /** What {@code handfast tx list} shows: in flight and in doubt first, then decided lately. */
  default CompletionStage<TransactionList> list() {
    return list(TransactionFilter.ALL);
  }

  /** As {@link #list()}, of what matches alone. */
  CompletionStage<TransactionList> list(TransactionFilter filter);

  /**
   * One transaction with its timeline; empty where this sidecar does not know it.
   *
   * @param txId 32 hexadecimal digits
   */
  CompletionStage<Optional<TransactionDetail>> show(String txId);

  /**
   * Whether new transactions may begin here, and if not why; for {@code /ready}. Any thread, at
   * once.
   */
  Readiness readiness();

  /**
   * Whether new transactions may begin.
   *
   * @param ready false: readiness is to go false
   * @param reason a sentence for people; empty when ready
   */
  record Readiness(boolean ready, String reason) {}
}
