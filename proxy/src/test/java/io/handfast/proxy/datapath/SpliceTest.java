package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.datapath.TcpSidecar.Config;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections whose bytes stay in the kernel: nothing of them is lost or changed, and they end as
 * those that are copied.
 */
@Timeout(120)
final class SpliceTest {
  private static final long BURST = 64L << 20;
  private static final int BLOCK = 256 << 10;
  private static final int LITTLE = 4 << 10;

  @TempDir private Path directory;

  @BeforeEach
  void needEpoll() {
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
  }

  /** Bytes that tell where they belong. */
  private static byte at(long position) {
    return (byte) (position * 31 + (position >>> 13) + (position >>> 21));
  }

  private static void send(RawConnection to, long size) {
    byte[] block = new byte[BLOCK];
    for (long sent = 0; sent < size; sent += BLOCK) {
      for (int i = 0; i < BLOCK; i++) {
        block[i] = at(sent + i);
      }
      to.send(block);
    }
  }

  /** How many came up to a regular end, each of them right. */
  private static long receive(RawConnection from, int atOnce) {
    byte[] block = new byte[atOnce];
    long received = 0;
    for (int count = from.read(block); count >= 0; count = from.read(block)) {
      for (int i = 0; i < count; i++) {
        if (block[i] != at(received + i)) {
          throw new AssertionError("byte " + (received + i) + " is another (expected: the same)");
        }
      }
      received += count;
    }
    return received;
  }

  private static void receiveExactly(RawConnection from, long size) {
    byte[] block = new byte[BLOCK];
    long received = 0;
    while (received < size) {
      int count = from.read(block);
      assertThat(count).isPositive();
      received += count;
    }
    assertThat(received).isEqualTo(size);
  }

  private static void awaitSpliced(TcpSidecar sidecar, int connections) {
    await().until(() -> sidecar.stats().cxSpliced.value() == connections);
  }

  @Test
  void shouldLoseNothingOfABurstThatEndsAtOnce() throws Exception {
    // Given
    CountDownLatch read = new CountDownLatch(1);
    BlockingQueue<Long> received = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          awaitQuietly(read);
          received.add(receive(connection, LITTLE));
          connection.send("all");
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      Thread.ofPlatform()
          .start(() -> {
            send(client, BURST);
            client.finishSending();
          });
      await().until(() -> sidecar.stats().flowControlPausedReading.value() > 0);
      read.countDown();

      // Then
      assertThat(client.readToFin()).isEqualTo("all");
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(BURST);
      awaitSpliced(sidecar, 1);
      assertThat(sidecar.logged()).startsWith("up - 0 - %d 3 ".formatted(BURST));
      assertThat(sidecar.cluster().cxTxBytes.value()).isEqualTo(BURST);
      assertThat(sidecar.stats().cxRxBytes.value()).isEqualTo(BURST);
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
    }
  }

  @Test
  void shouldLoseNothingOfAnAnswerThatEndsAtOnce() {
    // Given
    RawService service =
        RawService.running(connection -> {
          connection.readExactly(3);
          send(connection, BURST);
          connection.finishSending();
          connection.readToFin();
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      client.send("get");
      await().until(() -> sidecar.cluster().flowControlPausedReading.value() > 0);
      long received = receive(client, LITTLE);
      client.send("thanks");
      client.finishSending();

      // Then
      assertThat(received).isEqualTo(BURST);
      awaitSpliced(sidecar, 1);
      assertThat(sidecar.logged()).startsWith("up - 0 - 9 %d ".formatted(BURST));
      assertThat(sidecar.cluster().cxRxBytes.value()).isEqualTo(BURST);
    }
  }

  @Test
  void shouldPassBothDirectionsAtOnceBetweenUnixSockets() throws Exception {
    // Given
    Path up = directory.resolve("up.sock");
    Path in = directory.resolve("in.sock");
    BlockingQueue<Long> received = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(
            UnixSocket.listen(up),
            connection -> {
              CountDownLatch sent = new CountDownLatch(1);
              Thread.ofPlatform()
                  .start(() -> {
                    send(connection, BURST);
                    connection.finishSending();
                    sent.countDown();
                  });
              received.add(receive(connection, BLOCK));
              awaitQuietly(sent);
            });
    Config config =
        Config.to(1).listen(Config.pipe(in.toString())).endpoint(Config.pipe(up.toString()));
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(config, directory);
        RawConnection client = UnixSocket.connect(in)) {
      // When
      Thread.ofPlatform()
          .start(() -> {
            send(client, BURST);
            client.finishSending();
          });

      // Then
      assertThat(receive(client, BLOCK)).isEqualTo(BURST);
      assertThat(received.poll(60, TimeUnit.SECONDS)).isEqualTo(BURST);
      assertThat(sidecar.logged()).startsWith("up - 0 - %1$d %1$d ".formatted(BURST));
    }
  }

  @Test
  void shouldPassOnAResetOfTheClient() throws Exception {
    // Given
    BlockingQueue<Boolean> reset = new LinkedBlockingQueue<>();
    RawService service = RawService.running(connection -> reset.add(connection.isReset()));
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      send(client, BURST / 8);
      awaitSpliced(sidecar, 1);
      client.reset();

      // Then
      assertThat(reset.poll(20, TimeUnit.SECONDS)).isTrue();
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
    }
  }

  @Test
  void shouldSeeAResetOfTheClientWhenTheServerDoesNotRead() throws Exception {
    // Given
    CountDownLatch read = new CountDownLatch(1);
    BlockingQueue<Boolean> reset = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          awaitQuietly(read);
          reset.add(connection.isReset());
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      Thread.ofPlatform().start(() -> sendUntilReset(client));
      await().until(() -> sidecar.stats().flowControlPausedReading.value() > 0);
      awaitSpliced(sidecar, 1);
      client.reset();

      // Then
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
      read.countDown();
      assertThat(reset.poll(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void shouldPassOnWhatStandsBehindAnUrgentByte() throws Exception {
    // Given
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    RawService service =
        RawService.running(connection -> {
          receiveExactly(connection, BURST / 8);
          received.add(connection.readExactly(6));
          received.add(connection.readToFin());
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      send(client, BURST / 8);
      awaitSpliced(sidecar, 1);

      // When
      client.send("abc").sendUrgent('!').send("def");

      // Then
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("abcdef");
      client.send("ghi").sendUrgent('?').send("jkl").finishSending();
      assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo("ghijkl");
    }
  }

  @Test
  void shouldCloseItsPipes() throws Exception {
    // Given
    RawService service = RawService.running(connection -> receive(connection, BLOCK));
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory)) {
      long before = pipes();
      try (RawConnection client = sidecar.connect();
          RawConnection other = sidecar.connect()) {
        send(client, BURST / 8);
        awaitSpliced(sidecar, 1);
        send(other, BURST / 8);
        awaitSpliced(sidecar, 2);
        assertThat(pipes()).isEqualTo(before + 8);

        // When
        client.reset();
      }

      // Then
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
      assertThat(pipes()).isEqualTo(before);
    }
  }

  /** How many ends of pipes this process has open. */
  private static long pipes() throws IOException {
    long count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path one : all) {
        try {
          if (Files.readSymbolicLink(one).toString().startsWith("pipe:")) {
            count++;
          }
        } catch (NoSuchFileException closed) {
          // The one that reads the directory, or another thread's.
        }
      }
    }
    return count;
  }

  private static void sendUntilReset(RawConnection client) {
    try {
      send(client, Long.MAX_VALUE);
    } catch (UncheckedIOException reset) {
      // That is its end.
    }
  }

  @Test
  void shouldPassOnAResetOfTheServer() {
    // Given
    RawService service =
        RawService.running(connection -> {
          send(connection, BURST / 8);
          connection.readExactly(1);
          connection.reset();
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      receiveExactly(client, BURST / 8);
      awaitSpliced(sidecar, 1);
      client.send("x");

      // Then
      assertThat(client.isReset()).isTrue();
      assertThat(sidecar.logged()).startsWith("up - 0 UR 1 %d ".formatted(BURST / 8));
    }
  }

  @Test
  void shouldLetEachSideSpeakOnWhenItHasBeenSpliced() {
    // Given
    RawService service =
        RawService.running(connection -> {
          send(connection, BURST / 8);
          for (int i = 0; i < 100; i++) {
            connection.send(connection.readExactly(3));
          }
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      receiveExactly(client, BURST / 8);
      awaitSpliced(sidecar, 1);

      // Then
      for (int i = 0; i < 100; i++) {
        assertThat(client.send("abc").readExactly(3)).isEqualTo("abc");
      }
      assertThat(client.readToFin()).isEmpty();
    }
  }

  @Test
  void shouldCloseASplicedConnectionThatIsTooOldOrIdle() {
    // Given
    RawService service =
        RawService.running(connection -> {
          send(connection, BURST / 8);
          connection.readToFin();
        });
    try (service;
        TcpSidecar sidecar =
            TcpSidecar.of(Config.to(service.port()).tcp("idle_timeout: 0.3s"), directory);
        RawConnection client = sidecar.connect()) {
      // When
      receiveExactly(client, BURST / 8);

      // Then
      assertThat(client.readToFin()).isEmpty();
      assertThat(sidecar.stats().cxSpliced.value()).isEqualTo(1);
      assertThat(sidecar.stats().idleTimeout.value()).isEqualTo(1);
      await().until(() -> sidecar.cluster().cxActive.value() == 0);
    }
  }

  @Test
  void shouldCopyWhatTalksInSmallMessages() {
    // Given
    RawService service =
        RawService.running(connection -> {
          for (int i = 0; i < 2_000; i++) {
            connection.send(connection.readExactly(100));
          }
        });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(Config.to(service.port()), directory);
        RawConnection client = sidecar.connect()) {
      // When
      String message = "x".repeat(100);
      for (int i = 0; i < 2_000; i++) {
        client.send(message).readExactly(100);
      }

      // Then
      assertThat(client.readToFin()).isEmpty();
      assertThat(sidecar.stats().cxSpliced.value()).isZero();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
