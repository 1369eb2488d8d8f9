package io.handfast.proxy.listener;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Runs the listeners of a snapshot. Thread-safe for reading; {@link #start} is called once, by the
 * thread that starts the process, which may wait.
 */
public final class ListenerManager {
  private final EventLoops loops;
  private final Stats stats;
  private final BiFunction<ConfigSnapshot, ListenerConfig, ConnectionManager> http;
  private final List<ActiveListener> active = new CopyOnWriteArrayList<>();
  private final AtomicLong connectionIds = new AtomicLong();

  /**
   * @param http makes what runs on a listener's connections
   */
  public ListenerManager(
      EventLoops loops,
      Stats stats,
      BiFunction<ConfigSnapshot, ListenerConfig, ConnectionManager> http) {
    this.loops = loops;
    this.stats = stats;
    this.http = http;
  }

  /**
   * Binds every listener of the snapshot, or none.
   *
   * @throws IOException with a sentence that names the listener and its address
   */
  public void start(ConfigSnapshot snapshot) throws IOException {
    List<ActiveListener> started = new ArrayList<>();
    for (ListenerConfig config : snapshot.listeners()) {
      ActiveListener listener =
          new ActiveListener(
              config,
              http.apply(snapshot, config),
              loops,
              stats.listener(config.address().toString().replace(':', '_')),
              connectionIds);
      ChannelFuture bound = listener.bind().awaitUninterruptibly();
      if (!bound.isSuccess()) {
        started.forEach(ActiveListener::close);
        throw new IOException(
            "listener %s: cannot listen on %s: %s (expected: a free address of this host)"
                .formatted(config.name(), config.address(), bound.cause().getMessage()),
            bound.cause());
      }
      started.add(listener);
    }
    active.addAll(started);
  }

  /** The listeners that are bound. */
  public List<ActiveListener> listeners() {
    return List.copyOf(active);
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
    return active.stream()
        .filter(listener -> which.test(listener.config()))
        .mapToInt(ActiveListener::connections)
        .sum();
  }

  /** Lets connections of those listeners finish and accepts no more; again, it does nothing. */
  public void drain(Predicate<ListenerConfig> which) {
    for (ActiveListener listener : active) {
      if (which.test(listener.config())) {
        listener.drain();
      }
    }
  }

  /** Closes sockets and connections at once. */
  public void close() {
    active.forEach(ActiveListener::close);
    active.clear();
  }
}
