package io.handfast.proxy.tcp;

import java.util.concurrent.atomic.AtomicInteger;

/** How many connections of this process are spliced, each of which has two pipes. Thread-safe. */
public final class Splicing {
  /**
   * Beyond 1024 pipes of 64 KiB the kernel gives a user only small ones ({@code
   * pipe-user-pages-soft}).
   */
  static final int MAX_CONNECTIONS = 512;

  private final AtomicInteger connections = new AtomicInteger();

  boolean take() {
    if (connections.incrementAndGet() <= MAX_CONNECTIONS) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  void giveBack() {
    connections.decrementAndGet();
  }
}
