package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.LoadBalancing.Policy;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.proxy.stats.HostStats;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the endpoints of one cluster up to date: literals once, names every refresh. A name that
 * cannot be resolved keeps the addresses that it had. Confined to the main dispatcher.
 */
final class Membership {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  private final Cluster cluster;
  private final NameResolver resolver;
  private final Dispatcher main;
  private final Runnable warm;

  // By the place of an endpoint; of addresses nothing is kept once they are published.
  private final ArrayList<Endpoint> endpoints = new ArrayList<>();
  private final ArrayList<LocalityEndpoints> localities = new ArrayList<>();
  private final ArrayList<List<Host>> known = new ArrayList<>();
  private int answersDue;
  private boolean warmed;
  private boolean stopped;
  private Dispatcher.Timer refresh = Dispatcher.Timer.NONE;

  /**
   * @param warm run once, when every endpoint has been asked for once
   */
  Membership(Cluster cluster, NameResolver resolver, Dispatcher main, Runnable warm) {
    this.cluster = cluster;
    this.resolver = resolver;
    this.main = main;
    this.warm = warm;
    read();
  }

  private void read() {
    for (LocalityEndpoints locality : cluster.config().localities()) {
      for (Endpoint endpoint : locality.endpoints()) {
        endpoints.add(endpoint);
        localities.add(locality);
      }
    }
  }

  void start() {
    OnDemandHosts onDemand = cluster.onDemandHosts();
    if (onDemand != null
        && cluster.config().loadBalancing().policy() instanceof Policy.OriginalDestination policy) {
      onDemand.start(main);
      cleanUpLater(onDemand, policy.cleanupInterval());
      warmed = true;
      warm.run();
      return;
    }
    for (Endpoint endpoint : endpoints) {
      known.add(literal(endpoint));
    }
    if (cluster.config().type() == ClusterConfig.DiscoveryType.STATIC || endpoints.isEmpty()) {
      publish();
    } else {
      resolveAll();
    }
  }

  /** The endpoints of the configuration are others, and are addresses. */
  void restart() {
    forget();
    read();
    endpoints.forEach(endpoint -> known.add(literal(endpoint)));
    publish();
  }

  private void cleanUpLater(OnDemandHosts hosts, Duration interval) {
    refresh =
        main.schedule(
            interval,
            () -> {
              if (!stopped) {
                hosts.cleanUp();
                cleanUpLater(hosts, interval);
              }
            });
  }

  void stop() {
    stopped = true;
    OnDemandHosts onDemand = cluster.onDemandHosts();
    if (onDemand != null) {
      onDemand.stop();
    }
    refresh.cancel();
  }

  private void resolveAll() {
    answersDue = endpoints.size();
    for (int i = 0; i < endpoints.size(); i++) {
      resolve(i, endpoints.get(i));
    }
  }

  private void resolve(int index, Endpoint endpoint) {
    if (!(endpoint.address() instanceof NetworkAddress.Tcp named)) {
      throw new IllegalStateException("a Unix socket has no name to resolve");
    }
    cluster.stats().updateAttempt.inc();
    resolver.resolve(
        named.host(),
        cluster.config().dns().lookupFamily(),
        new NameResolver.Callback() {
          @Override
          public void onAddresses(List<InetAddress> addresses) {
            List<Host> hosts =
                addresses.stream()
                    .map(address -> new InetSocketAddress(address, named.port()))
                    .map(address -> host(address, endpoint))
                    .toList();
            main.execute(() -> answered(index, hosts));
          }

          @Override
          public void onFailure(String reason) {
            LOG.warn("cluster={} name={} not resolved: {}", cluster, named.host(), reason);
            main.execute(() -> answered(index, null));
          }
        });
  }

  private void answered(int index, @Nullable List<Host> hosts) {
    if (stopped) {
      return;
    }
    if (hosts == null) {
      cluster.stats().updateFailure.inc();
    } else {
      cluster.stats().updateSuccess.inc();
      boolean one = cluster.config().type() == ClusterConfig.DiscoveryType.LOGICAL_DNS;
      known.set(
          index,
          one
              ? LogicalHost.of(known.get(index), hosts, cluster.config().dns().lookupFamily())
              : hosts);
    }
    answersDue--;
    if (answersDue == 0) {
      publish();
      refresh = main.schedule(cluster.config().dns().refreshRate(), this::resolveAll);
    }
  }

  /** Of two names with the same host the first counts. */
  private void publish() {
    Map<Host, HostStats> counted = new HashMap<>();
    cluster.hosts().members().forEach(member -> counted.put(member.host(), member.stats()));
    Map<Host, HostSet.Member> members = new LinkedHashMap<>();
    for (int i = 0; i < endpoints.size(); i++) {
      for (Host host : known.get(i)) {
        if (!members.containsKey(host)) {
          HostStats before = counted.get(host);
          HostStats stats = before == null ? new HostStats() : before;
          members.put(host, member(host, stats, endpoints.get(i), localities.get(i)));
        }
      }
    }
    cluster.update(List.copyOf(members.values()));
    if (cluster.config().type() == ClusterConfig.DiscoveryType.STATIC) {
      forget();
    }
    if (!warmed) {
      warmed = true;
      warm.run();
    }
  }

  private void forget() {
    for (ArrayList<?> list : List.of(endpoints, localities, known)) {
      list.clear();
      list.trimToSize();
    }
  }

  private static HostSet.Member member(
      Host host, HostStats stats, Endpoint endpoint, LocalityEndpoints locality) {
    return new HostSet.Member(
        host,
        stats,
        locality.priority(),
        endpoint.weight(),
        endpoint.health(),
        locality.locality(),
        locality.weight());
  }

  private static List<Host> literal(Endpoint endpoint) {
    SocketAddress address = literal(endpoint.address());
    if (address == null) {
      return List.of();
    }
    List<SocketAddress> others = new ArrayList<>();
    for (NetworkAddress additional : endpoint.additional()) {
      SocketAddress other = literal(additional);
      if (other != null) {
        others.add(other);
      }
    }
    return List.of(new Host(address, name(endpoint), others));
  }

  private static @Nullable SocketAddress literal(NetworkAddress address) {
    return switch (address) {
      case NetworkAddress.Tcp tcp -> {
        InetAddress known = NetUtil.createInetAddressFromIpAddressString(tcp.host());
        yield known == null ? null : new InetSocketAddress(known, tcp.port());
      }
      case NetworkAddress.Pipe pipe -> UnixSockets.address(pipe.path());
    };
  }

  private static Host host(InetSocketAddress address, Endpoint endpoint) {
    return new Host(address, name(endpoint));
  }

  private static String name(Endpoint endpoint) {
    return endpoint.hostname().isEmpty() ? endpoint.address().toString() : endpoint.hostname();
  }
}
