package io.handfast.xds.store;

/**
 * Checks resources and makes of them what the data path reads.
 *
 * @param <S> the snapshot, immutable
 */
@FunctionalInterface
public interface SnapshotCompiler<S> {

  /**
   * Checks all and compiles. Must not block, and not keep anything of a refused offer. What did not
   * change since the last one may be the very same objects, so that one endpoint that changes
   * touches one cluster. Thread-safe.
   *
   * @param version of the snapshot, if there will be one
   */
  Compiled<S> compile(long version, ResourceSet resources);
}
