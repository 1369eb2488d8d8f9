package io.handfast.xds.store;

import java.util.Optional;

/**
 * Checks resources and makes of them what the data path reads.
 *
 * @param <S> the snapshot, immutable
 */
@FunctionalInterface
public interface SnapshotCompiler<S> {

  /**
   * Checks all and compiles. Must not block, and not keep anything of a refused offer.
   *
   * @param version of the snapshot, if there will be one
   */
  Compiled<S> compile(long version, ResourceSet resources);

  /**
   * The same with what is published now: a compiler that takes over what did not change gives the
   * very same objects for it, so that one endpoint that changes touches one cluster.
   */
  default Compiled<S> compile(long version, ResourceSet resources, Optional<S> previous) {
    return compile(version, resources);
  }
}
