package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Order.Conduct.FAIL;
import static io.handfast.proxy.crash.Order.Conduct.OBEY;
import static io.handfast.proxy.crash.Order.Kind.RESERVATIONS;
import static io.handfast.proxy.crash.Order.Kind.SEATS;
import static io.handfast.proxy.crash.Order.Kind.TICKETS;
import static io.handfast.proxy.crash.Scenario.Client.COMMITTED_OR_NOTHING;
import static io.handfast.proxy.crash.Scenario.Client.TOLD_ABORTED;
import static io.handfast.proxy.crash.Scenario.Client.TOLD_COMMITTED;
import static io.handfast.proxy.crash.Scenario.Client.TOLD_NOTHING;
import static io.handfast.proxy.crash.Scenario.Side.BACK;
import static io.handfast.proxy.crash.Scenario.Side.FRONT;

import java.util.List;
import java.util.stream.Stream;

/**
 * One sidecar dies once, at one point, during one order; and what has to come of it.
 *
 * @param victim whose sidecar
 * @param at where
 * @param front how the front service ends; the back's does as it is told
 * @param client what the client hears
 * @param commits whether both sides must stand confirmed in the end; otherwise neither may
 */
record Scenario(
    Side victim,
    CrashPoint at,
    Order.Kind kind,
    Order.Conduct front,
    Client client,
    boolean commits) {

  enum Side {
    FRONT,
    BACK
  }

  enum Client {
    TOLD_COMMITTED,
    TOLD_ABORTED,
    /** Its connection breaks with the sidecar. */
    TOLD_NOTHING,
    /** The sidecar dies while the answer is on its way. */
    COMMITTED_OR_NOTHING;

    boolean heard(Told told) {
      return switch (this) {
        case TOLD_COMMITTED -> told.committed();
        case TOLD_ABORTED -> told.aborted() && !told.committed();
        case TOLD_NOTHING -> told.status() == -1;
        case COMMITTED_OR_NOTHING -> told.committed() || told.status() == -1;
      };
    }
  }

  private static final String ENGINE = "io.handfast.tx.engine.";
  private static final String FORCE_POINTS = ENGINE + "ForcePoints";
  private static final String BRANCH = ENGINE + "BranchStore";

  static final CrashPoint BEFORE_BEGUN = CrashPoint.entry(FORCE_POINTS, "beforeBegun");
  static final CrashPoint AFTER_BEGUN = CrashPoint.entry(FORCE_POINTS, "afterBegun");
  static final CrashPoint AFTER_SERVICE_ANSWERED =
      CrashPoint.entry(FORCE_POINTS, "afterServiceAnswered");
  static final CrashPoint AFTER_BRANCH_RECORD = CrashPoint.entry(FORCE_POINTS, "afterBranchRecord");
  static final CrashPoint BEFORE_PRE_COMMIT = CrashPoint.entry(FORCE_POINTS, "beforePreCommit");
  static final CrashPoint AFTER_PRE_COMMIT = CrashPoint.entry(FORCE_POINTS, "afterPreCommit");
  static final CrashPoint BEFORE_DECISION = CrashPoint.entry(FORCE_POINTS, "beforeDecision");
  static final CrashPoint AFTER_DECISION = CrashPoint.entry(FORCE_POINTS, "afterDecision");
  static final CrashPoint BEFORE_ACKNOWLEDGEMENT =
      CrashPoint.entry(FORCE_POINTS, "beforeAcknowledgement");
  static final CrashPoint AFTER_ACKNOWLEDGEMENT =
      CrashPoint.entry(FORCE_POINTS, "afterAcknowledgement");
  static final CrashPoint BEFORE_BRANCH_RECORD =
      CrashPoint.entry(FORCE_POINTS, "beforeBranchRecord");
  static final CrashPoint BEFORE_PRE_COMMITTED =
      CrashPoint.entry(FORCE_POINTS, "beforePreCommitted");
  static final CrashPoint AFTER_PRE_COMMITTED = CrashPoint.entry(FORCE_POINTS, "afterPreCommitted");
  static final CrashPoint BEFORE_WITHDRAWAL = CrashPoint.entry(FORCE_POINTS, "beforeWithdrawal");
  static final CrashPoint AFTER_WITHDRAWAL = CrashPoint.entry(FORCE_POINTS, "afterWithdrawal");
  static final CrashPoint BEFORE_OWN_DECISION = CrashPoint.entry(FORCE_POINTS, "beforeOwnDecision");
  static final CrashPoint AFTER_OWN_DECISION = CrashPoint.entry(FORCE_POINTS, "afterOwnDecision");
  static final CrashPoint BEFORE_RESOLUTION = CrashPoint.entry(FORCE_POINTS, "beforeResolution");
  static final CrashPoint AFTER_RESOLUTION = CrashPoint.entry(FORCE_POINTS, "afterResolution");
  static final CrashPoint BEFORE_SETTLEMENT = CrashPoint.entry(FORCE_POINTS, "beforeSettlement");
  static final CrashPoint AFTER_SETTLEMENT = CrashPoint.entry(FORCE_POINTS, "afterSettlement");
  static final CrashPoint BEFORE_GIVEN_UP = CrashPoint.entry(FORCE_POINTS, "beforeGivenUp");
  static final CrashPoint AFTER_GIVEN_UP = CrashPoint.entry(FORCE_POINTS, "afterGivenUp");
  static final CrashPoint BEFORE_PREPARE = CrashPoint.entry(FORCE_POINTS, "beforePrepare");
  static final CrashPoint AFTER_PREPARE = CrashPoint.entry(FORCE_POINTS, "afterPrepare");
  static final CrashPoint AFTER_BLOCK_VOTED = CrashPoint.entry(FORCE_POINTS, "afterBlockVoted");
  static final CrashPoint BEFORE_COMPLETION = CrashPoint.entry(FORCE_POINTS, "beforeCompletion");
  static final CrashPoint AFTER_COMPLETION = CrashPoint.entry(FORCE_POINTS, "afterCompletion");
  static final CrashPoint AFTER_FORGOTTEN = CrashPoint.entry(FORCE_POINTS, "afterForgotten");

  /** The outcome is known, the service has not been asked to carry it out. */
  static final CrashPoint BEFORE_CONFIRM = CrashPoint.entry(BRANCH, "confirm");

  static final CrashPoint BEFORE_CANCEL = CrashPoint.entry(BRANCH, "cancel");

  /** The service has carried the outcome out, and no record says so. */
  static final CrashPoint BEFORE_END = CrashPoint.entry(BRANCH, "writeEnd");

  static final CrashPoint BEFORE_OUTCOME_IS_SENT =
      CrashPoint.entry(ENGINE + "CoordinatorSender", "outcome");

  static final List<CrashPoint> POINTS =
      List.of(
          BEFORE_BEGUN,
          AFTER_BEGUN,
          AFTER_SERVICE_ANSWERED,
          AFTER_BRANCH_RECORD,
          BEFORE_PRE_COMMIT,
          AFTER_PRE_COMMIT,
          BEFORE_DECISION,
          AFTER_DECISION,
          BEFORE_ACKNOWLEDGEMENT,
          AFTER_ACKNOWLEDGEMENT,
          AFTER_FORGOTTEN,
          BEFORE_BRANCH_RECORD,
          BEFORE_PRE_COMMITTED,
          AFTER_PRE_COMMITTED,
          BEFORE_WITHDRAWAL,
          AFTER_WITHDRAWAL,
          BEFORE_OWN_DECISION,
          AFTER_OWN_DECISION,
          BEFORE_RESOLUTION,
          AFTER_RESOLUTION,
          BEFORE_SETTLEMENT,
          AFTER_SETTLEMENT,
          BEFORE_GIVEN_UP,
          AFTER_GIVEN_UP,
          BEFORE_PREPARE,
          AFTER_PREPARE,
          AFTER_BLOCK_VOTED,
          BEFORE_COMPLETION,
          AFTER_COMPLETION,
          BEFORE_CONFIRM,
          BEFORE_CANCEL,
          BEFORE_END,
          BEFORE_OUTCOME_IS_SENT);

  /** The back dies: the front and the coordinator live. */
  static Stream<Scenario> ofBack() {
    return Stream.of(
        aborts(BACK, BEFORE_BEGUN, RESERVATIONS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_BEGUN, RESERVATIONS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_SERVICE_ANSWERED, RESERVATIONS, OBEY, TOLD_ABORTED),
        aborts(BACK, BEFORE_BEGUN, SEATS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_BEGUN, SEATS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_SERVICE_ANSWERED, SEATS, OBEY, TOLD_ABORTED),
        commits(BACK, BEFORE_CONFIRM, SEATS, TOLD_COMMITTED),
        aborts(BACK, AFTER_BEGUN, TICKETS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_SERVICE_ANSWERED, TICKETS, OBEY, TOLD_ABORTED),
        aborts(BACK, BEFORE_BRANCH_RECORD, TICKETS, OBEY, TOLD_ABORTED),
        aborts(BACK, AFTER_BRANCH_RECORD, TICKETS, OBEY, TOLD_ABORTED),
        commits(BACK, BEFORE_CONFIRM, RESERVATIONS, TOLD_COMMITTED),
        commits(BACK, BEFORE_CONFIRM, TICKETS, TOLD_COMMITTED),
        commits(BACK, BEFORE_END, RESERVATIONS, TOLD_COMMITTED),
        commits(BACK, BEFORE_ACKNOWLEDGEMENT, RESERVATIONS, TOLD_COMMITTED),
        commits(BACK, AFTER_ACKNOWLEDGEMENT, RESERVATIONS, TOLD_COMMITTED),
        aborts(BACK, BEFORE_CANCEL, RESERVATIONS, FAIL, TOLD_ABORTED),
        aborts(BACK, BEFORE_CANCEL, TICKETS, FAIL, TOLD_ABORTED),
        aborts(BACK, BEFORE_END, RESERVATIONS, FAIL, TOLD_ABORTED),
        aborts(BACK, BEFORE_ACKNOWLEDGEMENT, RESERVATIONS, FAIL, TOLD_ABORTED),
        aborts(BACK, AFTER_ACKNOWLEDGEMENT, RESERVATIONS, FAIL, TOLD_ABORTED));
  }

  /** The front dies, and with it the coordinator: the back may be in doubt. */
  static Stream<Scenario> ofFront() {
    return Stream.of(
        aborts(FRONT, BEFORE_BEGUN, RESERVATIONS, OBEY, TOLD_NOTHING),
        aborts(FRONT, AFTER_BEGUN, RESERVATIONS, OBEY, TOLD_NOTHING),
        aborts(FRONT, AFTER_SERVICE_ANSWERED, RESERVATIONS, OBEY, TOLD_NOTHING),
        aborts(FRONT, BEFORE_DECISION, RESERVATIONS, OBEY, TOLD_NOTHING),
        aborts(FRONT, BEFORE_DECISION, TICKETS, OBEY, TOLD_NOTHING),
        commits(FRONT, AFTER_DECISION, RESERVATIONS, TOLD_NOTHING),
        commits(FRONT, AFTER_DECISION, TICKETS, TOLD_NOTHING),
        commits(FRONT, BEFORE_OUTCOME_IS_SENT, RESERVATIONS, TOLD_NOTHING),
        commits(FRONT, BEFORE_END, RESERVATIONS, COMMITTED_OR_NOTHING),
        commits(FRONT, BEFORE_ACKNOWLEDGEMENT, RESERVATIONS, COMMITTED_OR_NOTHING),
        commits(FRONT, AFTER_ACKNOWLEDGEMENT, RESERVATIONS, COMMITTED_OR_NOTHING),
        commits(FRONT, AFTER_FORGOTTEN, RESERVATIONS, COMMITTED_OR_NOTHING),
        aborts(FRONT, BEFORE_OUTCOME_IS_SENT, RESERVATIONS, FAIL, TOLD_NOTHING));
  }

  private static Scenario commits(Side victim, CrashPoint at, Order.Kind kind, Client client) {
    return new Scenario(victim, at, kind, OBEY, client, true);
  }

  private static Scenario aborts(
      Side victim, CrashPoint at, Order.Kind kind, Order.Conduct front, Client client) {
    return new Scenario(victim, at, kind, front, client, false);
  }

  @Override
  public String toString() {
    return "%s at %s.%s, %s%s: %s"
        .formatted(
            victim,
            at.type().substring(at.type().lastIndexOf('.') + 1),
            at.method(),
            kind,
            front == FAIL ? " that fail" : "",
            commits ? "commit" : "abort");
  }
}
