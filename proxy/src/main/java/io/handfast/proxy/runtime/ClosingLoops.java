package io.handfast.proxy.runtime;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Event loops that close their sockets before they end. Netty's (4.2.13 to 4.2.20 at least) look
 * whether they are to end, run tasks, and look again whether they may stop: one that is told to end
 * between the two stops without having closed anything, and no handler learns of it. Thread-safe.
 */
final class ClosingLoops extends MultiThreadIoEventLoopGroup {
  ClosingLoops(int count, ThreadFactory threads, IoHandlerFactory io) {
    super(count, threads, io);
  }

  @Override
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... arguments) {
    return new Loop(this, executor, io);
  }

  private static final class Loop extends SingleThreadIoEventLoop {
    Loop(ClosingLoops parent, Executor executor, IoHandlerFactory io) {
      super(parent, executor, io);
    }

    /** Netty runs the tasks that closing makes after this. */
    @Override
    protected void run() {
      super.run();
      if (isShuttingDown()) {
        ioHandler().prepareToDestroy();
      }
    }
  }
}
