package io.handfast.tx.engine;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.interceptor.SqlBlock;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection's end of a block: hops to the engine's loop, in order. Told by the connection's
 * executor.
 */
final class SqlStream implements SqlBlock {
  private final Wiring wiring;
  private @Nullable GlobalId prepares;

  /** Set on the loop, before the connection is told that it takes part. */
  private volatile @Nullable BlockDriver block;

  SqlStream(Wiring wiring) {
    this.wiring = wiring;
  }

  void opened(BlockDriver opened) {
    block = opened;
  }

  @Override
  public void preparing(String globalId) {
    GlobalId id = GlobalId.parse(globalId);
    prepares = id;
    hop(it -> it.preparing(id));
    if (id != null) {
      ForcePoints.beforePrepare(id.tx(), id.branch());
    }
  }

  @Override
  public void notPrepared() {
    hop(BlockDriver::notPrepared);
  }

  @Override
  public void prepared() {
    GlobalId id = prepares;
    if (id != null) {
      ForcePoints.afterPrepare(id.tx(), id.branch());
    }
    hop(BlockDriver::prepared);
  }

  @Override
  public void readOnly() {
    hop(BlockDriver::readOnly);
  }

  @Override
  public void rolledBack() {
    hop(BlockDriver::rolledBack);
  }

  @Override
  public void failed(String reason) {
    hop(it -> it.failed(reason));
  }

  @Override
  public void lost(String reason) {
    hop(it -> it.lost(reason));
  }

  @Override
  public List<String> lockNotGot() {
    BlockDriver open = block;
    if (open == null) {
      return List.of();
    }
    List<String> beside = wiring.tables().preparedHere().beside(open.key(), open.database());
    if (!beside.isEmpty()) {
      wiring.meters().selfConflict();
      hop(it -> it.selfConflict(beside));
    }
    return beside;
  }

  private void hop(Consumer<BlockDriver> word) {
    wiring
        .loop()
        .execute(() -> {
          BlockDriver open = block;
          if (open != null) {
            word.accept(open);
          }
        });
  }
}
