package io.handfast.proxy.server;

import io.handfast.proxy.admin.ServerControl;
import io.handfast.tx.operator.TransactionQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where a sidecar stands, and what administration may ask of it. Thread-safe. */
final class LifeCycle implements ServerControl {

  private final Runnable onQuit;
  private volatile State state = State.PRE_INITIALIZING;
  private volatile String phase = "";
  private volatile boolean healthChecksFail;
  private volatile Optional<TransactionQueries> transactions = Optional.empty();
  private volatile Consumer<Boolean> listenerDrain = inboundOnly -> {};
  private volatile Runnable logReopening = () -> {};
  private volatile Supplier<Optional<String>> notice = Optional::empty;

  LifeCycle(Runnable onQuit) {
    this.onQuit = onQuit;
  }

  /** Starting, and what it waits for. */
  void initializing(String what) {
    state = State.INITIALIZING;
    phase = what;
  }

  /** Unless somebody has told the proxy to stop meanwhile. */
  synchronized void live() {
    if (state != State.DRAINING) {
      state = State.LIVE;
      phase = "";
    }
  }

  synchronized void draining() {
    state = State.DRAINING;
    phase = "the proxy has been told to stop";
  }

  void transactions(TransactionQueries queries) {
    transactions = Optional.of(queries);
  }

  void onDrainListeners(Consumer<Boolean> drain) {
    listenerDrain = drain;
  }

  void notice(Supplier<Optional<String>> source) {
    notice = source;
  }

  void onReopenLogs(Runnable reopen) {
    logReopening = reopen;
  }

  @Override
  public State state() {
    State now = state;
    return now == State.LIVE && healthChecksFail ? State.DRAINING : now;
  }

  @Override
  public List<String> notReady() {
    List<String> reasons = new ArrayList<>();
    if (!phase.isEmpty()) {
      reasons.add(phase);
    }
    if (healthChecksFail) {
      reasons.add("health checks fail since /healthcheck/fail");
    }
    transactions
        .map(TransactionQueries::readiness)
        .filter(readiness -> !readiness.ready())
        .ifPresent(readiness -> reasons.add("transactions: " + readiness.reason()));
    return reasons;
  }

  @Override
  public List<String> notices() {
    return notice.get().stream().toList();
  }

  @Override
  public void failHealthChecks(boolean fail) {
    healthChecksFail = fail;
  }

  @Override
  public void drainListeners(boolean inboundOnly) {
    listenerDrain.accept(inboundOnly);
  }

  @Override
  public void quit() {
    onQuit.run();
  }

  @Override
  public void reopenLogs() {
    logReopening.run();
  }
}
