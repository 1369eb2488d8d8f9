package io.handfast.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.network.NetworkFilterChain;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.network.TerminalFilterFactory;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.EventLoops;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Listeners of a snapshot, each for itself. */
final class ListenerManagerTest {
  private final Stats stats = new Stats();

  @Test
  void shouldTellWhenTheSocketsOfASnapshotAreOpen() throws Exception {
    // Given
    try (EventLoops loops = new EventLoops(1, () -> 0, () -> 0);
        TlsContexts tls = new TlsContexts(stats, () -> 0)) {
      ListenerManager listeners = listeners(loops, tls);
      CompletableFuture<List<String>> bound = new CompletableFuture<>();

      // When
      boolean atOnce =
          loops
              .main()
              .eventLoop()
              .submit(() -> {
                listeners.update(snapshot(listener("one"), listener("two")));
                listeners.whenBound(() ->
                    bound.complete(
                        listeners.listeners().stream().map(each -> each.config().name()).toList()));
                return bound.isDone();
              })
              .get(20, TimeUnit.SECONDS);

      // Then
      assertThat(atOnce).isFalse();
      assertThat(bound.get(20, TimeUnit.SECONDS)).containsExactlyInAnyOrder("one", "two");
      listeners.close();
    }
  }

  @Test
  void shouldBindAnAddressAgainWhenItMovesFromOneListenerToAnother() throws Exception {
    // Given
    try (EventLoops loops = new EventLoops(2, () -> 0, () -> 0);
        TlsContexts tls = new TlsContexts(stats, () -> 0)) {
      ListenerManager listeners = listeners(loops, tls);
      update(loops, listeners, listener("0"));
      int port = ((InetSocketAddress) bound(listeners, "0")).getPort();

      for (int i = 1; i < 20; i++) {
        // When
        update(loops, listeners, listener(Integer.toString(i), port));

        // Then
        assertThat(bound(listeners, Integer.toString(i)))
            .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
      listeners.close();
    }
  }

  /** Ends when the sockets are open. */
  private static void update(EventLoops loops, ListenerManager listeners, ListenerConfig only)
      throws Exception {
    CompletableFuture<Boolean> bound = new CompletableFuture<>();
    loops
        .main()
        .execute(() -> {
          listeners.update(snapshot(only));
          listeners.whenBound(() -> bound.complete(true));
        });
    bound.get(20, TimeUnit.SECONDS);
  }

  private static SocketAddress bound(ListenerManager listeners, String name) {
    return listeners.find(name).orElseThrow().boundAddresses().getFirst();
  }

  @Test
  void shouldBindTheOthersWhenOneListenerFailsByABug() throws Exception {
    // Given
    try (EventLoops loops = new EventLoops(1, () -> 0, () -> 0);
        TlsContexts tls = new TlsContexts(stats, () -> 0)) {
      ListenerManager listeners = listeners(loops, tls);

      // When
      loops
          .main()
          .eventLoop()
          .submit(() -> listeners.update(snapshot(listener("bad"), listener("good"))))
          .get(20, TimeUnit.SECONDS);

      // Then
      await().until(() -> listeners.find("good").isPresent());
      assertThat(listeners.find("bad")).isEmpty();
      listeners.close();
    }
  }

  /** Of which that of a listener named bad fails. */
  private ListenerManager listeners(EventLoops loops, TlsContexts tls) {
    return new ListenerManager(
        loops,
        stats,
        new OverloadState(),
        tls,
        Duration.ofSeconds(1),
        (listener, chain) -> {
          if (listener.name().equals("bad")) {
            throw new IllegalStateException("a bug");
          }
          return new NetworkFilterChain(List.of(), new Nobody());
        });
  }

  /** Serves connections that do not come. */
  private static final class Nobody implements TerminalFilterFactory {
    @Override
    public boolean halfCloses() {
      return false;
    }

    @Override
    public TerminalFilter create(NetworkConnection connection) {
      throw new IllegalStateException("a connection (expected: none)");
    }

    @Override
    public void refresh(NetworkFilterConfig now) {}
  }

  private static ConfigSnapshot snapshot(ListenerConfig... listeners) {
    return new ConfigSnapshot(1, AdminConfig.DEFAULTS, List.of(listeners), List.of(), List.of());
  }

  private static ListenerConfig listener(String name) {
    return listener(name, 0);
  }

  private static ListenerConfig listener(String name, int port) {
    return ListenerConfig.of(
        name,
        new NetworkAddress.Tcp("127.0.0.1", port),
        HttpConnectionManagerConfig.of(
            "test",
            new RouteTable(List.of()),
            List.of(new HttpFilterConfig("router", "router", "", false))));
  }
}
