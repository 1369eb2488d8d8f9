package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.EndpointHealth.Availability;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.HostStats;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as it runs: its endpoints, statistics and circuit breakers, shared by all event loops.
 * Thread-safe: the endpoints are one reference to an immutable set, the rest is counters.
 */
public final class Cluster {
  private volatile ClusterConfig config;
  private final ClusterStats stats;
  private final @Nullable OnDemandHosts onDemand;
  private final CircuitBreaker defaultBreaker;
  private final CircuitBreaker highBreaker;
  private volatile HostSet hosts = HostSet.EMPTY;

  Cluster(ClusterConfig config, ClusterStats stats) {
    this.config = config;
    this.stats = stats;
    this.onDemand =
        config.type() == ClusterConfig.DiscoveryType.ORIGINAL_DST ? new OnDemandHosts(this) : null;
    defaultBreaker = new CircuitBreaker(config.circuitBreakers().ofDefault(), stats.defaultBreaker);
    highBreaker = new CircuitBreaker(config.circuitBreakers().ofHigh(), stats.highBreaker);
  }

  /** What it was configured to be. */
  public ClusterConfig config() {
    return config;
  }

  /**
   * Whether it can go on by that configuration: nothing but its place, its endpoints, if these are
   * addresses, and what its secrets are is different.
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  boolean canBecome(ClusterConfig next) {
    ClusterConfig now = config;
    if (now == next) {
      return true;
    }
    ClusterConfig moved = withSecretsOf(now.at(next.index()), next);
    return moved.equals(next)
        || (next.type() == ClusterConfig.DiscoveryType.STATIC
            && moved.withEndpointsOf(next).equals(next));
  }

  private static ClusterConfig withSecretsOf(ClusterConfig now, ClusterConfig next) {
    if (now.tls().isEmpty() || next.tls().isEmpty()) {
      return now;
    }
    Optional<Object> source = now.tls().get().common().source();
    TlsConfig.Upstream other = next.tls().get();
    return source.isPresent() && source.equals(other.common().source())
        ? now.with(now.tls().get().with(other.common()))
        : now;
  }

  void reconfigure(ClusterConfig next) {
    config = next;
  }

  /** What is counted about it. */
  public ClusterStats stats() {
    return stats;
  }

  /** What is counted about one of its endpoints, on all event loops. */
  public HostStats stats(Host host) {
    if (onDemand != null) {
      return onDemand.stats(host);
    }
    for (HostSet.Member member : hosts.members()) {
      if (member.host().equals(host)) {
        return member.stats();
      }
    }
    return new HostStats(); // it has gone meanwhile, and nobody is shown what it counts
  }

  /** Its endpoints as they are known now. */
  public HostSet hosts() {
    return hosts;
  }

  /** Whether its endpoints are what {@link #onDemand} is asked for. */
  public boolean isOnDemand() {
    return onDemand != null;
  }

  /**
   * The endpoint of a connection or request that wants to go to that address.
   *
   * @param destination null: nobody knows where
   * @return null if there is none
   */
  public @Nullable Host onDemand(@Nullable InetSocketAddress destination) {
    return onDemand == null || destination == null ? null : onDemand.use(destination);
  }

  /** Where a connection goes that was made to that address. */
  public InetSocketAddress redirected(InetSocketAddress destination) {
    return config.loadBalancing().policy() instanceof Policy.OriginalDestination policy
        ? policy.at(destination)
        : destination;
  }

  @Nullable OnDemandHosts onDemandHosts() {
    return onDemand;
  }

  /** Replaces the endpoints if they differ; by one thread at a time. */
  void update(List<HostSet.Member> now) {
    if (!now.equals(hosts.members())) {
      hosts = new HostSet(now, hosts.version() + 1);
      stats.membershipChange.inc();
      stats.membershipTotal.set(now.size());
      stats.membershipHealthy.set(count(now, Availability.HEALTHY));
      stats.membershipDegraded.set(count(now, Availability.DEGRADED));
    }
  }

  private static long count(List<HostSet.Member> members, Availability availability) {
    return members.stream()
        .filter(member -> member.health().availability() == availability)
        .count();
  }

  /** What bounds the requests of that priority, their connections and retries. */
  public CircuitBreaker breaker(RoutingPriority priority) {
    return switch (priority) {
      case DEFAULT -> defaultBreaker;
      case HIGH -> highBreaker;
    };
  }

  /** It is a cluster no longer; what is in flight goes on. */
  void close() {
    defaultBreaker.close();
    highBreaker.close();
  }

  @Override
  public String toString() {
    return config.name();
  }
}
