package io.handfast.tx.engine;

import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.engine.observe.Refusals;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlRefusal;
import io.handfast.tx.resource.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What a block of SQL that the local service begins means. Which branch it names the connection has
 * read; whether that is in flight is known on the loop only. Thread-safe.
 */
final class SqlGate {
  private static final String PASS_ON =
      "Pass the tracestate of the request that is being served on to its statements, and only to"
          + " these: see PARTICIPATION.md.";

  private final Wiring wiring;

  SqlGate(Wiring wiring) {
    this.wiring = wiring;
  }

  SqlBlock enlist(SqlBlockCall call, SqlBlockListener listener) {
    SqlStream stream = new SqlStream(wiring);
    wiring.loop().execute(() -> receive(call, stream, listener));
    return stream;
  }

  private void receive(SqlBlockCall call, SqlStream stream, SqlBlockListener listener) {
    wiring.checkLoop();
    BranchKey key =
        switch (call.name()) {
          case SqlBlockCall.Name.Branch it ->
              new BranchKey(it.identity().tx(), it.identity().branch());
          case SqlBlockCall.Name.Trace it ->
              wiring.tables().traces().find(it.traceId(), wiring.loop().nanoTime());
        };
    if (key == null) {
      withoutBranch(call, listener);
      return;
    }
    ParticipantDriver owner = wiring.tables().participant(key);
    Resource resource = owner == null ? null : owner.effects().link().resource();
    if (owner == null
        || owner.effects().link().block() != null
        || (resource == null && !owner.branch().isUpdating())) {
      refuse(call, listener, notInFlight(key));
    } else if (resource == null || !resource.takesBlocks()) {
      // Of a former life, or confirmed and cancelled by the service itself: its own affair.
      call.executor().execute(() -> listener.passes(false));
    } else {
      open(call, owner, stream, listener);
    }
  }

  /**
   * What a trace does not name is the service's own only if no branch has had that trace: as a
   * COMMIT it would outlast the abort of the branch that it is of.
   */
  private void withoutBranch(SqlBlockCall call, SqlBlockListener listener) {
    if (call.name() instanceof SqlBlockCall.Name.Trace(String trace)
        && wiring.tables().traces().mayOwnBlocks(trace, wiring.loop().nanoTime())) {
      wiring.meters().contextMissing();
      refuse(
          call,
          listener,
          new SqlRefusal(
              SqlRefusal.INVALID_STATE,
              "trace "
                  + trace
                  + " names no branch: several of it are in flight here, or one of it has ended a"
                  + " short time ago",
              PASS_ON));
    } else {
      call.executor().execute(() -> listener.passes(true));
    }
  }

  private static SqlRefusal notInFlight(BranchKey key) {
    return new SqlRefusal(
        SqlRefusal.INVALID_STATE,
        "branch " + key.tx() + "-" + key.branch() + " is not in flight here: late, ended or forged",
        PASS_ON);
  }

  private void refuse(SqlBlockCall call, SqlBlockListener listener, SqlRefusal refusal) {
    call.executor().execute(() -> listener.refused(refusal));
  }

  private void open(
      SqlBlockCall call, ParticipantDriver owner, SqlStream stream, SqlBlockListener listener) {
    BranchId id = BranchId.of(wiring.random().nextLong());
    BlockDriver block =
        new BlockDriver(
            wiring, owner, id, owner.calls().nextBlock(), call, listener, refusal(call, owner));
    owner.addCall(id, block);
    stream.opened(block);
    owner.handle(new ParticipantEvent.CallOpened(id, false));
  }

  /** Why a block of this branch cannot take part; null if it can. */
  private @Nullable SqlRefusal refusal(SqlBlockCall call, ParticipantDriver owner) {
    if (owner.branch().protocol() == Protocol.THREE_PHASE) {
      return unsupported(
          "the transaction commits by THREE_PHASE, and what a database has prepared cannot be part"
              + " of that",
          "Let the boundary's route commit by TWO_PHASE.");
    }
    if (!wiring.databases().names().contains(call.database())) {
      return unsupported(
          "database " + call.database() + ": nobody here could complete what it has prepared",
          "Name it among the databases of handfast.transaction_manager.");
    }
    Decider decider = owner.decider();
    String tooLong =
        GlobalId.tooLong(
            "the authority of the transaction's coordinator",
            decider.store(),
            decider.authority(),
            decider.identity() != null);
    if (tooLong != null) {
      return unsupported(tooLong, "Give the coordinator's sidecar a shorter authority.");
    }
    if (owner.effects().remainingMs() <= 0) {
      wiring.meters().refused(Refusals.Reason.DEADLINE);
      return refused("the transaction's deadline has passed", "Try the whole request again.");
    }
    return tooMany(owner);
  }

  private @Nullable SqlRefusal tooMany(ParticipantDriver owner) {
    int branches = owner.branches() + 1;
    int max = wiring.config().limits().branches();
    if (branches > max || owner.calls().blocks() >= GlobalId.MAX_BLOCKS) {
      wiring.meters().refused(Refusals.Reason.MAX_BRANCHES);
      return refused(
          ParticipantEffects.tooManyBranches(branches, max), "Do more in one block of SQL.");
    }
    if (wiring.kept().isFull()) {
      wiring.meters().refused(Refusals.Reason.KEPT);
      return refused(
          "hazards and decisions of operators: " + Bounds.MAX_KEPT + " stay here",
          "Settle them, then `handfast tx forget`.");
    }
    if (wiring.tables().participantCount() >= Bounds.MAX_BRANCHES) {
      wiring.meters().refused(Refusals.Reason.BRANCHES_IN_FLIGHT);
      return refused(
          "branches: " + Bounds.MAX_BRANCHES + " are in flight here",
          "Try the whole request again.");
    }
    return null;
  }

  private static SqlRefusal unsupported(String message, String hint) {
    return new SqlRefusal(SqlRefusal.NOT_SUPPORTED, message, hint);
  }

  private static SqlRefusal refused(String message, String hint) {
    return new SqlRefusal(SqlRefusal.ROLLBACK, message, hint);
  }
}
