package io.handfast.proxy.stats;

/** {@code cluster_manager.*} and {@code listener_manager.*}, in Envoy's names. */
public final class ManagerStats {

  private ManagerStats() {}

  /** What happens to clusters. */
  public static final class Clusters {
    /** {@code cluster_added}: by a configuration, the first one too. */
    public final Counter added;

    /** {@code cluster_modified}: replaced by one of the same name. */
    public final Counter modified;

    /** {@code cluster_removed}. */
    public final Counter removed;

    /** {@code active_clusters}. */
    public final Gauge active;

    /** {@code warming_clusters}: whose endpoints are looked up before they are used. */
    public final Gauge warming;

    public Clusters(Stats stats) {
      added = stats.counter("cluster_manager.cluster_added");
      modified = stats.counter("cluster_manager.cluster_modified");
      removed = stats.counter("cluster_manager.cluster_removed");
      active = stats.gauge("cluster_manager.active_clusters");
      warming = stats.gauge("cluster_manager.warming_clusters");
    }
  }

  /** What happens to listeners. */
  public static final class Listeners {
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

    public Listeners(Stats stats) {
      added = stats.counter("listener_manager.listener_added");
      modified = stats.counter("listener_manager.listener_modified");
      removed = stats.counter("listener_manager.listener_removed");
      createSuccess = stats.counter("listener_manager.listener_create_success");
      createFailure = stats.counter("listener_manager.listener_create_failure");
    }
  }
}
