package io.handfast.tx.simulation;

import io.handfast.tx.core.BranchId;
import io.handfast.tx.port.TransactionStore.Durability;
import java.util.Set;

/**
 * What a sidecar keeps its records in, and what of it is known to be safe. Confined to the world.
 */
sealed interface SimStore permits SimJournal, SimEtcd {
  /** What becomes of a write: one of the last three, once. */
  interface Told {
    /** It survives the death of the process; of an overlapped one, before the others. */
    default void written() {}

    void durable();

    void refused();

    /** Another record stands in its place. */
    default void lost() {
      refused();
    }

    void inDoubt();
  }

  void write(Entry entry, Durability durability, Told told);

  /** It takes nothing any more until it is opened again. */
  boolean isStopped();

  /** Whether it is durable, or was. */
  boolean has(Entry entry);

  /** Whether a branch that has begun has ended, as far as is durable. */
  boolean owes(int node);

  /** Who has to commit, though the decision may have been collected since. */
  Set<BranchId> everDecided();

  void crash(boolean machine);
}
