package io.handfast.proxy.server;

import io.handfast.proxy.admin.OperatorToken;
import io.handfast.proxy.admin.TransactionAdmin;
import io.handfast.tx.engine.TransactionEngine;
import io.handfast.tx.operator.TransactionDetail;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The engine's queries and commands, for an administration server that is there before the engine:
 * questions wait for it. Thread-safe.
 */
final class LateTransactions implements TransactionAdmin {

  private final CompletableFuture<TransactionEngine> engine = new CompletableFuture<>();
  private volatile @Nullable OperatorToken token;

  /**
   * The engine is there.
   *
   * @param made what changing something needs; null if there is none
   */
  void arrived(TransactionEngine started, @Nullable OperatorToken made) {
    token = made;
    engine.complete(started);
  }

  @Override
  public Optional<OperatorToken> token() {
    return Optional.ofNullable(token);
  }

  @Override
  public boolean isStarted() {
    return engine.isDone();
  }

  @Override
  public CompletionStage<TransactionList> list(TransactionFilter filter) {
    return engine.thenCompose(queries -> queries.list(filter));
  }

  @Override
  public CompletionStage<Result> resolve(String txId, Decision decision, Ground ground) {
    return engine.thenCompose(commands -> commands.resolve(txId, decision, ground));
  }

  @Override
  public CompletionStage<Result> forget(String txId, Ground ground) {
    return engine.thenCompose(commands -> commands.forget(txId, ground));
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
