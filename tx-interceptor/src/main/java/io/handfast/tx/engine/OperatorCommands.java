package io.handfast.tx.engine;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Writer;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.operator.TransactionCommands.Decision;
import io.handfast.tx.operator.TransactionCommands.Ground;
import io.handfast.tx.operator.TransactionCommands.Result;
import io.handfast.tx.operator.TransactionCommands.Status;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Need;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators do to transactions (T21). Each command is recorded and forced before it has an
 * effect. Confined to the engine's loop.
 */
final class OperatorCommands {
  private static final Logger log = LoggerFactory.getLogger(OperatorCommands.class);

  private final Wiring wiring;

  OperatorCommands(Wiring wiring) {
    this.wiring = wiring;
  }

  /** As much of it as is kept. */
  static Ground bounded(Ground ground) {
    return new Ground(cut(ground.by()), cut(ground.reason()));
  }

  private static String cut(String text) {
    String line = text.strip().replaceAll("\\p{Cntrl}", " ");
    return line.length() <= Bounds.MAX_REASON ? line : line.substring(0, Bounds.MAX_REASON);
  }

  void resolve(TxId tx, Decision decision, Ground ground, Consumer<Result> reply) {
    wiring.checkLoop();
    List<ParticipantDriver> here =
        wiring.tables().participants().stream().filter(it -> it.branch().tx().equals(tx)).toList();
    List<ParticipantDriver> inDoubt =
        here.stream().filter(it -> it.isInDoubt() && !it.isResolved()).toList();
    String refusal = refusal(tx, here, inDoubt, decision);
    if (refusal != null) {
      reply.accept(new Result(known(tx) ? Status.REFUSED : Status.UNKNOWN, refusal, List.of()));
      return;
    }
    Resolution resolution =
        Resolution.newBuilder()
            .setOutcome(
                decision == Decision.COMMIT
                    ? BranchOutcome.BRANCH_COMMITTED
                    : BranchOutcome.BRANCH_ABORTED)
            .setBy(ground.by())
            .setReason(ground.reason())
            .setTimeMs(wiring.loop().epochMillis())
            .build();
    Outcome outcome = decision == Decision.COMMIT ? Outcome.COMMIT : Outcome.ABORT;
    Gathered gathered = new Gathered(inDoubt.size(), "decided to " + Names.lower(outcome), reply);
    for (ParticipantDriver driver : inDoubt) {
      BranchId id = driver.branch().id();
      driver.resolve(outcome, resolution, failure -> gathered.add(id.toString(), failure));
    }
  }

  private boolean known(TxId tx) {
    return wiring.history().find(tx) != null;
  }

  private @Nullable String refusal(
      TxId tx, List<ParticipantDriver> here, List<ParticipantDriver> inDoubt, Decision decision) {
    if (!known(tx)) {
      return "tx-id: " + tx + " is not known here";
    }
    if (wiring.tables().coordinator(tx) != null) {
      return "tx-id: "
          + tx
          + " is coordinated here (expected: a branch in doubt whose coordinator is elsewhere; where"
          + " this store does not say what it has decided, restart the sidecar)";
    }
    if (inDoubt.isEmpty()) {
      List<String> states =
          here.stream().map(it -> it.branch().id() + " is " + Names.ofState(it.state())).toList();
      return "tx-id: "
          + tx
          + ": nothing of it is in doubt here"
          + (states.isEmpty() ? "" : ": " + String.join(", ", states));
    }
    for (ParticipantDriver driver : inDoubt) {
      if (driver.isRecordingProgress()) {
        return "branch: "
            + driver.branch().id()
            + " is writing what the members of its transaction have agreed on (expected: ready or"
            + " pre-committed; ask again when `handfast tx show` says so)";
      }
      if (decision == Decision.COMMIT && driver.mayBeTried()) {
        return "branch: "
            + driver.branch().id()
            + " may be tried still by what a former life sent (expected: the Try's timeout over;"
            + " ask again then, or abort)";
      }
      if (isAnsweredHere(driver)) {
        return "branch: "
            + driver.branch().id()
            + " is decided by the store that it is kept in, which answers by itself (expected: one"
            + " whose decider is another store)";
      }
    }
    if (wiring.shared().isShared()) {
      return "store: " + wiring.storeId() + " is shared (expected: a journal)";
    }
    return null;
  }

  /**
   * Whether the store that a branch is kept in decides for it, and says so by itself. Under
   * THREE_PHASE a coordinator that has come back and holds nothing says nothing: there the branch
   * is as one whose coordinator has died elsewhere.
   */
  private boolean isAnsweredHere(ParticipantDriver driver) {
    return driver.decider().store().equals(wiring.storeId())
        && (driver.branch().protocol() != Protocol.THREE_PHASE
            || wiring.tables().held(driver.branch().tx()) != null);
  }

  void forget(TxId tx, Ground ground, Consumer<Result> reply) {
    wiring.checkLoop();
    List<BranchEnded> ends = wiring.kept().ends(tx);
    CoordinatorDriver coordinator = wiring.tables().coordinator(tx);
    boolean owes = coordinator != null && coordinator.isOnlyOwing();
    if (ends.isEmpty() && !owes) {
      reply.accept(
          new Result(
              known(tx) ? Status.REFUSED : Status.UNKNOWN,
              known(tx)
                  ? "tx-id: "
                      + tx
                      + ": nothing of it stays here that could be forgotten"
                      + " (expected: a hazard, an end that an operator decided, or a decision that"
                      + " somebody does not acknowledge; what is in doubt is resolved first)"
                  : "tx-id: " + tx + " is not known here",
              List.of()));
      return;
    }
    String refusal = owes ? refusalOfDecision() : null;
    if (refusal != null) {
      reply.accept(new Result(Status.REFUSED, refusal, List.of()));
      return;
    }
    Gathered gathered = new Gathered(ends.size() + (owes ? 1 : 0), "forgotten", reply);
    for (BranchEnded end : ends) {
      write(
          tx,
          Forgotten.newBuilder().setBranch(end),
          ground,
          new BranchId(end.getBranchId()).toString(),
          gathered,
          () -> {
            wiring.tables().givenUp().put(end);
            wiring.kept().forget(end);
          });
    }
    if (coordinator != null && owes) {
      write(
          tx,
          Forgotten.newBuilder().setDecision(coordinator.decision()),
          ground,
          "",
          gathered,
          coordinator::giveUp);
    }
  }

  private @Nullable String refusalOfDecision() {
    if (wiring.shared().isShared()) {
      return "store: "
          + wiring.storeId()
          + " is shared (expected: a journal; a shared store answers by itself, and replicas tell"
          + " on)";
    }
    if (wiring.tables().givenUp().isFull()) {
      return "decisions that were forgotten here: "
          + Bounds.MAX_FORGOTTEN
          + " (expected: fewer; each is answered for as long as this journal lives)";
    }
    return null;
  }

  private void write(
      TxId tx,
      Forgotten.Builder what,
      Ground ground,
      String branch,
      Gathered gathered,
      Runnable durable) {
    what.setBy(ground.by()).setReason(ground.reason());
    ForcePoints.beforeGivenUp(tx);
    wiring
        .writer()
        .write(
            Record.newBuilder().setForgotten(what),
            Durability.FORCED,
            Need.ESSENTIAL,
            new Writer.Written() {
              @Override
              public void durable() {
                ForcePoints.afterGivenUp(tx);
                durable.run();
                log.atWarn()
                    .addKeyValue("txId", tx)
                    .addKeyValue("branchId", branch)
                    .log("forgotten: by {}: {}", ground.by(), ground.reason());
                gathered.add(branch, null);
              }

              @Override
              public void refused(String reason) {
                gathered.add(branch, "the store did not take it: " + reason);
              }

              @Override
              public void inDoubt(String reason) {
                gathered.add(
                    branch, "nobody knows whether it is recorded: restart the sidecar: " + reason);
              }
            });
  }

  /** The answers of several writes as one. Confined to the loop. */
  private static final class Gathered {
    private final int expected;
    private final String done;
    private final Consumer<Result> reply;
    private final List<String> branches = new ArrayList<>();
    private int answers;
    private @Nullable String failure;

    Gathered(int expected, String done, Consumer<Result> reply) {
      this.expected = expected;
      this.done = done;
      this.reply = reply;
    }

    void add(String branch, @Nullable String failed) {
      answers++;
      if (failed != null) {
        failure = failed;
      } else if (!branch.isEmpty()) {
        branches.add(branch);
      }
      if (answers == expected) {
        reply.accept(
            failure == null
                ? new Result(Status.DONE, done, branches)
                : new Result(Status.FAILED, failure, branches));
      }
    }
  }
}
