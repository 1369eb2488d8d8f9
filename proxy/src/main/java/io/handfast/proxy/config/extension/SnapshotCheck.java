package io.handfast.proxy.config.extension;

import io.handfast.proxy.config.ConfigSnapshot;

/**
 * Checks what no single resource can tell, such as that a filter needs an extension of the process.
 * Immutable.
 */
@FunctionalInterface
public interface SnapshotCheck {

  /** Notes what is wrong in the scope, which stands for the whole configuration. */
  void check(ConfigSnapshot snapshot, Scope scope);
}
