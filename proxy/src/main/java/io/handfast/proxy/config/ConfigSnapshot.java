package io.handfast.proxy.config;

import io.handfast.proxy.config.overload.OverloadConfig;
import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything that the proxy was told, at one version. Immutable and safe to share between threads;
 * replaced as a whole by one reference swap. A stream reads the current snapshot once and uses it
 * to its end.
 *
 * @param version grows with every configuration that this process accepted, from 1
 * @param admin where the administration server listens
 * @param listeners in the order of the configuration; names and addresses are unique
 * @param clusters in the order of their {@link ClusterConfig#index()}, which is the position in
 *     this list; names are unique
 * @param bootstrapExtensions the parsed {@code bootstrap_extensions}, in order; each object comes
 *     from the parser registered for its type
 * @param overload how the process protects itself
 * @param clustersMayCome whether a control plane may bring clusters that are named already
 */
public record ConfigSnapshot(
    long version,
    AdminConfig admin,
    List<ListenerConfig> listeners,
    Clusters clusters,
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
    this(
        version,
        admin,
        listeners,
        Clusters.of(clusters),
        bootstrapExtensions,
        OverloadConfig.DEFAULTS,
        false);
  }

  public ConfigSnapshot {
    Checks.atLeast("version", version, 1);
    listeners = List.copyOf(listeners);
    bootstrapExtensions = List.copyOf(bootstrapExtensions);
    requireUniqueNames(listeners);
  }

  private static void requireUniqueNames(List<ListenerConfig> listeners) {
    Set<String> seen = new HashSet<>();
    for (ListenerConfig listener : listeners) {
      if (!seen.add(listener.name())) {
        throw new IllegalArgumentException(
            "listeners: " + listener.name() + " twice (expected: unique names)");
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

  /**
   * Every cluster at its place, each name once. Immutable; what {@link #with} makes of it looks at
   * nothing but what is another one, and shares the rest.
   */
  public static final class Clusters extends AbstractList<ClusterConfig> implements RandomAccess {
    private static final Clusters NONE = new Clusters(new ClusterConfig[0], List.of());

    private final ClusterConfig[] all;
    private final List<ClusterConfig> secured;

    private Clusters(ClusterConfig[] all, List<ClusterConfig> secured) {
      this.all = all;
      this.secured = secured;
    }

    /**
     * Those clusters.
     *
     * @throws IllegalArgumentException if one is not at its place, or has the name of another
     */
    public static Clusters of(List<ClusterConfig> clusters) {
      if (clusters instanceof Clusters checked) {
        return checked;
      }
      if (clusters.isEmpty()) {
        return NONE;
      }
      ClusterConfig[] all = clusters.toArray(ClusterConfig[]::new);
      Set<String> names = HashSet.newHashSet(all.length);
      for (int i = 0; i < all.length; i++) {
        requirePlace(all[i], i);
        if (!names.add(all[i].name())) {
          throw new IllegalArgumentException(
              "clusters: " + all[i].name() + " twice (expected: unique names)");
        }
      }
      return new Clusters(all, secured(all));
    }

    private static void requirePlace(ClusterConfig cluster, int place) {
      if (cluster.index() != place) {
        throw new IllegalArgumentException(
            "clusters["
                + place
                + "].index: "
                + cluster.index()
                + " (expected: its position "
                + place
                + ")");
      }
    }

    private static List<ClusterConfig> secured(ClusterConfig[] all) {
      return Stream.of(all).filter(cluster -> cluster.tls().isPresent()).toList();
    }

    /**
     * The same with others in the place of some.
     *
     * @param others by their place, each of the name of the one that is there
     * @throws IllegalArgumentException if one has another name, or is not at its place
     */
    public Clusters with(Map<Integer, ClusterConfig> others) {
      ClusterConfig[] next = all.clone();
      boolean tls = false;
      for (Map.Entry<Integer, ClusterConfig> each : others.entrySet()) {
        int place = each.getKey();
        ClusterConfig other = each.getValue();
        requirePlace(other, place);
        if (!other.name().equals(all[place].name())) {
          throw new IllegalArgumentException(
              "clusters: " + other.name() + " (expected: " + all[place].name() + ")");
        }
        tls |= other.tls().isPresent() || all[place].tls().isPresent();
        next[place] = other;
      }
      return new Clusters(next, tls ? secured(next) : secured);
    }

    /** Those with TLS, in order. */
    public List<ClusterConfig> secured() {
      return secured;
    }

    @Override
    public ClusterConfig get(int index) {
      return all[index];
    }

    @Override
    public int size() {
      return all.length;
    }
  }
}
