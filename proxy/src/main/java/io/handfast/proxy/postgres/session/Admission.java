package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlEffect;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlObstacle;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.interceptor.SqlBlockCall.Name;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import org.jspecify.annotations.Nullable;

/**
 * Which branch a statement belongs to, and whether it may run (rules T4 and T5). Changes nothing.
 */
final class Admission {
  private static final String WHAT_TO_SET =
      "Name the branch in a comment of the statement (sqlcommenter's tracestate or traceparent; for"
          + " Java OTEL_INSTRUMENTATION_COMMON_DB_EXPERIMENTAL_SQLCOMMENTER_ENABLED=true), or by SET"
          + " LOCAL handfast.tx = '<tx-id>-<branch-id>' in the same block.";

  private final PgRules rules;
  private final SqlInterceptor sql;
  private final Names names;

  Admission(PgRules rules, SqlInterceptor sql, Names names) {
    this.rules = rules;
    this.sql = sql;
    this.names = names;
  }

  /**
   * What to do with a statement in a block, if the database's transaction has not failed.
   *
   * @param datadog what application_name named since the last block
   */
  Decision decide(Prepared prepared, Block block, SqlIdentity datadog) {
    if (prepared.ours()) {
      return refuse(
          SqlRefusal.NOT_SUPPORTED,
          "a global id that begins with hf1_ is made by the sidecar alone",
          "Name the service's own prepared transactions in another way.");
    }
    if (block.doomed != null && !prepared.ends()) {
      return new Decision.Refuse(block.doomed, false);
    }
    if (prepared.unreadable() != null) {
      return unreadable(prepared.unreadable(), block);
    }
    SqlStatement statement = prepared.statement();
    if (statement == null) {
      return prepared.plain() ? data(prepared, null, block, datadog) : Decision.PASS;
    }
    return switch (statement.command()) {
      case SqlCommand.Commit(boolean chain) -> {
        Decision late = late(prepared, statement, block, datadog);
        yield !(late instanceof Decision.Pass)
            ? late
            : block.enlisted() || (missing(block) && block.mayWrite)
                ? chain ? Decision.COMMIT_AND_CHAIN : Decision.COMMIT
                : Decision.PASS;
      }
      case SqlCommand.Rollback(boolean chain) ->
          block.enlisted()
              ? chain ? Decision.ROLLBACK_AND_CHAIN : Decision.ROLLBACK
              : Decision.PASS;
      case SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act act) -> {
        Decision late =
            act == SqlCommand.TwoPhase.Act.PREPARE
                ? late(prepared, statement, block, datadog)
                : Decision.PASS;
        yield late instanceof Decision.Pass ? twoPhase(act, block) : late;
      }
      default ->
          statement.data() || (statement.effect() == SqlEffect.WRITES && missing(block))
              ? data(prepared, statement, block, datadog)
              : obstacle(statement, block);
    };
  }

  /**
   * Whether it may write, in a way that its text does not tell, where a transaction is required.
   */
  boolean watches(Prepared prepared, Block block) {
    SqlStatement statement = prepared.statement();
    return missing(block)
        && !block.wrapped
        && statement != null
        && (statement.command() instanceof SqlCommand.Query
            || statement.command() instanceof SqlCommand.Execute
            || statement.command() instanceof SqlCommand.Copy)
        && statement.obstacle() != SqlObstacle.NO_BLOCK
        && effect(statement) == SqlEffect.MAY_WRITE;
  }

  /** Of a portal that the server does not have: it would say so itself, and fail the block. */
  static Decision noPortal(String portal, Block block) {
    return block.enlisted()
        ? refuse("34000", "portal " + portal + " does not exist", "")
        : Decision.PASS;
  }

  private boolean missing(Block block) {
    return rules.mandatory() && !block.named();
  }

  private Decision unreadable(String why, Block block) {
    if (!block.enlisted() && !rules.mandatory() && !sql.anyInFlight()) {
      return Decision.PASS;
    }
    return unreadable(why);
  }

  static Decision.Refuse unreadable(String why) {
    return refuse(
        SqlRefusal.NOT_SUPPORTED,
        "it cannot be told which transaction of the mesh this statement belongs to: " + why,
        "Send it by a connection that does not go through this sidecar, or as UTF-8 and shorter.");
  }

  /**
   * Of a block that may have been named behind its statements, so that nobody was asked. One that
   * takes part is its branch's, whatever is set then; in one that takes part in another way nobody
   * votes for what a second branch has done.
   */
  private Decision late(
      Prepared prepared, SqlStatement statement, Block block, SqlIdentity datadog) {
    if (block.enlisted() || !block.mayWrite) {
      return Decision.PASS;
    }
    if (!block.named()) {
      return data(prepared, statement, block, datadog);
    }
    Name second = name(block.local);
    return second == null ? Decision.PASS : ofAnother(second, block, statement.what());
  }

  /** Refuses what names another branch than the block's. */
  private static Decision ofAnother(Name name, Block block, String what) {
    Name before = block.name;
    return before == null || !block.isOther(name)
        ? Decision.PASS
        : refuse(
            SqlRefusal.INVALID_STATE,
            "two branches are named in one block: "
                + (block.enlistment == null ? Block.text(before) : block.enlistment.branch())
                + " by a statement before, "
                + Block.text(name)
                + " by "
                + what,
            "A block belongs to one branch. A statement object that was made under SQL comments"
                + " must not be kept for another request.");
  }

  private Decision twoPhase(SqlCommand.TwoPhase.Act act, Block block) {
    if (block.enlisted()) {
      return refuse(
          SqlRefusal.NOT_SUPPORTED,
          "the block belongs to "
              + branch(block)
              + ", whose COMMIT the sidecar prepares: the service cannot prepare it itself",
          "COMMIT it.");
    }
    return act == SqlCommand.TwoPhase.Act.PREPARE && missing(block) && block.mayWrite
        ? noBranch("PREPARE TRANSACTION of a block that wrote")
        : Decision.PASS;
  }

  private Decision data(
      Prepared prepared, @Nullable SqlStatement statement, Block block, SqlIdentity datadog) {
    SqlIdentity identity =
        statement != null && statement.data() ? identity(prepared, statement) : SqlIdentity.NONE;
    if (!(identity instanceof SqlIdentity.Branch) && !bad(identity) && !none(block.local)) {
      identity = block.local;
    }
    if (none(identity)) {
      identity = datadog;
    }
    if (identity instanceof SqlIdentity.Ambiguous(String why)) {
      return unclear(why);
    }
    if (identity instanceof SqlIdentity.Malformed(String why)) {
      return unclear(why);
    }
    Name name = name(identity);
    String what = statement == null ? "a statement" : statement.what();
    if (name != null) {
      Decision other = block.named() ? ofAnother(name, block, what) : Decision.PASS;
      if (other instanceof Decision.Refuse) {
        return other;
      }
      if (!block.named() && asks(name, block)) {
        return new Decision.Enlist(name, what);
      }
    }
    if (missing(block)
        && statement != null
        && (effect(statement) == SqlEffect.WRITES || Block.holdsWriter(statement))) {
      return noBranch(what);
    }
    return statement == null ? Decision.PASS : obstacle(statement, block);
  }

  private static Decision unclear(String why) {
    return refuse(
        SqlRefusal.INVALID_STATE, "what names the branch cannot be taken: " + why, WHAT_TO_SET);
  }

  private static @Nullable Name name(SqlIdentity identity) {
    return switch (identity) {
      case SqlIdentity.Branch(TransactionIdentity branch) -> new Name.Branch(branch);
      case SqlIdentity.Trace(String trace) -> new Name.Trace(trace);
      case SqlIdentity.None none -> null;
      case SqlIdentity.Ambiguous ambiguous -> null;
      case SqlIdentity.Malformed malformed -> null;
    };
  }

  /** Whether the engine has to be asked: a trace of which it knows nothing is the service's. */
  private boolean asks(Name name, Block block) {
    if (block.state == Block.State.NO_BRANCH && block.name != null && sameKind(block.name, name)) {
      return false;
    }
    return name instanceof Name.Branch || sql.mayKnowTraces();
  }

  private static boolean sameKind(Name one, Name other) {
    return one.getClass() == other.getClass() && Block.same(one, other);
  }

  private SqlIdentity identity(Prepared prepared, SqlStatement statement) {
    return none(prepared.identity())
            && statement.command() instanceof SqlCommand.Execute(String name)
        ? names.statement(name).identity()
        : prepared.identity();
  }

  private SqlEffect effect(SqlStatement statement) {
    if (statement.command() instanceof SqlCommand.Execute(String name)) {
      SqlStatement executed = names.statement(name).statement();
      return executed == null ? SqlEffect.MAY_WRITE : executed.effect();
    }
    return statement.effect();
  }

  private static boolean none(SqlIdentity identity) {
    return identity instanceof SqlIdentity.None;
  }

  private static boolean bad(SqlIdentity identity) {
    return identity instanceof SqlIdentity.Ambiguous || identity instanceof SqlIdentity.Malformed;
  }

  /**
   * What certainly cannot be prepared is refused before it runs; but what leaves nothing to prepare
   * may stand in a block that only reads, which its COMMIT knows.
   */
  private static Decision obstacle(SqlStatement statement, Block block) {
    if (!block.enlisted() || !Block.certain(statement)) {
      return Decision.PASS;
    }
    return switch (statement.obstacle()) {
      case TEMPORARY_OBJECT -> unpreparable(statement);
      case NOTIFICATION ->
          statement.what().startsWith("LISTEN") && !block.wrote
              ? Decision.PASS
              : unpreparable(statement);
      case EXPORTED_SNAPSHOT -> block.wrote ? unpreparable(statement) : Decision.PASS;
      case NO_BLOCK, UNLISTEN, HELD_CURSOR, SESSION_LOCK -> Decision.PASS;
      case null -> Decision.PASS;
    };
  }

  static Decision.Refuse unpreparable(SqlStatement statement) {
    String what = statement.obstacle() == null ? "" : statement.obstacle().what();
    return refuse(
        SqlRefusal.NOT_SUPPORTED,
        "the block cannot be prepared, because PostgreSQL prepares none with "
            + what
            + ": "
            + statement.what(),
        "Run it in a transaction of its own, outside of the mesh's, or use mode callback.");
  }

  static Decision.Refuse owned(String owner, String user) {
    return refuse(
        SqlRefusal.NOT_SUPPORTED,
        "the block cannot be prepared, because the role "
            + owner
            + " would own it, and the sidecar's, "
            + user
            + ", may not complete it",
        "PostgreSQL lets only the role that has prepared complete it, or a superuser: be the"
            + " sidecar's role again before COMMIT (RESET ROLE), or give the sidecar a superuser.");
  }

  Decision.Refuse noBranch(String what) {
    return new Decision.Refuse(
        new SqlRefusal(
            SqlRefusal.INVALID_STATE,
            "a transaction of the mesh is required here, and nothing names one: " + what,
            WHAT_TO_SET),
        true);
  }

  /** For people. */
  static String branch(Block block) {
    return block.enlistment == null ? "a branch" : "branch " + block.enlistment.branch();
  }

  private static Decision.Refuse refuse(String sqlState, String message, String hint) {
    return new Decision.Refuse(new SqlRefusal(sqlState, message, hint), false);
  }
}
