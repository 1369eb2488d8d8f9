package io.handfast.xds.store;

import java.util.Optional;

/**
 * Told of every published snapshot.
 *
 * @param <S> the snapshot
 */
@FunctionalInterface
public interface SnapshotListener<S> {

  /** Called on the store's executor, after the reference has been swapped. Must not block. */
  void published(Optional<S> previous, S next);
}
