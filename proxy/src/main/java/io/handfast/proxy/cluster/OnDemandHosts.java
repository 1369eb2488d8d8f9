package io.handfast.proxy.cluster;

import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.HostStats;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of an {@code ORIGINAL_DST} cluster: whatever addresses its clients connected to.
 * One that was not used for a while, and has no connections, is forgotten. Thread-safe; {@link
 * #start}, {@link #stop} and {@link #cleanUp} belong to the main dispatcher.
 */
final class OnDemandHosts {
  /** Of one cluster: who asks for more at once gets none. Each costs some 300 bytes. */
  static final int MAX_HOSTS = 1 << 16;

  private static final int HIGHEST = 0;
  private static final int WEIGHT = 1;

  private final Map<InetSocketAddress, Entry> hosts = new ConcurrentHashMap<>();
  private final AtomicBoolean publishing = new AtomicBoolean();
  private final Cluster cluster;
  private volatile @Nullable Dispatcher main;

  private static final class Entry {
    final Host host;
    final HostStats stats = new HostStats();
    volatile boolean used = true;

    Entry(InetSocketAddress address) {
      host = new Host(address, address.getAddress().getHostAddress());
    }
  }

  OnDemandHosts(Cluster cluster) {
    this.cluster = cluster;
  }

  /** From now on the cluster is told of its endpoints. */
  void start(Dispatcher on) {
    main = on;
    publish();
  }

  void stop() {
    main = null;
  }

  /** The endpoint of that address; null if there are too many others. */
  @Nullable Host use(InetSocketAddress address) {
    Entry known = hosts.get(address);
    if (known == null) {
      if (hosts.size() >= MAX_HOSTS) {
        return null;
      }
      known = hosts.computeIfAbsent(address, Entry::new);
      Dispatcher told = main;
      if (told != null && publishing.compareAndSet(false, true)) {
        told.execute(this::publish);
      }
    }
    known.used = true;
    return known.host;
  }

  /** What is counted about an endpoint. */
  HostStats stats(Host host) {
    Entry known = hosts.get(host.address());
    return known == null ? new HostStats() : known.stats;
  }

  private void publish() {
    publishing.set(false);
    List<HostSet.Member> members =
        hosts.values().stream()
            .map(entry ->
                new HostSet.Member(
                    entry.host, entry.stats, HIGHEST, WEIGHT, EndpointHealth.UNKNOWN))
            .toList();
    cluster.update(members);
  }

  /** Forgets what was not used since the last time. */
  void cleanUp() {
    boolean gone = hosts.values().removeIf(entry -> !entry.used && !entry.stats.isActive());
    hosts.values().forEach(entry -> entry.used = false);
    if (gone) {
      publish();
    }
  }
}
