package io.handfast.proxy.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Requests on a connection that is kept, and on new ones, of which none may fail. */
final class Traffic implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final long PAUSE_NANOS = 2_000_000;

  private final int port;
  private final KeptClient kept;
  private final Load load = new Load();

  /**
   * @param port of a listener
   */
  Traffic(int port) {
    this.port = port;
    kept = new KeptClient(port);
    load.client(() -> paced(kept.get()));
    load.client(() -> paced(answer()));
  }

  /** Those who wait for a fault to be seen leave the processors to whoever is to see it. */
  private static String paced(String answer) {
    LockSupport.parkNanos(PAUSE_NANOS);
    return answer;
  }

  /** What a request on a new connection is answered. */
  String answer() {
    try (KeptConnection fresh = new KeptConnection(port)) {
      return fresh.get();
    }
  }

  /** Ends when that is answered. */
  void awaitAnswer(String answer) {
    await().atMost(PATIENCE).until(() -> answer().equals(answer));
  }

  /**
   * Ends when it has gone on for a while; fails if a request has, or if the connection was lost.
   */
  void assertUnharmed() {
    long before = load.succeeded();
    await()
        .atMost(PATIENCE)
        .until(() -> !load.failures().isEmpty() || load.succeeded() > before + 50);
    assertThat(load.failures()).isEmpty();
    assertThat(kept.connections()).isEqualTo(1);
  }

  @Override
  public void close() {
    load.close();
    kept.close();
  }
}
