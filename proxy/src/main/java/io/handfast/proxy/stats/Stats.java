package io.handfast.proxy.stats;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Collection;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * All statistics of one proxy. Thread-safe; a look-up is for the time of configuration, the handle
 * that it returns for the time of requests. Asking twice for one name gives one handle, so a
 * cluster that is configured anew counts on.
 *
 * <p>Bound: what is configured decides how many there are; response codes add at most 500 per
 * cluster.
 */
public final class Stats {

  private final ConcurrentSkipListMap<String, Stat> byName = new ConcurrentSkipListMap<>();
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /** Where meters go that Envoy has no name for: transactions, JVM, process. */
  public MeterRegistry meters() {
    return meters;
  }

  /** The statistics of a cluster. */
  public ClusterStats cluster(String name) {
    return new ClusterStats(this, name);
  }

  /** The statistics of the connection managers with that prefix. */
  public HttpStats http(String statPrefix) {
    return new HttpStats(this, statPrefix);
  }

  /** The statistics of the TCP proxies with that {@code stat_prefix}. */
  public TcpStats tcp(String statPrefix) {
    return new TcpStats(this, statPrefix);
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
    return new DiscoveryStats(this, name -> StatName.plain("cluster_manager.cds." + name));
  }

  /** The statistics of the listeners that a control plane sends. */
  public DiscoveryStats listenerDiscovery() {
    return new DiscoveryStats(this, name -> StatName.plain("listener_manager.lds." + name));
  }

  /** The statistics of the endpoints that a control plane sends for a cluster. */
  public DiscoveryStats endpointDiscovery(String cluster) {
    return new DiscoveryStats(this, name -> StatName.cluster(cluster, name));
  }

  /**
   * The statistics of a route table that a control plane sends.
   *
   * @param statPrefix of the connection manager that asks for it
   */
  public DiscoveryStats routeDiscovery(String statPrefix, String table) {
    return new DiscoveryStats(this, name -> StatName.routes(statPrefix, table, name));
  }

  /** The statistics of a secret that a control plane sends. */
  public DiscoveryStats secretDiscovery(String secret) {
    return new DiscoveryStats(this, name -> StatName.secret(secret, name));
  }

  /** A counter of the process, such as {@code access_log.dropped}. */
  public Counter counter(String name) {
    return counter(StatName.plain(name));
  }

  /** A gauge of the process, such as {@code cluster_manager.active_clusters}. */
  public Gauge gauge(String name) {
    return gauge(StatName.plain(name));
  }

  /**
   * A gauge of the process that is read when somebody looks; the first source given for a name
   * stays.
   */
  public void gauge(String name, LongSupplier source) {
    resolve(
        StatName.plain(name), ComputedGauge.class, statName -> new ComputedGauge(statName, source));
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

  private <S extends Stat> S resolve(StatName name, Class<S> type, Function<StatName, S> create) {
    Stat stat = byName.computeIfAbsent(name.dotted(), dotted -> create.apply(name));
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
  Collection<Stat> all() {
    return byName.values();
  }

  PrometheusMeterRegistry registry() {
    return meters;
  }

  /** Closes the meters; the handles stay usable. */
  public void close() {
    meters.close();
  }
}
