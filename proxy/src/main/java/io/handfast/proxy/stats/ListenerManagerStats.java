package io.handfast.proxy.stats;

/** {@code listener_manager.*}, in Envoy's names. */
public final class ListenerManagerStats {
  /** {@code listener_added}. */
  public final Counter added;

  /** {@code listener_modified}: replaced by one of the same name. */
  public final Counter modified;

  /** {@code listener_removed}. */
  public final Counter removed;

  /** {@code listener_create_success}: bound. */
  public final Counter createSuccess;

  /** {@code listener_create_failure}: not bound. */
  public final Counter createFailure;

  public ListenerManagerStats(Stats stats) {
    added = stats.counter("listener_manager.listener_added");
    modified = stats.counter("listener_manager.listener_modified");
    removed = stats.counter("listener_manager.listener_removed");
    createSuccess = stats.counter("listener_manager.listener_create_success");
    createFailure = stats.counter("listener_manager.listener_create_failure");
  }
}
