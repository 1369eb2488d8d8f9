package io.handfast.proxy.listener;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.ListenerManagerStats;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the listeners of the current snapshot. Thread-safe for reading. {@link #start} is called
 * once, by the thread that starts the process, which may wait; {@link #update} belongs to the main
 * loop.
 *
 * <pre>
 *   new                          bound
 *   as it was                    stays; its next requests see the new snapshot
 *   changed, at its address      keeps its socket; its connections finish and close
 *   changed, elsewhere           bound there, then the old one is given up as if it were gone
 *   gone                         accepts no more; its connections finish and close
 * </pre>
 */
public final class ListenerManager {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerManager.class);

  private static final InetAddress EVERY_V4 = InetAddress.ofLiteral("0.0.0.0");
  private static final InetAddress EVERY_V6 = InetAddress.ofLiteral("::");

  private final EventLoops loops;
  private final Stats stats;
  private final ListenerManagerStats events;
  private final OverloadState overload;
  private final Duration drainTime;
  private final TlsContexts tls;
  private final FilterChainFactory factory;
  private final List<ActiveListener> active = new CopyOnWriteArrayList<>();
  private final List<ActiveListener> retired = new CopyOnWriteArrayList<>();
  private final AtomicLong connectionIds = new AtomicLong();

  /** Those of the newest snapshot, by name. Only on the main loop. */
  private Map<String, ListenerConfig> wanted = Map.of();

  /** Names of those whose sockets are being opened. Only on the main loop. */
  private final Set<String> binding = new HashSet<>();

  /** Of those that are gone, how many have sockets that are not closed yet. On the main loop. */
  private int closing;

  /** How many of those have closed theirs so far. On the main loop. */
  private long closings;

  /** Names of those that could not be bound: again when an address is free. On the main loop. */
  private final Set<String> unbound = new HashSet<>();

  /** To be bound when there are none such: one of them may have their address. On the main loop. */
  private final List<ActiveListener> next = new ArrayList<>();

  /** To be told when no socket is being opened. Only on the main loop. */
  private final List<Runnable> awaiting = new ArrayList<>();

  private volatile Map<SocketAddress, ActiveListener> byAddress = Map.of();
  private volatile boolean draining;

  /**
   * @param overload asked with each connection
   * @param drainTime how long connections of a listener that changes or goes may take to finish
   * @param tls contexts of the snapshots that are started, loaded
   * @param factory makes what runs on a listener's connections
   */
  public ListenerManager(
      EventLoops loops,
      Stats stats,
      OverloadState overload,
      TlsContexts tls,
      Duration drainTime,
      FilterChainFactory factory) {
    this.loops = loops;
    this.stats = stats;
    this.events = new ListenerManagerStats(stats);
    this.overload = overload;
    this.tls = tls;
    this.drainTime = drainTime;
    this.factory = factory;
    stats.gauge("listener_manager.total_listeners_active", active::size);
    stats.gauge("listener_manager.total_listeners_draining", () -> count(retired));
    stats.gauge("listener_manager.workers_started", () -> active.isEmpty() ? 0 : 1);
    stats.gauge("server.total_connections", this::connections);
  }

  /** Of those that are gone, the ones that still have connections. */
  private static long count(List<ActiveListener> listeners) {
    return listeners.stream().filter(listener -> listener.connections() > 0).count();
  }

  /**
   * Binds every listener of the snapshot, or none.
   *
   * @throws IOException with a sentence that names the listener and its address
   */
  public void start(ConfigSnapshot snapshot) throws IOException {
    List<ActiveListener> started = new ArrayList<>();
    for (ListenerConfig config : snapshot.listeners()) {
      ActiveListener listener = listener(config);
      if (!config.bindToPort()) {
        started.add(listener);
        continue;
      }
      Future<Void> bound = listener.bind().awaitUninterruptibly();
      if (!bound.isSuccess()) {
        events.createFailure.inc();
        started.forEach(ActiveListener::close);
        throw new IOException(bound.cause().getMessage(), bound.cause());
      }
      started.add(listener);
    }
    active.addAll(started);
    events.added.add(started.size());
    events.createSuccess.add(started.size());
    index();
  }

  /** Listeners by address, for connections that one hands to another. */
  private void index() {
    Map<SocketAddress, ActiveListener> now = new HashMap<>();
    active.forEach(listener -> listener.addresses().forEach(address -> now.put(address, listener)));
    byAddress = now;
  }

  /** The listener of that address; else the one of its port and every address of its family. */
  private @Nullable ActiveListener findByAddress(InetSocketAddress address) {
    Map<SocketAddress, ActiveListener> now = byAddress;
    ActiveListener exact = now.get(address);
    InetAddress every = address.getAddress() instanceof Inet6Address ? EVERY_V6 : EVERY_V4;
    return exact != null ? exact : now.get(new InetSocketAddress(every, address.getPort()));
  }

  /**
   * Makes the listeners those of the snapshot; does not wait for sockets. A listener that cannot be
   * bound, at all of its addresses, is logged, and the one of its name that was there before stays;
   * the next snapshot is the next attempt.
   */
  public void update(ConfigSnapshot snapshot) {
    loops.main().checkInLoop();
    if (draining) {
      LOG.info("listeners are being drained: version={} is not applied", snapshot.version());
      return;
    }
    wanted =
        snapshot.listeners().stream()
            .collect(Collectors.toMap(ListenerConfig::name, Function.identity()));
    unbound.retainAll(wanted.keySet());
    for (ActiveListener listener : active) {
      if (!wanted.containsKey(listener.config().name())) {
        events.removed.inc();
        retire(listener);
      }
    }
    snapshot.listeners().forEach(this::update);
    index();
  }

  private void update(ListenerConfig config) {
    if (binding.contains(config.name())) {
      return; // what is wanted is looked at when that is over
    }
    try {
      update(config, find(config.name()));
    } catch (UncheckedIOException e) {
      LOG.error("not updated: {}", e.getMessage());
    } catch (RuntimeException e) { // the others are not to suffer for it
      LOG.error("not updated after a bug: listener={}", config.name(), e);
    }
  }

  private void update(ListenerConfig config, Optional<ActiveListener> running) {
    if (running.isEmpty()) {
      bind(listener(config));
      return;
    }
    ActiveListener known = running.get();
    if (known.config().source().equals(config.source())) {
      known.refresh(config);
    } else if (known.config().allAddresses().equals(config.allAddresses())
        && known.config().bindToPort() == config.bindToPort()) {
      events.modified.inc();
      known.replace(config, equipment(config), drainTime);
      LOG.info("listener changed: listener={}", config.name());
    } else {
      bind(listener(config));
    }
  }

  private void bind(ActiveListener listener) {
    if (!listener.config().bindToPort()) {
      added(listener);
      return;
    }
    binding.add(listener.config().name());
    if (closing == 0) {
      open(listener);
    } else {
      next.add(listener);
    }
  }

  private void open(ActiveListener listener) {
    long freed = closings;
    listener.bind().addListener((FutureListener<Void>) bound -> settle(listener, bound, freed));
  }

  private void closed() {
    closings++;
    closing--;
    if (closing == 0) {
      List<ActiveListener> waiting = List.copyOf(next);
      next.clear();
      waiting.forEach(this::open);
      Set<String> again = Set.copyOf(unbound);
      unbound.clear();
      again.forEach(this::tryAgain);
    }
  }

  /** An address is free that it may have waited for. */
  private void tryAgain(String name) {
    ListenerConfig now = wanted.get(name);
    if (now != null && !draining) {
      update(now);
    }
  }

  /** Runs it when every socket of the newest snapshot is open, or cannot be; perhaps at once. */
  public void whenBound(Runnable then) {
    loops.main().checkInLoop();
    awaiting.add(then);
    tellIfBound();
  }

  private void tellIfBound() {
    if (binding.isEmpty()) {
      List<Runnable> told = List.copyOf(awaiting);
      awaiting.clear();
      told.forEach(Runnable::run);
    }
  }

  /** A listener is bound, or cannot be; meanwhile it may have changed, or gone. */
  private void settle(ActiveListener listener, Future<Void> bound, long freed) {
    ListenerConfig made = listener.config();
    binding.remove(made.name());
    ListenerConfig now = wanted.get(made.name());
    if (!bound.isSuccess()) {
      events.createFailure.inc();
      LOG.error("{}", bound.cause().getMessage());
      if (now != null && (freed != closings || !now.source().equals(made.source()))) {
        tryAgain(made.name());
      } else if (now != null) {
        unbound.add(made.name());
      }
    } else if (now == null || draining) {
      listener.close();
    } else {
      added(listener);
      LOG.info("listening: listener={} address={}", made.name(), listener.boundAddresses());
      update(now);
    }
    index();
    tellIfBound();
  }

  /** In the place of the one of its name that was there before. */
  private void added(ActiveListener listener) {
    Optional<ActiveListener> before = find(listener.config().name());
    before.ifPresent(this::retire);
    active.add(listener);
    events.createSuccess.inc();
    (before.isPresent() ? events.modified : events.added).inc();
  }

  private void retire(ActiveListener listener) {
    LOG.info("listener goes: listener={}", listener.config().name());
    active.remove(listener);
    retired.removeIf(gone -> gone.connections() == 0);
    retired.add(listener);
    listener.retire(drainTime);
    closing++;
    listener.closed().addListener(_ -> closed());
  }

  private ActiveListener listener(ListenerConfig config) {
    return new ActiveListener(
        config,
        equipment(config),
        loops,
        stats.listener(config.address().toString().replace(':', '_')),
        stats.inspectors(),
        overload,
        connectionIds,
        this::findByAddress);
  }

  private Equipment equipment(ListenerConfig config) {
    return new Equipment(
        config.allFilterChains().map(chain -> chain(chain, factory.create(config, chain))).toList(),
        factory.accessLogs(config));
  }

  private ActiveChain chain(FilterChainConfig config, NetworkFilterChain filters) {
    boolean halfCloses = filters.terminal().halfCloses();
    return new ActiveChain(config, filters, halfCloses ? tls::halfClosing : tls::of);
  }

  /** The listeners that are bound. */
  public List<ActiveListener> listeners() {
    return List.copyOf(active);
  }

  /** What listeners were that have gone or changed, and still have connections. */
  public List<ListenerConfig> outgoing() {
    return Stream.concat(
            retired.stream()
                .filter(listener -> listener.connections() > 0)
                .map(ActiveListener::config),
            Stream.concat(active.stream(), retired.stream())
                .flatMap(listener -> listener.outgoing().stream()))
        .toList();
  }

  /** The listener of that name. */
  public Optional<ActiveListener> find(String name) {
    return active.stream().filter(listener -> listener.config().name().equals(name)).findFirst();
  }

  /** How many connections there are. */
  public int connections() {
    return connections(listener -> true);
  }

  /** How many connections those listeners have. */
  public int connections(Predicate<ListenerConfig> which) {
    return Stream.concat(active.stream(), retired.stream())
        .filter(listener -> which.test(listener.config()))
        .mapToInt(ActiveListener::connections)
        .sum();
  }

  /** Lets connections of those listeners finish and accepts no more; again, it does nothing. */
  public void drain(Predicate<ListenerConfig> which) {
    draining = true;
    for (ActiveListener listener : active) {
      if (which.test(listener.config())) {
        listener.drain();
      }
    }
  }

  /** Closes sockets and connections at once. */
  public void close() {
    draining = true;
    active.forEach(ActiveListener::close);
    active.clear();
    retired.forEach(ActiveListener::close);
    retired.clear();
  }
}
