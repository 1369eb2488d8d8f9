package io.handfast.proxy.transaction;

import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.tx.port.EngineLoop;
import java.time.Duration;

/** One of the proxy's event loops as the one that the transaction engine runs on. Thread-safe. */
public final class DispatcherLoop implements EngineLoop {
  private final Dispatcher dispatcher;

  /** The engine is confined to that dispatcher from now on. */
  public DispatcherLoop(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public void execute(Runnable task) {
    dispatcher.execute(task);
  }

  @Override
  public boolean inLoop() {
    return dispatcher.inLoop();
  }

  @Override
  public long nanoTime() {
    return dispatcher.nanoTime();
  }

  @Override
  public long epochMillis() {
    return dispatcher.currentTimeMillis();
  }

  @Override
  public Timer schedule(long delayNanos, Runnable task) {
    Dispatcher.Timer timer = dispatcher.schedule(Duration.ofNanos(Math.max(0, delayNanos)), task);
    return timer::cancel;
  }
}
