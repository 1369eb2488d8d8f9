package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.runtime.NettyDispatcher;
import io.handfast.proxy.runtime.UnixSockets;
import io.handfast.proxy.stats.InspectorStats;
import io.handfast.proxy.stats.ListenerStats;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseCombiner;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
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
  private volatile List<ListenSockets> sockets = List.of();

  /**
   * @param equipment made of it
   * @param byAddress the listener of an address, to hand connections to
   */
  ActiveListener(
      ListenerConfig config,
      Equipment equipment,
      EventLoops loops,
      ListenerStats stats,
      InspectorStats found,
      OverloadState overload,
      AtomicLong connectionIds,
      Function<InetSocketAddress, @Nullable ActiveListener> byAddress) {
    this.current = new Generation(config, equipment);
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

  /**
   * The addresses that it is bound to, the one of {@code address} first; none before and after, and
   * for one that is not bound.
   */
  public List<SocketAddress> boundAddresses() {
    return sockets.stream().map(ListenSockets::address).filter(Objects::nonNull).toList();
  }

  /** The addresses that it is for: where it is bound, or as configured if nobody binds it. */
  List<SocketAddress> addresses() {
    List<SocketAddress> bound = boundAddresses();
    return bound.isEmpty()
        ? config().allAddresses().stream().map(ActiveListener::asConfigured).toList()
        : bound;
  }

  private static SocketAddress asConfigured(NetworkAddress address) {
    return switch (address) {
      case NetworkAddress.Tcp tcp ->
          new InetSocketAddress(InetAddress.ofLiteral(tcp.host()), tcp.port());
      case NetworkAddress.Pipe pipe -> UnixSockets.address(pipe.path());
    };
  }

  /** How many connections it has. */
  public int connections() {
    return current.connections() + outgoing.stream().mapToInt(Generation::connections).sum();
  }

  /** Binds everything, or nothing; told on the main loop. */
  Future<Void> bind() {
    Promise<Void> bound = loops.main().eventLoop().newPromise();
    sockets =
        config().allAddresses().stream()
            .map(address -> new ListenSockets(loops, config(), address, this::accept))
            .toList();
    bind(0, bound);
    return bound;
  }

  private void bind(int index, Promise<Void> bound) {
    if (index == sockets.size()) {
      bound.trySuccess(null);
      return;
    }
    ListenSockets next = sockets.get(index);
    next.bind()
        .addListener(
            (FutureListener<Void>)
                done -> {
                  if (done.isSuccess()) {
                    bind(index + 1, bound);
                  } else {
                    stopAccepting();
                    bound.tryFailure(
                        new CannotListenException(config(), next.configured(), done.cause()));
                  }
                });
  }

  private void accept(Channel channel) {
    if (!admits(channel)) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0); // nothing of it is left behind
      channel.close();
      return;
    }
    NettyDispatcher loop = loops.of(channel.eventLoop());
    Findings findings =
        new Findings(
            UnixSockets.local(channel),
            UnixSockets.remote(channel),
            loop.currentTimeMillis(),
            loop.nanoTime());
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
            boundAddresses(),
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
    generation.watch(channel, inspection, loop);
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

  /** What connections that are yet to finish were made with, if it is no longer {@link #config}. */
  List<ListenerConfig> outgoing() {
    return outgoing.stream().filter(old -> old.connections() > 0).map(Generation::config).toList();
  }

  /** The configuration is the same, what it refers to is not: the next requests see it. */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  void refresh(ListenerConfig now) {
    if (now != current.config()) {
      current.refresh(now);
    }
  }

  /**
   * New connections are what the configuration says, those that are there finish what is in flight;
   * after the time given they are closed.
   */
  void replace(ListenerConfig config, Equipment equipment, Duration drainTime) {
    Generation old = current;
    outgoing.add(old);
    current = new Generation(config, equipment);
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
    sockets.forEach(ListenSockets::close);
  }

  /** When none of its sockets is open any more; asked and told on the main loop. */
  Future<Void> closed() {
    Promise<Void> closed = loops.main().eventLoop().newPromise();
    PromiseCombiner all = new PromiseCombiner(loops.main().eventLoop());
    sockets.forEach(each -> each.addEndsTo(all));
    all.finish(closed);
    return closed;
  }

  /** Closes everything at once. */
  void close() {
    draining = true;
    stopAccepting();
    current.close();
    outgoing.forEach(Generation::close);
  }
}
