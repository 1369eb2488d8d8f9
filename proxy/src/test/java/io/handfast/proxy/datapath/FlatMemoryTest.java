package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.leak.MemoryWatch;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Bodies larger than any memory pass, and a peer that does not read makes the other side wait
 * instead of the proxy store.
 */
final class FlatMemoryTest {
  private static final long GIBIBYTE = 1L << 30;
  private static final int BLOCK = 64 << 10;

  private static final ForwardOptions NO_TIMEOUT = Configs.options(Duration.ZERO, RetryPolicy.NONE);

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
  void shouldPassAGibibyteDownInFlatMemory() {
    // Given
    RawService service =
        RawService.running(connection -> {
          connection.readHead();
          connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + GIBIBYTE + "\r\n\r\n");
          send(connection, GIBIBYTE, new AtomicLong());
          // It stays open: what stands in the socket when an end arrives, Netty reads at once.
          connection.readHead();
        });
    try (service;
        InProcessProxy proxy = proxy(service);
        RawConnection client = proxy.connect()) {
      MemoryWatch memory = new MemoryWatch();

      // When
      client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
      client.readHead();
      receive(client, GIBIBYTE, memory);

      // Then
      assertThat(proxy.nextEnded().bytesSent()).isEqualTo(GIBIBYTE);
      memory.assertFlat(GIBIBYTE);
    }
  }

  @Test
  void shouldPassAGibibyteUpInFlatMemory() {
    // Given
    MemoryWatch memory = new MemoryWatch();
    RawService service =
        RawService.running(connection -> {
          connection.readHead();
          receive(connection, GIBIBYTE, memory);
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          connection.readHead();
        });
    try (service;
        InProcessProxy proxy = proxy(service);
        RawConnection client = proxy.connect()) {
      // When
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + GIBIBYTE + "\r\n\r\n");
      send(client, GIBIBYTE, new AtomicLong());

      // Then
      assertThat(client.readHead()).startsWith("HTTP/1.1 204 ");
      assertThat(proxy.nextEnded().bytesReceived()).isEqualTo(GIBIBYTE);
      memory.assertFlat(GIBIBYTE);
    }
  }

  @Test
  void shouldLetTheClientWaitWhenTheServiceDoesNotRead() {
    // Given
    CountDownLatch read = new CountDownLatch(1);
    long size = GIBIBYTE / 8;
    MemoryWatch memory = new MemoryWatch();
    RawService service =
        RawService.running(connection -> {
          connection.readHead();
          awaitQuietly(read);
          receive(connection, size, memory);
          connection.send("HTTP/1.1 204 No Content\r\n\r\n");
          connection.readHead();
        });
    try (service;
        InProcessProxy proxy = proxy(service);
        RawConnection client = proxy.connect()) {
      AtomicLong sent = new AtomicLong();

      // When
      client.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: " + size + "\r\n\r\n");
      Thread sender = Thread.startVirtualThread(() -> send(client, size, sent));
      awaitStill(sent);

      // Then
      assertThat(sent.get()).isLessThan(size / 2);
      memory.look();
      memory.assertFlat(GIBIBYTE);
      read.countDown();
      assertThat(client.readHead()).startsWith("HTTP/1.1 204 ");
      join(sender);
      assertThat(proxy.nextEnded().bytesReceived()).isEqualTo(size);
    }
  }

  private static InProcessProxy proxy(RawService service) {
    ClusterConfig cluster =
        Configs.cluster(
            CircuitBreakers.DEFAULTS, ClusterConfig.DEFAULT_CONNECT_TIMEOUT, service.port());
    return InProcessProxy.running(Configs.forward(0, NO_TIMEOUT), List.of(cluster));
  }

  private static void send(RawConnection to, long size, AtomicLong sent) {
    byte[] block = new byte[BLOCK];
    for (long left = size; left > 0; left -= BLOCK) {
      to.send(block);
      sent.addAndGet(BLOCK);
    }
  }

  private static void receive(RawConnection from, long size, MemoryWatch memory) {
    byte[] block = new byte[BLOCK];
    long looked = 0;
    for (long received = 0; received < size; ) {
      int count = from.read(block);
      assertThat(count).isPositive();
      received += count;
      if (received - looked > 4 << 20) {
        looked = received;
        memory.look();
      }
    }
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

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
