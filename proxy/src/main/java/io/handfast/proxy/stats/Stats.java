package io.handfast.proxy.stats;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All statistics of one proxy. Thread-safe; a look-up is for the time of configuration, the handle
 * that it returns for the time of requests. Asking twice for one name gives one handle, so a
 * cluster that is configured anew counts on.
 *
 * <p>Bound: what is configured decides how many there are; response codes add at most 500 per
 * cluster.
 */
public final class Stats {

  /** By the prefix of their names. */
  private final ConcurrentSkipListMap<String, Shelf> groups = new ConcurrentSkipListMap<>();

  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** The statistics of one group, in the order of their names. Thread-safe: one lock. */
  private static final class Shelf {

    private final StatName.Group group;
    private final List<Stat> sorted = new ArrayList<>();

    Shelf(StatName.Group group) {
      this.group = group;
    }

    /** The one of that name, made if it is not there. */
    synchronized Stat resolve(StatName.Term term, Function<StatName.Term, ? extends Stat> create) {
      int place = place(term.name());
      if (place >= 0) {
        return sorted.get(place);
      }
      Stat made = create.apply(term);
      sorted.add(-place - 1, made);
      return made;
    }

    synchronized @Nullable StatName find(String name) {
      int place = place(name);
      return place < 0 ? null : new StatName(group, sorted.get(place).term());
    }

    /** As of {@link java.util.Collections#binarySearch}. */
    private int place(String name) {
      int low = 0;
      int high = sorted.size() - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int order = sorted.get(middle).term().name().compareTo(name);
        if (order == 0) {
          return middle;
        }
        if (order < 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return -low - 1;
    }

    synchronized boolean holdsOnly(Set<String> names) {
      return sorted.stream().allMatch(stat -> names.contains(stat.term().name()));
    }

    synchronized void addTo(List<Stat.Named> all) {
      sorted.forEach(stat -> all.add(new Stat.Named(new StatName(group, stat.term()), stat)));
    }
  }

  /** Where meters go that Envoy has no name for: transactions, JVM, process. */
  public MeterRegistry meters() {
    return meters;
  }

  /** The statistics of a cluster. */
  public ClusterStats cluster(String name) {
    return new ClusterStats(this, name);
  }

  /**
   * Nobody is counted for that cluster any more: what was counted is no longer shown. Handles stay
   * usable.
   */
  public void forgetCluster(String name) {
    groups.remove(StatName.Group.cluster(name).prefix());
  }

  /** Nobody asks for the endpoints of that name any more; a cluster that has it counts on. */
  public void forgetEndpoints(String name) {
    String prefix = StatName.Group.cluster(name).prefix();
    Shelf group = groups.get(prefix);
    if (group != null && group.holdsOnly(DiscoveryStats.NAMES)) {
      groups.remove(prefix, group);
    }
  }

  /** Nobody asks for that secret any more. */
  public void forgetSecret(String name) {
    groups.remove(StatName.Group.secret(name).prefix());
  }

  /** Nobody asks for that filter any more. */
  public void forgetExtension(String name) {
    groups.remove(StatName.Group.extension(name).prefix());
  }

  /**
   * Nobody asks that control plane any more.
   *
   * @param types of resources that it may have been asked for
   */
  public void forgetControlPlane(String server, Collection<String> types) {
    groups.remove(StatName.Group.xdsClient(server, "").prefix());
    types.forEach(type -> groups.remove(StatName.Group.xdsClient(server, type).prefix()));
  }

  /** Those connection managers do not use that table any more. */
  public void forgetRoutes(String statPrefix, String table) {
    groups.remove(StatName.Group.routes(statPrefix, table).prefix());
  }

  /** The statistics of the connection managers with that prefix. */
  public HttpStats http(String statPrefix) {
    return new HttpStats(this, statPrefix);
  }

  /** The statistics of the TCP proxies with that {@code stat_prefix}. */
  public TcpStats tcp(String statPrefix) {
    return new TcpStats(this, statPrefix);
  }

  /** A counter of the PostgreSQL filters with that {@code stat_prefix}. */
  public Counter postgres(String statPrefix, String name) {
    return counter(StatName.Group.postgres(statPrefix).name(name));
  }

  /** TLS of services with the PostgreSQL filters with that {@code stat_prefix}. */
  public TlsStats postgresTls(String statPrefix) {
    return new TlsStats(new Names(this, StatName.Group.postgres(statPrefix)));
  }

  /**
   * The statistics of a listener.
   *
   * @param address as bound, {@code 127.0.0.1:8080} or {@code [::1]:8080}
   */
  public ListenerStats listener(String address) {
    return new ListenerStats(this, address);
  }

  /** The statistics of listener filters. */
  public InspectorStats inspectors() {
    return new InspectorStats(this);
  }

  /** The statistics of the clusters that a control plane sends. */
  public DiscoveryStats clusterDiscovery() {
    return new DiscoveryStats(new Names(this, StatName.Group.PROCESS, "cluster_manager.cds."));
  }

  /** The statistics of the listeners that a control plane sends. */
  public DiscoveryStats listenerDiscovery() {
    return new DiscoveryStats(new Names(this, StatName.Group.PROCESS, "listener_manager.lds."));
  }

  /** The statistics of the endpoints that a control plane sends for a cluster. */
  public DiscoveryStats endpointDiscovery(String cluster) {
    return new DiscoveryStats(new Names(this, StatName.Group.cluster(cluster)));
  }

  /**
   * The statistics of a route table that a control plane sends.
   *
   * @param statPrefix of the connection manager that asks for it
   */
  public DiscoveryStats routeDiscovery(String statPrefix, String table) {
    return new DiscoveryStats(new Names(this, StatName.Group.routes(statPrefix, table)));
  }

  /** The statistics of a secret that a control plane sends. */
  public DiscoveryStats secretDiscovery(String secret) {
    return new DiscoveryStats(new Names(this, StatName.Group.secret(secret)));
  }

  /** The statistics of a filter that a control plane sends. */
  public DiscoveryStats extensionDiscovery(String extension) {
    return new DiscoveryStats(new Names(this, StatName.Group.extension(extension)));
  }

  /** A counter of a filter that a control plane sends, such as {@code config_reload}. */
  public Counter extensionCounter(String extension, String name) {
    return counter(StatName.Group.extension(extension).name(name));
  }

  /** A counter of what a control plane says of a type of resources, in gRPC's names (A78). */
  public Counter xdsCounter(String server, String type, String name) {
    return counter(StatName.Group.xdsClient(server, type).name(name));
  }

  /** A gauge, likewise; without a type, of the server alone. */
  public Gauge xdsGauge(String server, String type, String name) {
    return gauge(StatName.Group.xdsClient(server, type).name(name));
  }

  /** A counter of the process, such as {@code access_log.dropped}. */
  public Counter counter(String name) {
    return counter(known(name));
  }

  /** A gauge of the process, such as {@code cluster_manager.active_clusters}. */
  public Gauge gauge(String name) {
    return gauge(known(name));
  }

  /**
   * A gauge of the process that is read when somebody looks; the first source given for a name
   * stays.
   */
  public void gauge(String name, LongSupplier source) {
    resolve(StatName.plain(name), Stat.Computed.class, term -> new Stat.Computed(term, source));
  }

  /** The name of a statistic that is there, whatever its group; else one of the process. */
  private StatName known(String dotted) {
    for (int dot = dotted.lastIndexOf('.'); dot > 0; dot = dotted.lastIndexOf('.', dot - 1)) {
      Shelf group = groups.get(dotted.substring(0, dot + 1));
      StatName found = group == null ? null : group.find(dotted.substring(dot + 1));
      if (found != null) {
        return found;
      }
    }
    return StatName.plain(dotted);
  }

  Counter counter(StatName name) {
    return resolve(name, Counter.class, Counter::new);
  }

  Gauge gauge(StatName name) {
    return resolve(name, Gauge.class, Gauge::new);
  }

  Histogram histogram(StatName name) {
    return resolve(name, Histogram.class, Histogram::new);
  }

  private <S extends Stat> S resolve(
      StatName name, Class<S> type, Function<StatName.Term, S> create) {
    Stat stat =
        groups
            .computeIfAbsent(name.group().prefix(), _ -> new Shelf(name.group()))
            .resolve(name.term(), create);
    if (!type.isInstance(stat)) {
      throw new IllegalStateException(
          name.dotted()
              + ": "
              + type.getSimpleName()
              + " (expected: "
              + stat.getClass().getSimpleName()
              + ")");
    }
    return type.cast(stat);
  }

  /** In order of the dotted names. */
  List<Stat.Named> all() {
    List<Stat.Named> all = new ArrayList<>();
    groups.values().forEach(group -> group.addTo(all));
    // Nearly in order already: of two groups the prefix of one may be the beginning of the other's.
    all.sort(Comparator.comparing(Stat.Named::dotted));
    return all;
  }

  PrometheusMeterRegistry registry() {
    return meters;
  }

  /** Closes the meters; the handles stay usable. */
  public void close() {
    meters.close();
  }
}
