package io.handfast.tx.explorer.block;

import io.handfast.tx.explorer.ClientTold;
import io.handfast.tx.explorer.block.Sql.Status;
import org.jspecify.annotations.Nullable;

/** What must hold of blocks; each says what is wrong, with the name of the promise, or null. */
final class BlockPromises {
  private BlockPromises() {}

  /** When nothing is left to do. */
  static @Nullable String atRest(BlockWorld world) {
    boolean committed = world.told == ClientTold.COMMITTED;
    for (Sql block : world.blocks) {
      committed |= block.status == Status.COMMITTED;
    }
    for (int i = 0; i < world.blocks.length; i++) {
      Sql block = world.blocks[i];
      boolean decided = (world.decided & 1 << i) != 0;
      if (block.status == Status.PREPARED || block.status == Status.IN_PROGRESS) {
        return "block " + i + " is left " + block.status;
      }
      if (decided != (block.status == Status.COMMITTED)) {
        return "block " + i + " is " + block.status + (decided ? " and" : " and not") + " decided";
      }
      if (committed && block.asked && block.status != Status.COMMITTED) {
        return "block " + i + " is " + block.status + " and another one has committed (AC1)";
      }
      if (world.told == ClientTold.ABORTED && block.status == Status.COMMITTED) {
        return "the client was told aborted, and block " + i + " has committed";
      }
    }
    if (world.told == ClientTold.NOTHING && world.lives[0] == 0) {
      return "the client waits for ever";
    }
    return world.calm && !committed ? "nothing failed, and it did not commit (AC4)" : null;
  }

  /** A decision is about to be forced. */
  static void decides(BlockWorld world, int branches) {
    if ((branches & ~world.votedYes) != 0) {
      world.breach("decided without the yes of a block (AC3)");
    }
    if (world.votedNo != 0) {
      world.breach("decided against a no (AC3)");
    }
  }

  /** COMMIT leaves, or the answer COMMITTED. */
  static void tellsCommit(BlockWorld world, int branch) {
    if ((world.decided & 1 << branch) == 0) {
      world.breach(branch + " is told committed and is in no durable decision");
    }
  }

  /** ABORT leaves, or the answer ABORTED; of what has committed it is stale (T15). */
  static void tellsAbort(BlockWorld world, int branch) {
    boolean decided = (world.decided & 1 << branch) != 0;
    if (decided && world.blocks[branch].status != Status.COMMITTED) {
      world.breach(branch + " is told aborted and is in a durable decision");
    }
  }

  /** The database commits, or rolls back, what is prepared. */
  static void completes(BlockWorld world, int branch, boolean commits) {
    boolean decided = (world.decided & 1 << branch) != 0;
    if (decided != commits) {
      world.breach(
          "block "
              + branch
              + (commits ? " commits and is not" : " is rolled back and is")
              + " in the decision (AC1)");
    }
  }

  /** Nothing is owed any more. */
  static void forgets(BlockWorld world) {
    for (int i = 0; i < world.blocks.length; i++) {
      if ((world.decided & 1 << i) != 0 && world.blocks[i].status != Status.COMMITTED) {
        world.breach("the transaction ends before block " + i + " has (nobody forgotten)");
      }
    }
  }

  /** The client is answered. */
  static void answersClient(BlockWorld world, ClientTold what) {
    if (world.told != ClientTold.NOTHING) {
      world.breach("the client is answered twice: " + world.told + ", " + what);
    }
    if (what == ClientTold.ABORTED && world.decided != 0) {
      world.breach("the client is told aborted, and the decision is durable");
    }
  }
}
