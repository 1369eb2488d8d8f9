package io.handfast.tx.engine;

import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;

/**
 * What a block of SQL that the local service begins means. Which branch it names the connection has
 * read; whether that is in flight is known on the loop only. Thread-safe.
 */
final class SqlGate {
  private final Wiring wiring;

  SqlGate(Wiring wiring) {
    this.wiring = wiring;
  }

  SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener) {
    wiring.loop().execute(() -> call.executor().execute(() -> listener.passes(true)));
    return new NoBlock();
  }

  /** Of a block that is not in a transaction. */
  private static final class NoBlock implements SqlBlock {
    @Override
    public void preparing(String globalId) {}

    @Override
    public void prepared() {}

    @Override
    public void readOnly() {}

    @Override
    public void rolledBack() {}

    @Override
    public void failed(String reason) {}

    @Override
    public void lost(String reason) {}
  }
}
