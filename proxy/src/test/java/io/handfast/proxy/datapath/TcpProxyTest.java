package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.datapath.TcpSidecar.Config;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tcp_proxy} between raw sockets. */
final class TcpProxyTest {
  private static final int LONG = 32 << 20;

  private static final long GIBIBYTE = 1L << 30;
  private static final int BLOCK = 64 << 10;

  /** Of both directions: the watermarks, and what one turn of a loop reads on top. */
  private static final long BUFFERED_BOUND = 8L << 20;

  @TempDir private Path directory;

  private TcpSidecar to(RawService service) {
    return TcpSidecar.of(Config.to(service.port()), directory);
  }

  @Test
  void shouldConnectAtOnceWhenTheServerSpeaksFirst() {
    // Given
    RawService service = RawService.running(connection -> connection.send("220 ready"));
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();
      client.finishSending();

      // Then
      assertThat(heard).isEqualTo("220 ready");
      assertThat(sidecar.logged())
          .isEqualTo("up - 0 - 0 9 127.0.0.1:%d 1\n".formatted(service.port()));
      assertThat(sidecar.stats().cxTotal.value()).isEqualTo(1);
      assertThat(sidecar.stats().cxTxBytes.value()).isEqualTo(9);
      assertThat(sidecar.cluster().cxTotal.value()).isEqualTo(1);
      assertThat(sidecar.cluster().rqTotal.value()).isEqualTo(1);
      assertThat(sidecar.cluster().cxRxBytes.value()).isEqualTo(9);
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
      assertThat(sidecar.cluster().cxDestroyRemote.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldLetTheServerAnswerWhenTheClientHasEndedItsDirection() {
    // Given
    RawService service =
        RawService.running(connection -> {
          String all = connection.readToFin();
          connection.send("got " + all);
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      client.send("everything");
      client.finishSending();

      // Then
      assertThat(client.readToFin()).isEqualTo("got everything");
      assertThat(sidecar.logged()).startsWith("up - 0 - 10 14 ");
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
    }
  }

  @Test
  void shouldLetTheClientGoOnWhenTheServerHasEndedItsDirection() throws Exception {
    // Given
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          connection.send("bye").finishSending();
          received.add(connection.readToFin());
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();
      client.send("one more thing");
      client.finishSending();

      // Then
      assertThat(heard).isEqualTo("bye");
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("one more thing");
      assertThat(sidecar.logged()).startsWith("up - 0 - 14 3 ");
    }
  }

  /** Longer than the buffers on the way: the sidecar has to wait for room to write. */
  @Test
  void shouldSendTheWholeAnswerWhenTheClientHasEndedItsDirection() throws Exception {
    // Given
    RawService service =
        RawService.running(connection -> {
          connection.readToFin();
          connection.send(new byte[LONG]);
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      client.send("everything");
      client.finishSending();
      await().until(() -> sidecar.cluster().flowControlPausedReading.value() > 0);

      // Then
      assertThat(client.readToFin().length()).isEqualTo(LONG);
      assertThat(sidecar.logged()).startsWith("up - 0 - 10 " + LONG + " ");
    }
  }

  @Test
  void shouldSendAllOfTheClientsWhenTheServerHasEndedItsDirection() throws Exception {
    // Given
    CountDownLatch read = new CountDownLatch(1);
    BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          connection.finishSending();
          join(read);
          received.add(connection.readToFin().length());
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      assertThat(client.readToFin()).isEmpty();
      Thread sender = Thread.startVirtualThread(() -> client.send(new byte[LONG]));
      await().until(() -> sidecar.stats().flowControlPausedReading.value() > 0);
      read.countDown();
      sender.join();
      client.finishSending();

      // Then
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(LONG);
      assertThat(sidecar.logged()).startsWith("up - 0 - " + LONG + " 0 ");
    }
  }

  @Test
  void shouldPassOnAResetOfTheServer() {
    // Given
    RawService service =
        RawService.running(connection -> {
          connection.readExactly(1);
          connection.reset();
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      client.send("x");

      // Then
      assertThat(client.isReset()).isTrue();
      assertThat(sidecar.logged()).startsWith("up - 0 UR 1 0 ");
      await().until(() -> sidecar.cluster().cxDestroyRemote.value() == 1);
    }
  }

  @Test
  void shouldPassOnAResetOfTheClient() throws Exception {
    // Given
    BlockingQueue<Boolean> reset = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          connection.send("hello");
          reset.add(connection.isReset());
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      // When
      client.readExactly(5);
      client.reset();

      // Then
      assertThat(reset.poll(20, TimeUnit.SECONDS)).isTrue();
      assertThat(sidecar.logged()).startsWith("up - 0 - 0 5 ");
    }
  }

  @Test
  void shouldCloseWhenEveryAttemptToConnectIsRefused() throws Exception {
    // Given
    try (ClosedPort closed = new ClosedPort();
        TcpSidecar sidecar =
            TcpSidecar.of(Config.to(closed.number()).tcp("max_connect_attempts: 2"), directory);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();

      // Then
      assertThat(heard).isEmpty();
      assertThat(sidecar.logged()).startsWith("up - 0 UF,URX 0 0 127.0.0.1:").endsWith(" 2\n");
      assertThat(sidecar.cluster().cxConnectFail.value()).isEqualTo(2);
      assertThat(sidecar.cluster().cxConnectAttemptsExceeded.value()).isEqualTo(1);
      assertThat(sidecar.cluster().rqPendingFailureEject.value()).isEqualTo(2);
      assertThat(sidecar.cluster().rqPendingActive.value()).isZero();
    }
  }

  @Test
  void shouldConnectToTheNextAddressOfAnEndpointWhenTheFirstRefuses() throws Exception {
    // Given
    RawService service = RawService.running(connection -> connection.send("hello"));
    try (service;
        ClosedPort closed = new ClosedPort();
        TcpSidecar sidecar =
            TcpSidecar.of(
                Config.to(1)
                    .endpoint(
                        "%s, additional_addresses: [{ address: %s }]"
                            .formatted(
                                Config.socket(closed.number()), Config.socket(service.port()))),
                directory);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readExactly(5);
      client.finishSending();

      // Then
      assertThat(heard).isEqualTo("hello");
      assertThat(client.readToFin()).isEmpty();
      assertThat(sidecar.logged()).startsWith("up - 0 - 0 5 ").endsWith(" 1\n");
      assertThat(sidecar.cluster().cxConnectFail.value()).isZero();
    }
  }

  @Test
  void shouldCloseWhenNoAttemptToConnectIsAnsweredInTime() throws Exception {
    // Given
    try (SilentPort silent = new SilentPort();
        TcpSidecar sidecar =
            TcpSidecar.of(
                Config.to(silent.number())
                    .tcp("max_connect_attempts: 2")
                    .cluster("connect_timeout: 0.1s"),
                directory);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();

      // Then
      assertThat(heard).isEmpty();
      assertThat(sidecar.logged()).startsWith("up - 0 UF,URX 0 0 127.0.0.1:").endsWith(" 2\n");
      assertThat(sidecar.cluster().cxConnectTimeout.value()).isEqualTo(2);
      assertThat(sidecar.cluster().cxConnectFail.value()).isEqualTo(2);
      assertThat(sidecar.cluster().cxActive.value()).isZero();
    }
  }

  @Test
  void shouldCloseWhenThereIsNoEndpoint() {
    // Given
    try (TcpSidecar sidecar = TcpSidecar.of(Config.to(1).nowhere(), directory);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();

      // Then
      assertThat(heard).isEmpty();
      assertThat(sidecar.logged()).isEqualTo("up - 0 UH 0 0 - 0\n");
      assertThat(sidecar.cluster().cxNoneHealthy.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldRefuseMoreConnectionsThanTheCircuitBreakerAllows() {
    // Given
    RawService service = RawService.running(connection -> connection.send("in").readToFin());
    Config config =
        Config.to(service.port())
            .cluster("circuit_breakers: { thresholds: [{ max_connections: 1 }] }");
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(config, directory);
        RawConnection first = sidecar.connect()) {
      first.readExactly(2);

      // When
      try (RawConnection second = sidecar.connect()) {
        assertThat(second.readToFin()).isEmpty();
      }

      // Then
      assertThat(sidecar.logged()).isEqualTo("up - 0 UO 0 0 - 0\n");
      assertThat(sidecar.cluster().cxOverflow.value()).isEqualTo(1);
      first.finishSending();
      assertThat(first.readToFin()).isEmpty();
      try (RawConnection third = sidecar.connect()) {
        assertThat(third.readExactly(2)).isEqualTo("in");
      }
    }
  }

  @Test
  void shouldCloseBothSidesWhenTheConnectionIsTooOld() throws Exception {
    // Given
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    RawService service = RawService.running(connection -> received.add(connection.readToFin()));
    Config config = Config.to(service.port()).tcp("max_downstream_connection_duration: 0.05s");
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(config, directory);
        RawConnection client = sidecar.connect()) {
      // When
      String heard = client.readToFin();

      // Then
      assertThat(heard).isEmpty();
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEmpty();
      assertThat(sidecar.logged()).startsWith("up - 0 DT 0 0 ");
      assertThat(sidecar.stats().maxDownstreamConnectionDuration.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldPassAGibibyteUpAndDownInFlatMemory() {
    // Given
    RawService service =
        RawService.running(connection -> {
          byte[] block = new byte[BLOCK];
          for (int count = connection.read(block); count > 0; count = connection.read(block)) {
            connection.send(count == BLOCK ? block : java.util.Arrays.copyOf(block, count));
          }
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      long most = 0;

      // When
      Thread.ofPlatform().start(() -> send(client, GIBIBYTE, new AtomicLong()));
      byte[] block = new byte[BLOCK];
      long received = 0;
      while (received < GIBIBYTE) {
        int count = client.read(block);
        assertThat(count).isPositive();
        received += count;
        most = Math.max(most, buffered());
      }

      // Then
      assertThat(most).isLessThan(BUFFERED_BOUND);
      client.finishSending();
      assertThat(client.readToFin()).isEmpty();
    }
  }

  @Test
  void shouldLetTheClientWaitWhenTheServerDoesNotRead() {
    // Given
    CountDownLatch read = new CountDownLatch(1);
    RawService service =
        RawService.running(connection -> {
          awaitQuietly(read);
          connection.send(Integer.toString(connection.readToFin().length()));
        });
    try (service;
        TcpSidecar sidecar = to(service);
        RawConnection client = sidecar.connect()) {
      AtomicLong sent = new AtomicLong();
      long size = GIBIBYTE / 16;

      // When
      Thread.ofPlatform()
          .start(() -> {
            send(client, size, sent);
            client.finishSending();
          });
      await().until(() -> sidecar.stats().flowControlPausedReading.value() > 0);
      await()
          .during(Duration.ofMillis(200))
          .until(() -> sent.get() > 0 && sent.get() < size / 2 && buffered() < BUFFERED_BOUND);

      // Then
      read.countDown();
      assertThat(client.readToFin()).isEqualTo(Long.toString(size));
      assertThat(sidecar.stats().flowControlResumedReading.value()).isPositive();
    }
  }

  private static void send(RawConnection to, long size, AtomicLong sent) {
    byte[] block = new byte[BLOCK];
    for (long left = size; left > 0; left -= BLOCK) {
      to.send(block);
      sent.addAndGet(BLOCK);
    }
  }

  private static long buffered() {
    return PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
