package io.handfast.proxy.tcp;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much a pipe holds: {@code F_SETPIPE_SZ} of {@code fcntl(2)}, which neither Java nor Netty
 * has. The call is linked on a thread of its own, for that takes longer than an event loop may be
 * kept; until then, and where it cannot be linked, pipes stay as the kernel made them. Thread-safe.
 */
final class PipeCapacity {
  private static final Logger LOG = LoggerFactory.getLogger(PipeCapacity.class);

  private static final int F_SETPIPE_SZ = 1031;

  private final Executor background;
  private volatile Optional<MethodHandle> fcntl = Optional.empty();
  private final AtomicBoolean asked = new AtomicBoolean();

  PipeCapacity(Executor background) {
    this.background = background;
  }

  /** Of a thread that ends when the call is linked. */
  static PipeCapacity linkedAside() {
    return new PipeCapacity(task -> Thread.ofPlatform().name("pipe-capacity").daemon().start(task));
  }

  /** There will be pipes; returns at once. */
  void prepare() {
    if (asked.compareAndSet(false, true)) {
      try {
        background.execute(() -> fcntl = link());
      } catch (OutOfMemoryError e) {
        LOG.warn("no thread for pipe-capacity, pipes stay small: {}", e.getMessage());
      }
    }
  }

  /**
   * Has it hold so much, if that may be.
   *
   * @return whether it does
   */
  boolean set(FileDescriptor pipe, int bytes) {
    MethodHandle call = fcntl.orElse(null);
    return call != null && fcntl(call, pipe.intValue(), bytes) >= bytes;
  }

  private static int fcntl(MethodHandle call, int descriptor, int argument) {
    try {
      return (int) call.invokeExact(descriptor, F_SETPIPE_SZ, argument);
    } catch (Throwable e) {
      LOG.debug("pipe stays small", e);
      return -1;
    }
  }

  @SuppressWarnings("restricted") // the launcher allows it
  private static Optional<MethodHandle> link() {
    try {
      Linker linker = Linker.nativeLinker();
      Optional<MemorySegment> address = linker.defaultLookup().find("fcntl");
      Optional<MethodHandle> call =
          address.map(it ->
              linker.downcallHandle(
                  it,
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT,
                      ValueLayout.JAVA_INT),
                  Linker.Option.firstVariadicArg(2)));
      call.ifPresent(it -> fcntl(it, -1, 0)); // the first call links as well
      return call;
    } catch (RuntimeException | LinkageError e) {
      LOG.debug("pipes stay small: {}", e.getMessage());
      return Optional.empty();
    }
  }
}
