package io.handfast.proxy.server;

import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionQueries;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The engine's queries, for an administration server that is there before the engine: questions
 * wait for it. Thread-safe.
 */
final class LateTransactions implements TransactionQueries {

  private final CompletableFuture<TransactionQueries> engine = new CompletableFuture<>();

  void arrived(TransactionQueries queries) {
    engine.complete(queries);
  }

  @Override
  public CompletionStage<TransactionList> list() {
    return engine.thenCompose(TransactionQueries::list);
  }

  @Override
  public CompletionStage<Optional<TransactionDetail>> show(String txId) {
    return engine.thenCompose(queries -> queries.show(txId));
  }

  @Override
  public Readiness readiness() {
    return engine.isDone()
        ? engine.join().readiness()
        : new Readiness(false, "the transaction store is being read");
  }
}
