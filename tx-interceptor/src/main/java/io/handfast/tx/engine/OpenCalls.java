package io.handfast.tx.engine;

import io.handfast.tx.core.BranchId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls and blocks of SQL that one branch has opened. Confined to the engine's loop. */
final class OpenCalls {
  private final Map<BranchId, OpenCall> calls = new HashMap<>();
  private int blocks;

  @Nullable OpenCall get(BranchId id) {
    return calls.get(id);
  }

  void put(BranchId id, OpenCall call) {
    calls.put(id, call);
  }

  Set<BranchId> ids() {
    return calls.keySet();
  }

  /** How many blocks have been begun. */
  int blocks() {
    return blocks;
  }

  /** The number of the next one. */
  int nextBlock() {
    return ++blocks;
  }

  /** The deadline has passed, which ends the branch: blocks that are open say so first (T11). */
  void late() {
    ofBlocks(BlockDriver::late);
  }

  /** The branch has aborted, and never voted yes (T12). */
  void aborted(String why) {
    ofBlocks(block -> block.ownerAborted(why));
  }

  private void ofBlocks(Consumer<BlockDriver> word) {
    if (blocks == 0) {
      return;
    }
    for (OpenCall call : List.copyOf(calls.values())) {
      if (call instanceof BlockDriver block) {
        word.accept(block);
      }
    }
  }
}
