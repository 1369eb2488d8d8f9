package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlEffect;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlObstacle;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.proxy.postgres.sql.SqlValue;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlRefusal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of the transaction of the database that the client is in, or will begin next. */
final class Block {

  /** Whose it is. */
  enum State {
    /** The service's own as far as is known. */
    OPEN,
    /** The engine was asked. */
    ASKED,
    /** What named it named no branch. */
    NO_BRANCH,
    /** It has a branch that takes part in another way. */
    OTHER_WAY,
    /** It takes part. */
    ENLISTED
  }

  State state = State.OPEN;

  /** What its data statements named. */
  SqlBlockCall.@Nullable Name name;

  /** {@code SET LOCAL handfast.tx} in this block. */
  SqlIdentity local = SqlIdentity.NONE;

  @Nullable SqlBlock sql;
  @Nullable SqlEnlistment enlistment;
  @Nullable SqlRefusal doomed;

  /** BEGIN was ours: it ends with the client's Sync or Query. */
  boolean wrapped;

  /** It ran a statement of data. */
  boolean data;

  /** It ran what takes a snapshot, as a question of ours does; LOCK and SET must come before. */
  boolean snapshot;

  /** A command tag told of a write. */
  boolean wrote;

  /** A text could write. */
  boolean mayWrite;

  /** A statement that is sent writes, if it finds anything to write. */
  boolean writes;

  /** The first statement that is in PREPARE's way; one that certainly is before all others. */
  @Nullable SqlStatement obstacle;

  /** A text declared a cursor WITH HOLD. */
  boolean holds;

  /** One of those may write when it is run to its end, which COMMIT does. */
  boolean holdsWriter;

  /** A savepoint was set. */
  boolean saved;

  /** Whether it may have changed {@code lock_timeout}. */
  boolean lockTimeout;

  /** The limit of waits for locks that is set at its begin; empty: none. */
  String limit = "";

  /** ROLLBACK TO may have taken that back. */
  boolean limitLost;

  /** The database's id of it, once it is known. */
  @Nullable Long xid;

  /** Who would own it if it were prepared, as the database said with the id. */
  String owner = "";

  boolean xidAsked;

  /** What the server said in the place of that; the client was told, for the block has failed. */
  String unanswered = "";

  /** How often that has ridden with the client's statements. */
  int rides;

  /** What was answered, for as long as nothing was sent since. */
  @Nullable List<@Nullable String> answer;

  /** Counts what was sent of the client's. */
  int sent;

  /** Whether the role may be another one since: anything at all ran. */
  boolean roleMayChange;

  /** PREPARE TRANSACTION was sent. */
  boolean preparing;

  boolean enlisted() {
    return state == State.ENLISTED;
  }

  /** Whether a branch is named, whatever way it takes part. */
  boolean named() {
    return state == State.ENLISTED || state == State.OTHER_WAY;
  }

  /** The client's next statement is being sent. */
  void sends() {
    sent++;
    runs();
  }

  /** A statement of the client's runs, whatever it does. */
  void runs() {
    roleMayChange = true;
    answer = null;
  }

  /**
   * A statement of our own ran between two of the client's, which is told of its error, and of the
   * block's with it, as the answer to its next request.
   */
  void unheard(Step.Outcome outcome) {
    if (outcome instanceof Step.Outcome.Failed failed && doomed == null) {
      doomed =
          new SqlRefusal(
              failed.sqlState(),
              failed.message(),
              "It hit a statement of the sidecar's own between two of this block: roll back, and"
                  + " let the whole request be tried again.");
    }
  }

  /**
   * A statement is being sent.
   *
   * @param undo is given what takes back what it names, if the server does not run it
   */
  void note(SqlStatement statement, List<Runnable> undo) {
    if (statement.command() instanceof SqlCommand.Set set
        && set.sets("handfast.tx")
        && set.isLocal()
        && set.value() instanceof SqlValue.Constant(String value)) {
      SqlIdentity before = local;
      undo.add(() -> local = before);
      local = SqlIdentity.ofSetting(value);
    }
    hinders(statement);
    holds |= statement.obstacle() == SqlObstacle.HELD_CURSOR;
    holdsWriter |= holdsWriter(statement);
    data |= statement.data();
    snapshot |=
        switch (statement.command()) {
          case SqlCommand.Query _, SqlCommand.Execute _, SqlCommand.Copy _, SqlCommand.Cursor _ ->
              true;
          default -> false;
        };
    if (statement.command()
        instanceof SqlCommand.Savepoint(SqlCommand.Savepoint.Act act, String name)) {
      saved |= act == SqlCommand.Savepoint.Act.SET;
      if (act == SqlCommand.Savepoint.Act.ROLLBACK_TO) {
        limitLost = true;
        unanswered = "";
      }
    }
    mayWrite |= statement.effect() != SqlEffect.READS;
    writes |= statement.effect() == SqlEffect.WRITES;
  }

  private void hinders(SqlStatement statement) {
    if (statement.obstacle() != null
        && (obstacle == null || (!certain(obstacle) && certain(statement)))) {
      obstacle = statement;
    }
  }

  /** Its end was not run, and so what was noted of a later one is of this. */
  void goesOn(Block later) {
    data |= later.data;
    snapshot |= later.snapshot;
    mayWrite |= later.mayWrite;
    holds |= later.holds;
    holdsWriter |= later.holdsWriter;
    saved |= later.saved;
    if (later.roleMayChange) {
      sends();
    }
    lockTimeout |= later.lockTimeout;
    if (later.obstacle != null) {
      hinders(later.obstacle);
    }
  }

  /** What admission looks at, to be noted in without effect here. */
  Block ahead() {
    Block ahead = new Block();
    ahead.state = state;
    ahead.name = name;
    ahead.local = local;
    ahead.data = data;
    ahead.wrote = wrote;
    ahead.mayWrite = mayWrite;
    ahead.obstacle = obstacle;
    return ahead;
  }

  /** Whether it is a cursor that is run to its end by COMMIT, and may write then. */
  static boolean holdsWriter(SqlStatement statement) {
    return statement.obstacle() == SqlObstacle.HELD_CURSOR && statement.effect() != SqlEffect.READS;
  }

  static boolean certain(SqlStatement statement) {
    return statement.obstacle() != null && statement.obstacle().certain();
  }

  /**
   * Whether a name is of another branch than the one that the block is known to be of. Of a block
   * that takes part in another way nobody has told its branch, so that a name of another kind may
   * be of a branch whose work this block's own COMMIT would make durable.
   */
  boolean isOther(SqlBlockCall.Name other) {
    SqlEnlistment known = enlistment;
    if (known != null) {
      switch (other) {
        case SqlBlockCall.Name.Branch _ -> {
          return !known.branch().equals(text(other));
        }
        case SqlBlockCall.Name.Trace(String trace) -> {
          if (!known.traceId().isEmpty()) {
            return !known.traceId().equals(trace);
          }
        }
      }
    }
    return name != null
        && ((known == null && name.getClass() != other.getClass()) || !same(name, other));
  }

  /** Whether two names may be of the same branch: ids and a trace cannot be compared. */
  static boolean same(SqlBlockCall.Name one, SqlBlockCall.Name other) {
    if (one instanceof SqlBlockCall.Name.Branch(TransactionIdentity first)
        && other instanceof SqlBlockCall.Name.Branch(TransactionIdentity second)) {
      return first.tx().equals(second.tx()) && first.branch().equals(second.branch());
    }
    if (one instanceof SqlBlockCall.Name.Trace(String first)
        && other instanceof SqlBlockCall.Name.Trace(String second)) {
      return first.equals(second);
    }
    return true;
  }

  /** For people. */
  static String text(SqlBlockCall.Name name) {
    return switch (name) {
      case SqlBlockCall.Name.Branch(TransactionIdentity identity) ->
          identity.tx() + "-" + identity.branch();
      case SqlBlockCall.Name.Trace(String trace) -> "trace " + trace;
    };
  }
}
