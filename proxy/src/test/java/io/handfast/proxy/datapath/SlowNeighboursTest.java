package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Streams of many clients share a connection of HTTP/2: those that nobody takes anything from must
 * not stop the others. Client, two proxies with HTTP/2 between them, service.
 */
final class SlowNeighboursTest {
  /** More than windows and watermarks of a connection would hold if they were shared out. */
  private static final int SLOW = 20;

  private static final int BLOCK = 64 << 10;
  private static final int BODY = 4 * BLOCK;

  private final AtomicLong moved = new AtomicLong();
  private final CountDownLatch over = new CountDownLatch(1);
  private final List<RawConnection> slow = new ArrayList<>();
  private RawService service;
  private InProcessProxy inner;
  private InProcessProxy outer;

  @BeforeEach
  void start() {
    service = RawService.running(this::serve);
    var options = Configs.options(Duration.ZERO, RetryPolicy.NONE);
    inner =
        InProcessProxy.running(
            Configs.forward(0, options), List.of(Configs.cluster(service.port())));
    outer =
        InProcessProxy.running(
            Configs.forward(0, options),
            List.of(Configs.speaking(Configs.cluster(inner.port()), UpstreamProtocol.HTTP2)));
  }

  @AfterEach
  void close() {
    over.countDown();
    slow.forEach(RawConnection::close);
    outer.close();
    inner.close();
    service.close();
  }

  /** Sends for ever, takes nothing, or does what is to be expected. */
  private void serve(RawConnection connection) {
    String head = connection.readHead();
    if (head.contains("/endless")) {
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
      pour(connection);
    } else if (head.contains("/sink")) {
      awaitEnd();
    } else {
      connection.readExactly(head.startsWith("POST") ? BODY : 0);
      connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n");
      connection.send(new byte[BODY]);
      connection.readHead();
    }
  }

  private void awaitEnd() {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pour(RawConnection to) {
    byte[] block = new byte[BLOCK];
    try {
      while (true) {
        to.send(block);
        moved.addAndGet(BLOCK);
      }
    } catch (UncheckedIOException closed) {
      // The test has ended.
    }
  }

  /** Until nothing moves any more. */
  private void awaitStill() {
    long[] last = {-1, 0};
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          long now = moved.get();
          last[1] = now == last[0] && now > 0 ? last[1] + 1 : 0;
          last[0] = now;
          return last[1] >= 15;
        });
  }

  @Test
  void shouldServeOthersWhenSomeDoNotReadTheirResponses() {
    // Given
    for (int i = 0; i < SLOW; i++) {
      RawConnection client = outer.connect();
      slow.add(client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n"));
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    }
    awaitStill();

    // When
    try (RawConnection other = outer.connect()) {
      other.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");

      // Then
      assertThat(other.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(other.readExactly(BODY)).hasSize(BODY);
    }
    assertThat(outer.stats.cluster("service").cxTotal.value()).isEqualTo(1);
  }

  @Test
  void shouldServeOthersWhenRequestsOfSomeAreNotRead() {
    // Given
    for (int i = 0; i < SLOW; i++) {
      RawConnection client = outer.connect();
      slow.add(
          client.send("POST /sink HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\n"));
      Thread.startVirtualThread(() -> pour(client));
    }
    awaitStill();

    // When
    try (RawConnection other = outer.connect()) {
      other.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY + "\r\n\r\n");
      other.send(new byte[BODY]);

      // Then
      assertThat(other.readHead()).startsWith("HTTP/1.1 200 ");
      assertThat(other.readExactly(BODY)).hasSize(BODY);
    }
    assertThat(outer.stats.cluster("service").cxTotal.value()).isEqualTo(1);
  }
}
