package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.handfast.proxy.grpc.Echo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hundred pushes of a {@link PushedWorld} while requests run, of which none may fail (W8). */
final class ManyPushesTest {
  private static final String DELTA = "AGGREGATED_DELTA_GRPC";
  private static final String SOTW = "AGGREGATED_GRPC";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PUSHES = 200;
  private static final int LAST = PUSHES / PushedWorld.TYPES + 1;

  private final LiveServer control = new LiveServer();
  private final NamedService one = new NamedService("one");
  private final NamedService two = new NamedService("two");
  private final Echo echo = Echo.start();

  ManyPushesTest() throws IOException {}

  @AfterEach
  void close() {
    control.close();
    one.close();
    two.close();
    echo.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {DELTA, SOTW})
  void shouldLoseNoRequestOverTwoHundredPushesW8(String type) {
    // Given
    PushedWorld world = new PushedWorld(one.port(), two.port(), echo.port());
    control.serve(world.snapshot());
    int before = world.pushes();
    try (LiveSidecar sidecar = LiveSidecar.on(control, type)) {
      awaitQuickly(sidecar::isReady);
      Clients clients = new Clients(sidecar);
      try (clients) {
        // When
        for (int version = 2; version <= LAST; version++) {
          long answered = clients.load.succeeded();
          world.push(version, control::serve);
          clients.follow(version);
          awaitQuickly(() -> clients.load.succeeded() > answered + 20);
        }
        awaitQuickly(() -> clients.leaf().equals(PushedWorld.subject(LAST)));
      }

      // Then
      assertThat(world.pushes() - before).isEqualTo(PUSHES);
      assertThat(clients.load.failures()).isEmpty();
      assertThat(clients.load.succeeded()).isGreaterThan(20L * (LAST - 1));
      assertThat(clients.staying.connections()).isEqualTo(1);
      assertThat(clients.leaving.connections()).isEqualTo(LAST);
      assertThat(control.refusals()).isEmpty();
    }
  }

  private static void awaitQuickly(Callable<Boolean> condition) {
    await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(condition);
  }

  /** Of HTTP/1.1, HTTP over TLS and gRPC, on connections that they keep and on new ones. */
  private static final class Clients implements AutoCloseable {
    final Load load = new Load();
    final KeptClient staying;

    /** Of the listeners that go: when one has told it to, it is on the next one. */
    final KeptClient leaving;

    private final LiveSidecar sidecar;
    private final KeptClient kept;
    private final KeptClient secured;
    private final ManagedChannel channel;
    private final BlockingQueue<KeptConnection> next = new LinkedBlockingQueue<>();

    Clients(LiveSidecar sidecar) {
      this.sidecar = sidecar;
      kept = new KeptClient(port("l"));
      staying = new KeptClient(port("staying"));
      next.add(new KeptConnection(port(PushedWorld.leaving(1))));
      leaving = new KeptClient(this::next);
      secured = new KeptClient(() -> new KeptConnection(handshake()));
      channel = channel();
      load.client(kept::get);
      load.client(staying::get);
      load.client(leaving::get);
      load.client(secured::get);
      load.client(() -> call(channel));
      load.client(() -> onNewConnection(new KeptConnection(port("l"))));
      load.client(() -> onNewConnection(new KeptConnection(handshake())));
      load.client(this::onNewChannel);
    }

    /** Ends when the sidecar serves that version, and no client is on the one before. */
    void follow(int version) {
      String table = PushedWorld.table(version);
      awaitQuickly(() -> sidecar.count("http.in.rds." + table + ".update_success") > 0);
      next.add(new KeptConnection(port(PushedWorld.leaving(version))));
      awaitQuickly(() -> leaving.connections() == version);
    }

    private KeptConnection next() {
      try {
        return next.take();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private int port(String listener) {
      awaitQuickly(() -> sidecar.port(listener).isPresent());
      return sidecar.port(listener).orElseThrow();
    }

    private static String onNewConnection(KeptConnection fresh) {
      try (fresh) {
        return fresh.get();
      }
    }

    private ManagedChannel channel() {
      return NettyChannelBuilder.forAddress("127.0.0.1", port("l")).usePlaintext().build();
    }

    private static String call(ManagedChannel channel) {
      return "200 "
          + ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, "hello");
    }

    private String onNewChannel() {
      ManagedChannel fresh = channel();
      try {
        return call(fresh);
      } finally {
        fresh.shutdownNow();
      }
    }

    private SSLSocket handshake() {
      try {
        SSLSocket socket =
            (SSLSocket)
                PushedWorld.PKI
                    .jdk(null)
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), port("secured"));
        socket.startHandshake();
        return socket;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Whose certificate is shown. */
    String leaf() {
      try (SSLSocket socket = handshake()) {
        X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
        return leaf.getSubjectX500Principal().getName();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      load.close();
      channel.shutdownNow();
      kept.close();
      staying.close();
      leaving.close();
      secured.close();
    }
  }
}
