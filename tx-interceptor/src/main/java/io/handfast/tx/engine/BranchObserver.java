package io.handfast.tx.engine;

import io.handfast.tx.core.Branch;
import io.handfast.tx.core.IllegalTransitionException;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.engine.observe.Story;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what becomes of one branch: in the log, in the meters and on the timeline. Changes nothing.
 * Confined to the engine's loop.
 */
final class BranchObserver {
  private static final Logger log = LoggerFactory.getLogger(BranchObserver.class);

  private final Wiring wiring;
  private final ParticipantDriver driver;
  private final Story story;
  private final long sinceMs;
  private long enteredNanos;

  /**
   * @param sinceMs when it was opened, or its record written
   */
  BranchObserver(Wiring wiring, ParticipantDriver driver, Story story, long sinceMs) {
    this.wiring = wiring;
    this.driver = driver;
    this.story = story;
    this.sinceMs = sinceMs;
  }

  /** Behind each step. */
  void changed(ParticipantState before, ParticipantEvent event) {
    ParticipantState state = driver.state();
    boolean wasInDoubt = ParticipantDriver.isInDoubt(before);
    if (!wasInDoubt && driver.isInDoubt()) {
      wiring.meters().inDoubt(driver, sinceMs);
      story.doubts(1);
    } else if (wasInDoubt && !driver.isInDoubt()) {
      outOfDoubt();
    }
    if (before.getClass() != state.getClass()) {
      long now = wiring.loop().nanoTime();
      if (!(before instanceof ParticipantState.New)) {
        wiring.meters().branchPhase(Names.ofState(before), now - enteredNanos);
      }
      enteredNanos = now;
    }
    moved(before, Names.ofState(state), Names.note(event));
  }

  private void outOfDoubt() {
    wiring.meters().outOfDoubt(driver);
    story.doubts(-1);
  }

  /** Another sidecar has it, or had it: its machine stays as it is. */
  void left(String why) {
    if (driver.isInDoubt()) {
      outOfDoubt();
    }
    moved(driver.state(), "ended", why);
  }

  /**
   * What changed, on the timeline and in the log.
   *
   * @param event its text, or what {@link Names#note} has made of it
   */
  private void moved(ParticipantState before, String name, Object event) {
    Branch branch = driver.branch();
    story.add(wiring.loop().epochMillis(), branch.id(), event, name);
    story.branchState(name);
    if (log.isDebugEnabled()) {
      log.atDebug()
          .addKeyValue("txId", branch.tx())
          .addKeyValue("branchId", branch.id())
          .log("branch: {} -> {}: {}", Names.ofState(before), name, Names.text(event));
    }
  }

  /** What changes nothing, and people look for: on the timeline, and in the log. */
  void noted(String what) {
    Branch branch = driver.branch();
    story.add(wiring.loop().epochMillis(), branch.id(), what, Names.ofState(driver.state()));
    log.atInfo()
        .addKeyValue("txId", branch.tx())
        .addKeyValue("branchId", branch.id())
        .log("branch: {}", what);
  }

  /** What happened has no row in the machine: a bug. */
  void illegal(IllegalTransitionException bug) {
    Branch branch = driver.branch();
    wiring.meters().illegalTransition();
    story.add(
        wiring.loop().epochMillis(),
        branch.id().toString(),
        "illegal event",
        Names.ofState(driver.state()));
    log.atError()
        .addKeyValue("txId", branch.tx())
        .addKeyValue("branchId", branch.id())
        .setCause(bug)
        .log("branch: {}; history: {}", bug.getMessage(), story.timeline());
  }
}
