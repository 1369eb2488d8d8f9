package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.datapath.RawHttp2.Frame;
import io.handfast.proxy.leak.MemoryWatch;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** As {@link FlatMemoryTest}, with HTTP/2 on both sides and its windows. */
final class FlatMemoryHttp2Test {
  private static final long GIBIBYTE = 1L << 30;
  private static final long SHORT = GIBIBYTE / 8;
  private static final int FRAME = 16 << 10;
  private static final int INITIAL_WINDOW = 65_535;
  private static final int INITIAL_WINDOW_SETTING = 4;

  /** Nobody who reads waits for a window: the socket is what slows the proxy down. */
  private static final int WIDEST = Integer.MAX_VALUE;

  /** What one end does with the service's connection, and with its stream 1. */
  private interface Service {
    void serve(RawHttp2 connection);
  }

  /** To follow every buffer costs more memory than is measured here. */
  @BeforeAll
  static void followNoBuffer() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  @AfterAll
  static void followEveryBuffer() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @Test
  void shouldPassALargeBodyDownInFlatMemory() throws Exception {
    passDown(SHORT);
  }

  @Test
  @Tag("full")
  void shouldPassAGibibyteDownInFlatMemory() throws Exception {
    passDown(GIBIBYTE);
  }

  @Test
  void shouldPassALargeBodyUpInFlatMemory() throws Exception {
    passUp(SHORT);
  }

  @Test
  @Tag("full")
  void shouldPassAGibibyteUpInFlatMemory() throws Exception {
    passUp(GIBIBYTE);
  }

  private static void passDown(long size) throws Exception {
    // Given
    MemoryWatch memory = new MemoryWatch();
    try (ServerSocket socket = listen();
        InProcessProxy proxy = proxy(socket)) {
      CompletableFuture<Void> service =
          serve(
              socket,
              connection -> {
                Credit credit = new Credit(connection);
                credit.readUntil(() -> credit.asked);
                connection.headers(1, false, ":status", "200").flush();
                send(connection, credit, size, new AtomicLong());
              });
      try (RawHttp2 client = reader(proxy.port())) {
        // When
        client.get(1).flush();
        receive(client, size, memory);

        // Then
        assertThat(proxy.nextEnded().bytesSent()).isEqualTo(size);
        memory.assertFlat(size);
        service.get(20, TimeUnit.SECONDS);
      }
    }
  }

  private static void passUp(long size) throws Exception {
    // Given
    MemoryWatch memory = new MemoryWatch();
    try (ServerSocket socket = listen();
        InProcessProxy proxy = proxy(socket)) {
      CompletableFuture<Void> service =
          serve(
              socket,
              connection -> {
                connection.number(RawHttp2.WINDOW_UPDATE, 0, WIDEST - INITIAL_WINDOW);
                receive(connection, size, memory);
                connection.headers(1, true, ":status", "204").flush();
              });
      try (RawHttp2 client = RawHttp2.client(proxy.port())) {
        // When
        client.post(1).flush();
        send(client, new Credit(client), size, new AtomicLong());

        // Then
        assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 204");
        assertThat(proxy.nextEnded().bytesReceived()).isEqualTo(size);
        memory.assertFlat(size);
        service.get(20, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void shouldLetTheClientWaitWhenTheServiceOpensNoWindow() throws Exception {
    // Given
    MemoryWatch memory = new MemoryWatch();
    CompletableFuture<Void> open = new CompletableFuture<>();
    try (ServerSocket socket = listen();
        InProcessProxy proxy = proxy(socket)) {
      CompletableFuture<Void> service =
          serve(
              socket,
              connection -> {
                open.join();
                connection.window(1, WIDEST - INITIAL_WINDOW).flush();
                receive(connection, SHORT, memory);
                connection.headers(1, true, ":status", "204").flush();
              },
              INITIAL_WINDOW);
      try (RawHttp2 client = RawHttp2.client(proxy.port())) {
        AtomicLong sent = new AtomicLong();

        // When
        client.post(1).flush();
        CompletableFuture<Void> sender =
            CompletableFuture.runAsync(
                () -> send(client, new Credit(client), SHORT, sent), Thread::startVirtualThread);
        awaitStill(sent);

        // Then
        assertThat(sent.get()).isLessThan(4L << 20);
        memory.look();
        memory.assertFlat(sent.get());
        open.complete(null);
        sender.get(60, TimeUnit.SECONDS);
        service.get(20, TimeUnit.SECONDS);
        assertThat(client.fields(client.expect(RawHttp2.HEADERS))).contains(":status: 204");
      }
    }
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  private static InProcessProxy proxy(ServerSocket socket) {
    ClusterConfig plain =
        Configs.cluster(
            CircuitBreakers.DEFAULTS, ClusterConfig.DEFAULT_CONNECT_TIMEOUT, socket.getLocalPort());
    return InProcessProxy.running(
        Configs.forward(0, Configs.options(Duration.ZERO, RetryPolicy.NONE)),
        List.of(Configs.speaking(plain, UpstreamProtocol.HTTP2)));
  }

  private static RawHttp2 reader(int port) {
    return RawHttp2.client(port, INITIAL_WINDOW_SETTING, WIDEST)
        .number(RawHttp2.WINDOW_UPDATE, 0, WIDEST - INITIAL_WINDOW)
        .flush();
  }

  private static CompletableFuture<Void> serve(ServerSocket socket, Service service) {
    return serve(socket, service, WIDEST);
  }

  private static CompletableFuture<Void> serve(ServerSocket socket, Service service, int window) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            Socket accepted = socket.accept();
            RawHttp2 connection = RawHttp2.server(accepted, INITIAL_WINDOW_SETTING, window);
            service.serve(connection);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        Thread::startVirtualThread);
  }

  /** What the other end allows to be sent, of stream 1 and of all. */
  private static final class Credit {
    final RawHttp2 connection;
    long stream = INITIAL_WINDOW;
    long all = INITIAL_WINDOW;
    boolean asked;

    Credit(RawHttp2 connection) {
      this.connection = connection;
    }

    boolean isThere() {
      return Math.min(stream, all) >= FRAME;
    }

    void readUntil(BooleanSupplier done) {
      while (!done.getAsBoolean()) {
        Frame frame = connection.read();
        switch (frame.type()) {
          case RawHttp2.HEADERS -> asked = true;
          case RawHttp2.WINDOW_UPDATE -> {
            if (frame.stream() == 0) {
              all += frame.number(0);
            } else {
              stream += frame.number(0);
            }
          }
          case RawHttp2.SETTINGS -> {
            stream += window(frame) - INITIAL_WINDOW;
            if ((frame.flags() & RawHttp2.ACK) == 0) {
              connection.frame(RawHttp2.SETTINGS, RawHttp2.ACK, 0).flush();
            }
          }
          default -> assertThat(frame.type()).as("%s", frame).isEqualTo(RawHttp2.PING);
        }
      }
    }

    void take() {
      stream -= FRAME;
      all -= FRAME;
    }
  }

  private static int window(Frame settings) {
    for (int at = 0; at + 6 <= settings.payload().readableBytes(); at += 6) {
      if (settings.payload().getShort(at) == INITIAL_WINDOW_SETTING) {
        return settings.number(at + 2);
      }
    }
    return INITIAL_WINDOW;
  }

  /** As much as is allowed, and then more. */
  private static void send(RawHttp2 to, Credit credit, long size, AtomicLong sent) {
    byte[] block = new byte[FRAME];
    while (sent.get() < size) {
      credit.readUntil(credit::isThere);
      boolean last = sent.get() + FRAME == size;
      to.frame(RawHttp2.DATA, last ? RawHttp2.END_STREAM : RawHttp2.NONE, 1, block);
      credit.take();
      sent.addAndGet(FRAME);
    }
    to.flush();
  }

  private static void receive(RawHttp2 from, long size, MemoryWatch memory) {
    long received = 0;
    long looked = 0;
    boolean ended = false;
    while (!ended) {
      Frame frame = from.expectMessage();
      ended = frame.endsStream();
      if (frame.type() == RawHttp2.DATA) {
        received += frame.payload().readableBytes();
      } else {
        assertThat(frame.type()).isEqualTo(RawHttp2.HEADERS);
      }
      if (received - looked > 4 << 20) {
        looked = received;
        memory.look();
      }
    }
    assertThat(received).isEqualTo(size);
  }

  /** Until the number is the same in many looks in a row. */
  private static void awaitStill(AtomicLong number) {
    long[] last = {-1, 0};
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          long now = number.get();
          last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] >= 15;
        });
  }
}
