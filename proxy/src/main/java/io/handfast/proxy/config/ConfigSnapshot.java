package io.handfast.proxy.config;

import io.handfast.proxy.config.overload.OverloadConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that the proxy was told, at one version. Immutable and safe to share between threads;
 * replaced as a whole by one reference swap. A stream reads the current snapshot once and uses it
 * to its end.
 *
 * @param version grows with every configuration that this process accepted, from 1
 * @param admin where the administration server listens
 * @param listeners in the order of the configuration; names and addresses are unique
 * @param clusters in the order of their {@link ClusterConfig#index()}, which is the position in
 *     this list
 * @param bootstrapExtensions the parsed {@code bootstrap_extensions}, in order; each object comes
 *     from the parser registered for its type
 * @param overload how the process protects itself
 * @param clustersMayCome whether a control plane may bring clusters that are named already
 */
public record ConfigSnapshot(
    long version,
    AdminConfig admin,
    List<ListenerConfig> listeners,
    List<ClusterConfig> clusters,
    List<Object> bootstrapExtensions,
    OverloadConfig overload,
    boolean clustersMayCome) {

  /** With the protection that is on by default. */
  public ConfigSnapshot(
      long version,
      AdminConfig admin,
      List<ListenerConfig> listeners,
      List<ClusterConfig> clusters,
      List<Object> bootstrapExtensions) {
    this(version, admin, listeners, clusters, bootstrapExtensions, OverloadConfig.DEFAULTS, false);
  }

  public ConfigSnapshot {
    Checks.atLeast("version", version, 1);
    listeners = List.copyOf(listeners);
    clusters = List.copyOf(clusters);
    bootstrapExtensions = List.copyOf(bootstrapExtensions);
    for (int i = 0; i < clusters.size(); i++) {
      if (clusters.get(i).index() != i) {
        throw new IllegalArgumentException(
            "clusters["
                + i
                + "].index: "
                + clusters.get(i).index()
                + " (expected: its position "
                + i
                + ")");
      }
    }
    requireUniqueNames(listeners, clusters);
  }

  private static void requireUniqueNames(
      List<ListenerConfig> listeners, List<ClusterConfig> clusters) {
    Map<String, Object> seen = new HashMap<>();
    for (ListenerConfig listener : listeners) {
      if (seen.put(listener.name(), listener) != null) {
        throw new IllegalArgumentException(
            "listeners: " + listener.name() + " twice (expected: unique names)");
      }
    }
    seen.clear();
    for (ClusterConfig cluster : clusters) {
      if (seen.put(cluster.name(), cluster) != null) {
        throw new IllegalArgumentException(
            "clusters: " + cluster.name() + " twice (expected: unique names)");
      }
    }
  }

  /**
   * The cluster of that name; a linear search, for tests and administration: routes carry the
   * index.
   */
  public Optional<ClusterConfig> cluster(String name) {
    return clusters.stream().filter(cluster -> cluster.name().equals(name)).findFirst();
  }

  /** The listener of that name; a linear search. */
  public Optional<ListenerConfig> listener(String name) {
    return listeners.stream().filter(listener -> listener.name().equals(name)).findFirst();
  }

  /** The one bootstrap extension of that type, if it is configured. */
  public <T> Optional<T> bootstrapExtension(Class<T> type) {
    return bootstrapExtensions.stream().filter(type::isInstance).map(type::cast).findFirst();
  }
}
