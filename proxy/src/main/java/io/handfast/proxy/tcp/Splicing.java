package io.handfast.proxy.tcp;

import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.FastThreadLocal;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections of this process are spliced, each of which has two pipes, and how many of
 * these are large. Beyond 64 MiB of pipes the kernel gives a user, all of whose processes count,
 * only small ones and none that grow ({@code pipe-user-pages-soft}): {@link #MAX_CONNECTIONS} and
 * {@link #MAX_LARGE} together stay below it. Thread-safe.
 */
public final class Splicing {
  /** What a pipe holds that nobody has asked to hold more. */
  static final int PIPE = 64 << 10;

  /** What the kernel lets anybody ask for ({@code pipe-max-size}). */
  static final int LARGE_PIPE = 1 << 20;

  static final int MAX_CONNECTIONS = 440;
  static final int MAX_LARGE = 8;

  /** Of what is copied; an empty pipe takes it at once, however small the kernel made it. */
  private static final int COPIED = 512;

  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger large = new AtomicInteger();
  private final PipeCapacity capacity;
  private final FastThreadLocal<ByteBuffer> copied =
      new FastThreadLocal<>() {
        @Override
        protected ByteBuffer initialValue() {
          return ByteBuffer.allocateDirect(COPIED);
        }
      };

  public Splicing() {
    this(PipeCapacity.linkedAside());
  }

  Splicing(PipeCapacity capacity) {
    this.capacity = capacity;
  }

  /** Of the event loop that asks; empty between calls. */
  ByteBuffer copied() {
    return copied.get();
  }

  boolean take() {
    capacity.prepare();
    if (connections.incrementAndGet() <= MAX_CONNECTIONS) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  void giveBack() {
    connections.decrementAndGet();
  }

  /** Has it hold {@link #LARGE_PIPE}, if that may be; if so, it is to be shrunk. */
  boolean grow(FileDescriptor pipe) {
    if (large.incrementAndGet() <= MAX_LARGE && capacity.set(pipe, LARGE_PIPE)) {
      return true;
    }
    large.decrementAndGet();
    return false;
  }

  /** One that held more is closed. */
  void shrunk() {
    large.decrementAndGet();
  }

  /** How many pipes hold more than others. */
  int large() {
    return large.get();
  }
}
