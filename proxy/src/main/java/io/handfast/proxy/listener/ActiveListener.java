package io.handfast.proxy.listener;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.stats.InspectorStats;
import io.handfast.proxy.stats.ListenerStats;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one address and the connections that came by it, those of configurations that it
 * had before included. Thread-safe: connections come and go on their own loops.
 */
public final class ActiveListener {
  private final EventLoops loops;
  private final ListenerStats stats;
  private final InspectorStats found;
  private final OverloadState overload;
  private final AtomicLong connectionIds;
  private final Function<InetSocketAddress, @Nullable ActiveListener> byAddress;
  private final Set<Generation> outgoing = ConcurrentHashMap.newKeySet();
  private volatile Generation current;
  private volatile boolean draining;
  private volatile @Nullable ListenSockets sockets;

  /**
   * @param chains of {@link ListenerConfig#allFilterChains}, in that order
   * @param byAddress the listener of an address, to hand connections to
   */
  ActiveListener(
      ListenerConfig config,
      List<ActiveChain> chains,
      EventLoops loops,
      ListenerStats stats,
      InspectorStats found,
      OverloadState overload,
      AtomicLong connectionIds,
      Function<InetSocketAddress, @Nullable ActiveListener> byAddress) {
    this.current = new Generation(config, chains);
    this.loops = loops;
    this.stats = stats;
    this.found = found;
    this.overload = overload;
    this.connectionIds = connectionIds;
    this.byAddress = byAddress;
  }

  /** What it is configured to be. */
  public ListenerConfig config() {
    return current.config();
  }

  /** The address that it is bound to; null before and after, and for one that is not bound. */
  public @Nullable InetSocketAddress boundAddress() {
    ListenSockets bound = sockets;
    return bound == null ? null : bound.address();
  }

  /** The address that it is for: where it is bound, or as configured if nobody binds it. */
  InetSocketAddress address() {
    InetSocketAddress bound = boundAddress();
    return bound != null
        ? bound
        : new InetSocketAddress(
            InetAddress.ofLiteral(config().address().host()), config().address().port());
  }

  /** How many connections it has. */
  public int connections() {
    return current.connections() + outgoing.stream().mapToInt(Generation::connections).sum();
  }

  /** Binds; told on the main loop. */
  Future<Void> bind() {
    ListenSockets binding = new ListenSockets(loops, config(), this::accept);
    sockets = binding;
    return binding.bind();
  }

  private void accept(Channel channel) {
    if (!admits(channel)) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0); // nothing of it is left behind
      channel.close();
      return;
    }
    Findings findings = new Findings(channel.localAddress(), channel.remoteAddress());
    take(channel, findings, current.config().useOriginalDst());
  }

  /**
   * Takes a connection, on its own loop.
   *
   * @param handOver whether the listener of its original destination may have it instead
   */
  private void take(Channel channel, Findings findings, boolean handOver) {
    Generation generation = current;
    ListenerConfig config = generation.config();
    int limit = config.perConnectionBufferLimitBytes();
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(limit / 2, limit));
    NettyDispatcher loop = loops.of(channel.eventLoop());
    Inspection inspection =
        new Inspection(
            channel,
            config.inspection(),
            findings,
            loop,
            stats,
            found,
            boundAddress(),
            _ -> {
              ActiveListener other = handOver ? heir(findings) : null;
              if (other != null) {
                generation.handsOver(channel);
                other.take(channel, findings, false);
                return true;
              }
              return generation.serve(
                  channel, loop, findings, stats, connectionIds.incrementAndGet());
            });
    generation.track(channel, inspection);
    inspection.start();
    if (draining || generation != current) { // accepted just before the change
      generation.drain();
    }
  }

  /** The other listener that a redirected connection was made to; null if there is none. */
  private @Nullable ActiveListener heir(Findings findings) {
    InetSocketAddress original = findings.originalDestination();
    ActiveListener other = original == null ? null : byAddress.apply(original);
    return other == this ? null : other;
  }

  private boolean admits(Channel channel) {
    if (overload.connectionsRefused()) {
      stats.cxOverloadReject.inc();
      return false;
    }
    if (!overload.takeConnection()) {
      stats.globalCxOverflow.inc();
      return false;
    }
    channel.closeFuture().addListener(_ -> overload.returnConnection());
    return true;
  }

  /** The configuration is the same, what it refers to is not: the next requests see it. */
  void refresh(ConfigSnapshot now) {
    current.refresh(now);
  }

  /**
   * New connections are what the configuration says, those that are there finish what is in flight;
   * after the time given they are closed.
   */
  void replace(ListenerConfig config, List<ActiveChain> chains, Duration drainTime) {
    Generation old = current;
    outgoing.add(old);
    current = new Generation(config, chains);
    drain(List.of(old), drainTime);
  }

  /** Accepts no more; connections finish what is in flight and close. */
  void drain() {
    draining = true;
    stopAccepting();
    current.drain();
    outgoing.forEach(Generation::drain);
  }

  /** As {@link #drain}; after the time given, the rest is closed. */
  void retire(Duration drainTime) {
    drain();
    drain(List.of(current), drainTime);
  }

  private void drain(Collection<Generation> old, Duration drainTime) {
    old.forEach(Generation::drain);
    loops
        .main()
        .schedule(
            drainTime,
            () -> {
              old.forEach(Generation::close);
              outgoing.removeAll(old);
            });
  }

  void stopAccepting() {
    ListenSockets bound = sockets;
    if (bound != null) {
      bound.close();
    }
  }

  /** Closes everything at once. */
  void close() {
    draining = true;
    stopAccepting();
    current.close();
    outgoing.forEach(Generation::close);
  }
}
