package io.handfast.xds.store;

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
}
