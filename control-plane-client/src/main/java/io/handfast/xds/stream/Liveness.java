package io.handfast.xds.stream;

import java.time.Duration;

/**
 * How it is found out that a server is not there: one that takes a connection and says nothing, or
 * that is cut off while a stream waits for its next word.
 *
 * @param connectTimeout until a connection can be used, the handshakes of TLS and HTTP/2 included
 * @param keepalive how long a connection may be silent before it is asked whether it lives; gRPC
 *     asks at most every 10 seconds
 * @param keepaliveTimeout for the answer
 */
public record Liveness(Duration connectTimeout, Duration keepalive, Duration keepaliveTimeout) {

  /**
   * gRPC's own. Servers of gRPC close connections that ask more often than every five minutes,
   * unless they are told otherwise.
   */
  public static final Liveness DEFAULT =
      new Liveness(Duration.ofSeconds(20), Duration.ofMinutes(5), Duration.ofSeconds(20));

  public Liveness {
    positive("connect_timeout", connectTimeout);
    positive("keepalive", keepalive);
    positive("keepalive timeout", keepaliveTimeout);
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
