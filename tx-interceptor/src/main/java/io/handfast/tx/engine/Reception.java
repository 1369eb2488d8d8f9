package io.handfast.tx.engine;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.answer.Caller;
import io.handfast.tx.engine.answer.Opening;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.port.TransactionStore;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests in on the engine's loop: opens branches and transactions, or says why not (the
 * guards of §5). Confined to the loop.
 */
final class Reception {
  private final Wiring wiring;
  private final TransactionStore store;
  private boolean started;
  private boolean draining;

  Reception(Wiring wiring, TransactionStore store) {
    this.wiring = wiring;
    this.store = store;
  }

  void started() {
    started = true;
  }

  boolean isStarted() {
    return started;
  }

  void drain() {
    draining = true;
  }

  void receive(Opening opening, RoutePolicy.@Nullable Boundary boundary, InboundStream stream) {
    wiring.checkLoop();
    Caller caller = stream.caller();
    if (caller.isOver()) {
      return; // gone while it came here
    }
    BranchKey key = opening.key();
    ParticipantDriver first = wiring.tables().participant(key);
    if (first != null) {
      wiring.meters().duplicate();
      first.answers().join(caller);
      return;
    }
    Remembered.Memory memory = wiring.tables().remembered().get(key);
    if (memory != null && wiring.deciders().accepts(key, opening.decider(), memory.teller())) {
      wiring.meters().duplicate();
      again(key, memory, caller);
      return;
    }
    String refusal = refusal(boundary != null, opening.branch().isUpdating());
    if (refusal != null) {
      caller.fail(Problems.unavailable(refusal));
      return;
    }
    open(opening, boundary, stream);
  }

  private static void again(BranchKey key, Remembered.Memory memory, Caller caller) {
    if (memory.replay() != null) {
      caller.replay(memory.replay());
    } else if (memory.outcome() == BranchOutcome.ABORTED) {
      caller.fail(Problems.branchEnded(key, "branch " + key + " was aborted"));
    } else {
      caller.fail(Problems.duplicateWithoutAnswer(key));
    }
  }

  /** Why nothing is begun now, or null. */
  private @Nullable String refusal(boolean begins, boolean updating) {
    if (!started) {
      return "transactions: the store is being read (expected: soon)";
    }
    if (draining) {
      return "transactions: this sidecar is about to stop (expected: another replica)";
    }
    if ((begins || updating) && store.health() instanceof TransactionStore.Health.Failed failed) {
      return failed.reason();
    }
    int max = wiring.config().maxTransactions();
    if (begins && wiring.tables().coordinatorCount() >= max) {
      return "max_transactions: " + max + " are running (expected: fewer; try again)";
    }
    if (wiring.tables().participantCount() >= Bounds.MAX_BRANCHES) {
      return "branches: " + Bounds.MAX_BRANCHES + " are in flight (expected: fewer; try again)";
    }
    return null;
  }

  private void open(
      Opening opening, RoutePolicy.@Nullable Boundary boundary, InboundStream stream) {
    ParticipantDriver driver = new ParticipantDriver(wiring, opening, stream.caller());
    stream.opened(driver);
    wiring.tables().add(opening.key(), driver);
    wiring.tables().traces().opened(opening.traceId(), opening.key(), wiring.loop().nanoTime());
    wiring.meters().branchOpened();
    if (boundary != null) {
      begin(opening, boundary, driver);
    }
    driver.handle(new ParticipantEvent.Opened());
  }

  private void begin(Opening opening, RoutePolicy.Boundary boundary, ParticipantDriver root) {
    var tx = opening.branch().tx();
    CoordinatorDriver coordinator =
        new CoordinatorDriver(
            wiring,
            tx,
            new ClientAnswer(wiring, tx, root),
            opening.deadlineNanos(),
            boundary.completionWait().toNanos());
    wiring.tables().add(tx, coordinator);
    wiring.meters().begun();
    coordinator.handle(
        new CoordinatorEvent.Began(opening.branch(), !boundary.completionWait().isZero()));
  }
}
