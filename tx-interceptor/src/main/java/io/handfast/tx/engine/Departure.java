package io.handfast.tx.engine;

import io.handfast.tx.core.BranchOutcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.answer.BranchAnswers;
import io.handfast.tx.engine.answer.Problems;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.OnceMore;
import io.handfast.tx.engine.base.Remembered;
import io.handfast.tx.engine.observe.Story;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a branch leaves the sidecar, ended or taken over by another: what is remembered of it, and
 * what is shown until people have seen to it. Its timers are cancelled by then. Confined to the
 * engine's loop.
 */
final class Departure {
  private static final Logger log = LoggerFactory.getLogger(Departure.class);

  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final ParticipantLink link;
  private final BranchAnswers answers;
  private final BranchStore store;
  private final Consumer<String> hazard;

  /**
   * @param hazard told what cannot be undone
   */
  Departure(
      Wiring wiring,
      ParticipantDriver driver,
      ParticipantLink link,
      BranchAnswers answers,
      BranchStore store,
      Consumer<String> hazard) {
    this.wiring = wiring;
    this.driver = driver;
    this.link = link;
    this.answers = answers;
    this.store = store;
    this.hazard = hazard;
  }

  /**
   * Of a branch that another sidecar has taken over: nothing more is done for it here, but that a
   * Try of this sidecar's own is undone once more if it was undone there (T19). Its id is
   * remembered, so that a late duplicate does not open it anew.
   */
  void abandon() {
    log.atWarn()
        .addKeyValue("txId", driver.branch().tx())
        .addKeyValue("branchId", driver.branch().id())
        .log("branch: taken over by another replica: given up here");
    leave("taken over by another replica");
  }

  /** Another sidecar has its outcome, or had it: shown here no more. */
  void leave(String why) {
    driver.story().detail(why);
    long now = wiring.loop().nanoTime();
    stop(now);
    wiring
        .tables()
        .remembered()
        .put(
            driver.key(),
            Remembered.Memory.takenOver(now + keptNanos(now), answers.replay(), driver.decider()),
            now);
    wiring.tables().remove(driver.key(), driver);
    if (driver.hasTried()) {
      LostTry lost = new LostTry(wiring, driver, store, this::cannotBeUndone);
      long wait = driver.isAtWork() ? link.tryTimeoutNanos() : 0;
      wiring.loop().schedule(wait, new OnceMore(lost)::begin);
    }
    driver.story().branchEnded(OperatorDesk.view(driver));
    wiring.history().leave(driver.story(), wiring.loop().epochMillis());
  }

  /** Another has ended the branch, and what this sidecar did stays: people have to see to it. */
  private void cannotBeUndone(String detail) {
    hazard.accept(detail);
    keep(BranchOutcome.HAZARD, detail);
  }

  private void stop(long now) {
    driver.forgetCalls();
    driver.holds(0);
    if (link.traceId() != null) {
      wiring.tables().traces().ended(link.traceId(), driver.key(), now);
    }
  }

  /** It has ended here. */
  void forget() {
    long now = wiring.loop().nanoTime();
    stop(now);
    remember(now);
    wiring.tables().remove(driver.key(), driver);
    if (!keep()) {
      driver.story().branchEnded(OperatorDesk.view(driver));
    }
    if (!driver.branch().root() && driver.state() instanceof ParticipantState.Ended ended) {
      conclude(ended);
    }
    wiring.history().leave(driver.story(), wiring.loop().epochMillis());
  }

  /** What is over and not done with is shown until it is. */
  private boolean keep() {
    if (!(driver.state() instanceof ParticipantState.Ended ended)
        || (ended.outcome() != BranchOutcome.HAZARD && !driver.isResolved())) {
      return false;
    }
    keep(ended.outcome(), ended.detail());
    return true;
  }

  private void keep(BranchOutcome outcome, String detail) {
    wiring
        .kept()
        .keep(
            link.records().ended(outcome, detail).getBranchEnded(),
            null,
            wiring.loop().epochMillis(),
            link.deadlineNanos());
  }

  private void conclude(ParticipantState.Ended ended) {
    Story story = driver.story();
    if (story.isParticipantOnly() && !driver.isResolved()) {
      story.outcome(
          switch (ended.outcome()) {
            case COMMITTED -> Problems.COMMITTED;
            case ABORTED -> Problems.ABORTED;
            case READ_ONLY, HAZARD -> Problems.UNKNOWN;
          });
    }
  }

  private void remember(long now) {
    if (!(driver.state() instanceof ParticipantState.Ended ended)) {
      return;
    }
    Remembered.Replay replay = ended.outcome() == BranchOutcome.ABORTED ? null : answers.replay();
    wiring
        .tables()
        .remembered()
        .put(
            driver.key(),
            new Remembered.Memory(
                ended.outcome(),
                ended.detail(),
                now + keptNanos(now),
                replay,
                driver.decider(),
                null),
            now);
  }

  private long keptNanos(long now) {
    long kept = Math.max(link.deadlineNanos() - now, link.tryTimeoutNanos());
    // Members that were away ask each other when they are back.
    return driver.branch().protocol() == Protocol.THREE_PHASE
        ? Math.max(kept, Bounds.MAX_TIMEOUT.toNanos())
        : kept;
  }
}
