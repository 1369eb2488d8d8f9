package io.handfast.proxy.tcp;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections of this process are spliced, each of which has two pipes. Thread-safe. */
public final class Splicing {
  /**
   * Beyond 1024 pipes of 64 KiB the kernel gives a user only small ones ({@code
   * pipe-user-pages-soft}).
   */
  static final int MAX_CONNECTIONS = 512;

  /** Of what is copied; an empty pipe takes it at once, however small the kernel made it. */
  private static final int COPIED = 512;

  private final AtomicInteger connections = new AtomicInteger();
  private final FastThreadLocal<ByteBuffer> copied =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
          return ByteBuffer.allocateDirect(COPIED);
        }
      };

  /** Of the event loop that asks; empty between calls. */
  ByteBuffer copied() {
    return copied.get();
  }

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
