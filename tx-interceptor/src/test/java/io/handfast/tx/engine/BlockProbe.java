package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;

import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlRefusal;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One block of SQL of a service, as its connection sees it. */
final class BlockProbe implements SqlBlockListener {
  private final FakeDatabase database;
  private final long xid;
  private @Nullable SqlBlock block;
  private @Nullable SqlEnlistment enlistment;
  @Nullable Boolean passes;
  @Nullable SqlRefusal refused;
  @Nullable SqlRefusal doomed;

  private BlockProbe(FakeDatabase database) {
    this.database = database;
    this.xid = database.begin();
  }

  /** The service's first statement. */
  static BlockProbe begin(
      FakeDatabase database, TransactionEngine engine, SqlBlockCall.Name name, Executor executor) {
    BlockProbe probe = new BlockProbe(database);
    probe.block = engine.enlist(new SqlBlockCall("bank", name, "UPDATE accounts", executor), probe);
    return probe;
  }

  SqlBlock block() {
    return requireNonNull(block);
  }

  SqlEnlistment enlistment() {
    return requireNonNull(enlistment);
  }

  boolean isEnlisted() {
    return enlistment != null;
  }

  String globalId() {
    return enlistment().globalId().apply(xid);
  }

  /** COMMIT, of what has written. */
  String commit() {
    String name = globalId();
    block().preparing(name);
    database.prepare(name, xid);
    block().prepared();
    return name;
  }

  void rollback() {
    database.abort(xid);
    block().rolledBack();
  }

  void loseConnection(String reason) {
    database.abort(xid);
    block().lost(reason);
  }

  @Override
  public void enlisted(SqlEnlistment given) {
    enlistment = given;
  }

  @Override
  public void passes(boolean noBranch) {
    passes = noBranch;
  }

  @Override
  public void refused(SqlRefusal refusal) {
    refused = refusal;
  }

  @Override
  public void doomed(SqlRefusal refusal) {
    doomed = refusal;
  }
}
