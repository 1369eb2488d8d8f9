package io.handfast.tx.engine;

import io.handfast.tx.context.BlockHandle;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Branch;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.Outcome;
import io.handfast.tx.core.TxId;
import io.handfast.tx.core.Vote;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.engine.base.BranchKey;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlRefusal;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.resource.DatabaseResource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One block of SQL of the local service: to the branch of the service a call as any other, which
 * holds its vote until it has ended, and dooms it if it fails (T11, T12). What has prepared gets a
 * machine of its own, which knows the outcome of nobody else. Confined to the engine's loop, but
 * for what never changes; the listener is told on its connection's executor.
 */
final class BlockDriver implements OpenCall {
  private static final Logger log = LoggerFactory.getLogger(BlockDriver.class);

  /**
   * How long before the deadline an open block is a no where its service has answered: time for the
   * no to reach the client.
   */
  private static final long NO_EARLY_NANOS = 1_000_000_000;

  private final Wiring wiring;
  private final ParticipantDriver owner;
  private final BranchId id;
  private final int number;
  private final SqlBlockCall call;
  private final SqlBlockListener listener;
  private final @Nullable SqlRefusal refusal;
  private @Nullable GlobalId name;
  private @Nullable ParticipantDriver machine;
  private EngineLoop.@Nullable Timer late;
  private boolean doomed;
  private boolean over;

  /**
   * @param refusal by which it fails at once; null if it may begin
   */
  BlockDriver(
      Wiring wiring,
      ParticipantDriver owner,
      BranchId id,
      int number,
      SqlBlockCall call,
      SqlBlockListener listener,
      @Nullable SqlRefusal refusal) {
    this.wiring = wiring;
    this.owner = owner;
    this.id = id;
    this.number = number;
    this.call = call;
    this.listener = listener;
    this.refusal = refusal;
  }

  /** Of the block, which is a branch of its own. */
  BranchKey key() {
    return new BranchKey(owner.branch().tx(), id);
  }

  String database() {
    return call.database();
  }

  @Override
  public String destination() {
    return "database " + call.database();
  }

  /** What it is, for people. */
  String words() {
    return "block %d of database %s (%s)".formatted(number, call.database(), call.statement());
  }

  /** By what its vote names it; empty before it is known. */
  String handle() {
    GlobalId id = name;
    return id == null ? "" : id.handle(call.database()).toString();
  }

  /** Under what name it is prepared, or is about to be; empty before it is known. */
  String globalId() {
    return name == null ? "" : name.toString();
  }

  /** Where it stands, for people. */
  String state() {
    return name == null ? "open" : "preparing";
  }

  /** The same, as other branches of the transaction are told of it. */
  private String wordsElsewhere() {
    return "block " + number + " of branch " + branchWords();
  }

  private String branchWords() {
    return owner.branch().tx() + "-" + owner.branch().id();
  }

  @Override
  public void admit() {
    SqlRefusal no = refusal;
    if (no != null) {
      ended();
      tell(() -> listener.refused(no));
      owner.handle(new ParticipantEvent.CallEnded(id, words() + ": " + no.message()));
      return;
    }
    shown("enlisted: " + words());
    TxId tx = owner.branch().tx();
    Decider decider = owner.decider();
    SqlEnlistment enlistment =
        new SqlEnlistment(
            number,
            branchWords(),
            Objects.requireNonNullElse(owner.effects().link().traceId(), ""),
            Math.max(owner.usefulMs(), 1),
            xid -> GlobalId.of(tx, id, number, xid, decider).toString());
    tell(() -> listener.enlisted(enlistment));
    long remaining = owner.effects().remainingMs() * 1_000_000;
    long early = Math.min(NO_EARLY_NANOS, remaining / 5);
    late = wiring.loop().schedule(remaining - early, this::soonLate);
  }

  /**
   * Where the service has answered, only COMMIT is awaited, which hardly comes any more: said while
   * its coordinator, whose deadline is the first, can still tell the client.
   */
  private void soonLate() {
    if (owner.isHeard()) {
      late();
    }
  }

  /** Of a branch that has aborted while its service works: one that has voted is not found. */
  @Override
  public void refuse(String reason) {
    ended();
    SqlRefusal no =
        new SqlRefusal(
            SqlRefusal.ROLLBACK,
            "branch " + branchWords() + " takes no statements: " + reason,
            "Do all of a request's work before its answer, and none after it has failed.");
    tell(() -> listener.refused(no));
  }

  /** Nobody holds an answer: the service has it. */
  @Override
  public void release(@Nullable String refused) {}

  /** The service's branch has aborted: nothing of the block is to last (T12). */
  void ownerAborted(String why) {
    ParticipantDriver prepared = machine;
    if (prepared != null) {
      // It is in no decision, for its service's branch is in none: no need to ask.
      prepared.told(Outcome.ABORT, false, null);
    } else if (!over && !doomed) {
      doomed = true;
      SqlRefusal no =
          new SqlRefusal(
              SqlRefusal.ROLLBACK,
              "branch " + branchWords() + " was aborted: " + why,
              "Roll back, and let the whole request be tried again.");
      tell(() -> listener.doomed(no));
    }
  }

  /** The deadline has passed: what has not asked for COMMIT by now ends the branch (T11). */
  void late() {
    if (over || !owner.isOpen()) {
      return;
    }
    String what = name == null ? "no COMMIT" : "PREPARE TRANSACTION was not answered";
    String answered =
        owner.isHeard() && name == null ? "; the service answered without COMMIT" : "";
    fail(what + " by the deadline" + answered);
  }

  void preparing(@Nullable GlobalId globalId) {
    if (over || name != null) {
      return;
    }
    if (globalId == null || !globalId.branch().equals(id) || globalId.block() != number) {
      log.atError()
          .addKeyValue("txId", owner.branch().tx())
          .addKeyValue("branchId", id)
          .log("{}: is to be prepared under a name of something else: {}", words(), globalId);
      return; // a bug: what comes of it is found by a scan, and asked for
    }
    name = globalId;
    shown("preparing: " + handle());
  }

  /** A statement before PREPARE failed. */
  void notPrepared() {
    if (!over && name != null) {
      name = null;
      shown("not prepared: a statement before COMMIT had failed");
    }
  }

  void prepared() {
    wiring
        .mailbox()
        .post(() -> {
          GlobalId prepared = name;
          if (over) {
            return;
          }
          if (prepared == null) {
            ended();
            fail("was prepared under a name that is not known");
            return;
          }
          ended();
          ParticipantDriver own = machine(prepared.handle(call.database()));
          if (owner.isOpen()) {
            List<BranchVote> votes = List.of(vote(Vote.PREPARED, handle()));
            own.voted(votes);
            owner.handle(new ParticipantEvent.CallVoted(id, votes));
            owner.handle(new ParticipantEvent.CallEnded(id, null));
            wiring.mailbox().post(() -> ForcePoints.afterBlockVoted(owner.branch().tx(), id));
          } else {
            undo(own); // it has never voted, so it may abort alone
          }
        });
  }

  /** Its service may say nothing of it to whoever calls. */
  void selfConflict(List<String> beside) {
    say(
        "self-conflict: a lock was not got that may be held until the outcome by "
            + String.join(", ", beside));
  }

  private void ended() {
    over = true;
    if (late != null) {
      late.cancel();
    }
  }

  private static void undo(ParticipantDriver prepared) {
    prepared.told(Outcome.ABORT, false, null);
  }

  void readOnly() {
    nothingLeft("committed: nothing was written");
  }

  void rolledBack() {
    nothingLeft("rolled back by the service");
  }

  private void nothingLeft(String what) {
    if (over) {
      return;
    }
    ended();
    shown(what);
    owner.handle(new ParticipantEvent.CallVoted(id, List.of(vote(Vote.READ_ONLY, ""))));
    owner.handle(new ParticipantEvent.CallEnded(id, null));
  }

  void failed(String reason) {
    if (!over) {
      ended();
      fail(reason);
    }
  }

  private void fail(String reason) {
    say("failed: " + reason);
    owner.handle(new ParticipantEvent.CallEnded(id, words() + ": " + reason));
  }

  /** It may be prepared all the same: it is undone until the database says that nothing is left. */
  void lost(String reason) {
    if (over) {
      return;
    }
    ended();
    fail(reason);
    GlobalId maybe = name;
    if (maybe != null) {
      undo(machine(maybe.handle(call.database())));
    }
  }

  /** A scan may have found it first, where its service's branch is over for long. */
  private ParticipantDriver machine(BlockHandle prepared) {
    ParticipantDriver own = wiring.tables().participant(key());
    if (own == null) {
      own =
          wiring
              .blocks()
              .machine(
                  key(),
                  owner.decider(),
                  prepared,
                  owner.effects().deadlineNanos(),
                  wordsElsewhere());
      own.handle(new ParticipantEvent.PreparedInResource());
    }
    machine = own;
    return own;
  }

  private BranchVote vote(Vote vote, String withHandle) {
    Branch service = owner.branch();
    return new BranchVote(
        id,
        vote,
        service.participant(),
        service.store(),
        service.service(),
        DatabaseResource.MODE,
        withHandle,
        "");
  }

  private void shown(String event) {
    owner.story().add(wiring.loop().epochMillis(), id, event, state());
  }

  /** What people look for when a transaction has failed: on its timeline, and in the log. */
  private void say(String what) {
    shown(what);
    log.atInfo()
        .addKeyValue("txId", owner.branch().tx())
        .addKeyValue("branchId", owner.branch().id())
        .log("branch: {}: {}", words(), what);
  }

  private void tell(Runnable word) {
    call.executor().execute(word);
  }
}
