package io.handfast.proxy.postgres;

import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import java.util.List;

/**
 * Counts the blocks that take part and what becomes of each. Thread-safe, as what it counts for.
 *
 * @param sql the engine
 * @param stats of the filter
 */
record CountedSql(SqlInterceptor sql, PostgresStats stats) implements SqlInterceptor {

  @Override
  public boolean anyInFlight() {
    return sql.anyInFlight();
  }

  @Override
  public boolean mayKnowTraces() {
    return sql.mayKnowTraces();
  }

  @Override
  public String server(String database) {
    return sql.server(database);
  }

  @Override
  public SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener) {
    return new Counted(sql.enlist(call, new Listener(listener, stats)), stats);
  }

  @Override
  public void contextMissing() {
    sql.contextMissing();
  }

  @Override
  public void loginFailed(String database, String sqlState, String message) {
    stats.loginsFailed.inc();
    sql.loginFailed(database, sqlState, message);
  }

  private record Listener(SqlBlockListener listener, PostgresStats stats)
      implements SqlBlockListener {

    @Override
    public void enlisted(SqlEnlistment enlistment) {
      stats.blocks.inc();
      listener.enlisted(enlistment);
    }

    @Override
    public void passes(boolean noBranch) {
      listener.passes(noBranch);
    }

    @Override
    public void refused(SqlRefusal refusal) {
      listener.refused(refusal);
    }

    @Override
    public void doomed(SqlRefusal refusal) {
      listener.doomed(refusal);
    }
  }

  private record Counted(SqlBlock block, PostgresStats stats) implements SqlBlock {

    @Override
    public void preparing(String globalId) {
      block.preparing(globalId);
    }

    @Override
    public void notPrepared() {
      block.notPrepared();
    }

    @Override
    public void prepared() {
      stats.blocksPrepared.inc();
      block.prepared();
    }

    @Override
    public void readOnly() {
      stats.blocksReadOnly.inc();
      block.readOnly();
    }

    @Override
    public void rolledBack() {
      stats.blocksRolledBack.inc();
      block.rolledBack();
    }

    @Override
    public void failed(String reason) {
      stats.blocksFailed.inc();
      block.failed(reason);
    }

    @Override
    public void lost(String reason) {
      stats.blocksLost.inc();
      block.lost(reason);
    }

    @Override
    public List<String> lockNotGot() {
      return block.lockNotGot();
    }
  }
}
