package io.handfast.proxy.config.extension;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;

/**
 * Checks what no single resource can tell, such as that a filter needs an extension of the process.
 * Immutable.
 */
public interface SnapshotCheck {

  /** Notes what is wrong in the scope, which stands for the whole configuration. */
  void check(ConfigSnapshot snapshot, Scope scope);

  /**
   * Notes what is wrong with one cluster by itself in its scope; asked when the cluster is made, so
   * that one that changes does not cost a look at all.
   */
  void check(ClusterConfig cluster, Scope scope);
}
