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
import io.handfast.tx.engine.observe.Refusals.Reason;
import io.handfast.tx.engine.observe.Story;
import io.handfast.tx.engine.observe.SuccessPrediction;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.port.TransactionStore;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests in on the engine's loop: opens branches and transactions, or says why not (the
 * guards). Confined to the loop.
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
    SuccessPrediction.Boundary predicted =
        boundary == null ? null : wiring.prediction().boundary(opening.route());
    Refusal refusal = refusal(opening, boundary, predicted);
    if (refusal != null) {
      wiring.meters().refused(refusal.reason());
      caller.fail(refusal.problem());
      return;
    }
    open(opening, boundary, predicted, stream);
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

  /** Why a request is not taken on. */
  private record Refusal(Reason reason, Problem problem) {
    static Refusal unavailable(Reason reason, String why) {
      return new Refusal(reason, Problems.unavailable(why));
    }

    static Refusal limit(Reason reason, String detail) {
      return new Refusal(reason, Problems.limit(detail));
    }
  }

  /** Why this is not taken on now, or null. */
  private @Nullable Refusal refusal(
      Opening opening,
      RoutePolicy.@Nullable Boundary boundary,
      SuccessPrediction.@Nullable Boundary predicted) {
    if (!started) {
      return Refusal.unavailable(
          Reason.STARTING, "transactions: the store is being read (expected: soon)");
    }
    if (draining) {
      return Refusal.unavailable(
          Reason.DRAINING,
          "transactions: this sidecar is about to stop (expected: another replica)");
    }
    if ((boundary != null || opening.branch().isUpdating())
        && store.health() instanceof TransactionStore.Health.Failed failed) {
      return Refusal.unavailable(Reason.STORE, failed.reason());
    }
    Refusal begins = boundary == null ? null : mayNotBegin(boundary, predicted);
    return begins == null ? full(opening) : begins;
  }

  private @Nullable Refusal mayNotBegin(
      RoutePolicy.Boundary boundary, SuccessPrediction.@Nullable Boundary predicted) {
    int max = wiring.config().limits().transactions();
    if (wiring.tables().coordinatorCount() >= max) {
      return Refusal.limit(
          Reason.MAX_TRANSACTIONS,
          "max_transactions: " + max + " are running (expected: fewer; try again)");
    }
    double floor = boundary.minSuccessProbability();
    if (floor > 0 && predicted != null && predicted.probability() < floor) {
      return Refusal.limit(
          Reason.ADMISSION,
          String.format(
              Locale.ROOT,
              "min_success_probability: %.2f is predicted (expected: at least %.2f; try again)",
              predicted.probability(),
              floor));
    }
    return null;
  }

  private @Nullable Refusal full(Opening opening) {
    if (opening.branch().isUpdating() && wiring.kept().isFull()) {
      return Refusal.limit(
          Reason.KEPT,
          "hazards and decisions of operators: "
              + Bounds.MAX_KEPT
              + " stay here (expected: fewer; settle them, then `handfast tx forget`)");
    }
    if (wiring.tables().participantCount() >= Bounds.MAX_BRANCHES) {
      return Refusal.limit(
          Reason.BRANCHES_IN_FLIGHT,
          "branches: " + Bounds.MAX_BRANCHES + " are in flight (expected: fewer; try again)");
    }
    long bytes = Opening.bytes(opening.begin());
    Story story = bytes == 0 ? null : wiring.history().find(opening.branch().tx());
    String tooMuch = tooMuch(wiring, story, bytes);
    return tooMuch == null ? null : Refusal.limit(Reason.MAX_BYTES, tooMuch);
  }

  /** Null if the transaction may hold that much more here. */
  static @Nullable String tooMuch(Wiring wiring, @Nullable Story story, long more) {
    if (more <= 0) {
      return null;
    }
    int max = wiring.config().limits().bytes();
    long bytes = more + (story == null ? 0 : story.bytes());
    return bytes <= max
        ? null
        : "max_bytes: confirm and cancel of the transaction's branches here take "
            + bytes
            + " bytes (expected: at most "
            + max
            + ")";
  }

  private void open(
      Opening opening,
      RoutePolicy.@Nullable Boundary boundary,
      SuccessPrediction.@Nullable Boundary predicted,
      InboundStream stream) {
    ParticipantDriver driver = new ParticipantDriver(wiring, opening, stream.caller());
    driver.holds(Opening.bytes(opening.begin()));
    stream.opened(driver);
    wiring.tables().add(opening.key(), driver);
    wiring
        .tables()
        .traces()
        .opened(
            opening.traceId(),
            opening.key(),
            opening.resource().takesBlocks(),
            wiring.loop().nanoTime());
    wiring.meters().branchOpened();
    if (boundary != null) {
      begin(opening, boundary, predicted, driver);
    }
    driver.handle(new ParticipantEvent.Opened());
  }

  private void begin(
      Opening opening,
      RoutePolicy.Boundary boundary,
      SuccessPrediction.@Nullable Boundary predicted,
      ParticipantDriver root) {
    var tx = opening.branch().tx();
    CoordinatorDriver coordinator =
        new CoordinatorDriver(
            wiring,
            tx,
            new ClientAnswer(wiring, tx, root, predicted),
            opening.deadlineNanos(),
            boundary.completionWait().toNanos());
    wiring.tables().add(tx, coordinator);
    wiring.meters().begun();
    coordinator.handle(
        new CoordinatorEvent.Began(opening.branch(), !boundary.completionWait().isZero()));
  }
}
