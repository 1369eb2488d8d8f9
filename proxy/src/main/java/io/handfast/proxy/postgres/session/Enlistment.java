package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Step.Ending;
import io.handfast.proxy.postgres.session.Step.Outcome;
import io.handfast.proxy.postgres.sql.SqlEffect;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first statement of a block that names a branch: held until the engine has said whether the
 * block takes part. If it does, a statement outside of blocks gets a BEGIN, and waits for locks a
 * limit below the time that remains.
 */
final class Enlistment implements SqlBlockListener {
  /** The sidecar's own connections are to no older one. */
  private static final int MIN_SERVER_VERSION = 13;

  private final Conversation c;
  private final Block block;
  private final Decision.Enlist enlist;

  /** In the extended protocol the client's own pipeline stays open. */
  private final boolean extended;

  /** Outside of a block. */
  private final boolean wrap;

  private final Then then;

  /** How it went on. */
  interface Then {
    /** The statement is to be looked at again: it runs, or what the engine said refuses it. */
    void again();

    /** The statement is answered by this, and not run. */
    void refused(SqlRefusal refusal);

    /** The statement is answered by the server's own error, and not run. */
    void failed(byte[] error);
  }

  private Enlistment(
      Conversation conversation, Decision.Enlist enlist, boolean extended, Then then) {
    this.c = conversation;
    this.block = conversation.block;
    this.enlist = enlist;
    this.extended = extended;
    this.wrap = conversation.status() == 'I';
    this.then = then;
  }

  static void start(Conversation c, Decision.Enlist enlist, boolean extended, Then then) {
    c.busy = true;
    c.block.state = Block.State.ASKED;
    c.block.name = enlist.name();
    new Enlistment(c, enlist, extended, then).askEngine();
  }

  private void askEngine() {
    SqlBlock sql =
        c.sql.enlist(
            new SqlBlockCall(c.rules.database(), enlist.name(), enlist.statement(), c.executor),
            this);
    if (block.state != Block.State.OTHER_WAY
        && block.state != Block.State.NO_BRANCH
        && block.state != Block.State.OPEN) {
      block.sql = sql;
      if (c.closed) {
        sql.rolledBack();
      } else if (block.enlisted() && c.block == block) {
        begin();
      }
    }
  }

  private SqlEnlistment enlistment() {
    SqlEnlistment enlistment = block.enlistment;
    if (enlistment == null) {
      throw new IllegalStateException("the engine has told nothing yet");
    }
    return enlistment;
  }

  @Override
  public void enlisted(SqlEnlistment enlistment) {
    if (c.closed || c.block != block) {
      return;
    }
    block.state = Block.State.ENLISTED;
    block.enlistment = enlistment;
    if (block.sql != null) {
      begin();
      c.settle();
    }
  }

  private void begin() {
    if (c.serverVersion > 0 && c.serverVersion < MIN_SERVER_VERSION) {
      c.resume();
      then.refused(
          new SqlRefusal(
              SqlRefusal.NOT_SUPPORTED,
              "PostgreSQL " + c.serverVersion + " takes no part in transactions of the mesh",
              "PostgreSQL " + MIN_SERVER_VERSION + " or newer."));
      return;
    }
    if (block.obstacle != null
        && Block.certain(block.obstacle)
        && block.obstacle.effect() != SqlEffect.READS) {
      c.resume();
      then.refused(Admission.unpreparable(block.obstacle).refusal());
      return;
    }
    if (wrap) {
      block.wrapped = true;
      if (extended) {
        c.run(new Step("BEGIN", Ending.NONE, false, this::inPipeline));
        c.predicted = 'T';
      } else {
        c.run(new Step("BEGIN", Ending.SYNC, false, outcome -> {}));
      }
    }
    if (c.lockTimeoutMs < 0) {
      askLockTimeout();
    } else {
      limit();
    }
  }

  /** What the service set must not be raised; SHOW takes no snapshot. */
  private void askLockTimeout() {
    boolean open = extended && c.predicted != 0;
    c.run(
        new Step(
            "SHOW lock_timeout",
            open ? Ending.FLUSH : Ending.SYNC,
            false,
            outcome -> {
              if (outcome instanceof Outcome.Done(String tag, List<@Nullable String> row)) {
                c.lockTimeoutMs = milliseconds(row.isEmpty() ? null : row.getFirst());
                limit();
                return;
              }
              c.resume();
              if (!open && outcome instanceof Outcome.Failed(byte[] error)) {
                then.failed(error);
              } else {
                inPipeline(outcome);
                then.again();
              }
            }));
  }

  private void limit() {
    String limit = "SET LOCAL lock_timeout = " + lockTimeout(enlistment().remainingMs());
    block.limit = limit;
    block.limitLost = false;
    if (extended) {
      c.run(new Step(limit, Ending.NONE, false, this::inPipeline));
      c.resume();
      then.again();
    } else {
      c.run(new Step(limit, Ending.SYNC, false, this::alone));
    }
  }

  /** The client's statement stands behind it in the same pipeline, and is skipped if it fails. */
  private void inPipeline(Outcome outcome) {
    if (outcome instanceof Outcome.Failed(byte[] error)) {
      c.toClient(Unpooled.wrappedBuffer(error));
    }
  }

  private void alone(Outcome outcome) {
    c.resume();
    if (outcome instanceof Outcome.Failed(byte[] error)) {
      then.failed(error);
    } else if (c.status != 'T') {
      then.refused(
          new SqlRefusal(SqlRefusal.INVALID_STATE, "the database did not begin the block", ""));
    } else {
      then.again();
    }
  }

  /** Nine tenths of what remains, or what the service has set if that is less. */
  private long lockTimeout(long remainingMs) {
    long limit = Math.clamp(remainingMs * 9 / 10, 1, Integer.MAX_VALUE);
    return c.lockTimeoutMs > 0 ? Math.min(limit, c.lockTimeoutMs) : limit;
  }

  /** As SHOW writes it: a number and the largest unit that leaves it whole. */
  static long milliseconds(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    if (digits == 0 || digits > 15) {
      return 0;
    }
    long value = Long.parseLong(text.substring(0, digits));
    return switch (text.substring(digits).strip()) {
      case "s" -> value * 1_000;
      case "min" -> value * 60_000;
      case "h" -> value * 3_600_000;
      case "d" -> value * 86_400_000;
      default -> value;
    };
  }

  @Override
  public void passes(boolean noBranch) {
    if (c.closed || c.block != block) {
      return;
    }
    block.state = noBranch ? Block.State.NO_BRANCH : Block.State.OTHER_WAY;
    block.sql = null;
    c.resume();
    then.again();
    c.settle();
  }

  @Override
  public void refused(SqlRefusal refusal) {
    if (c.closed || c.block != block) {
      return;
    }
    block.state = Block.State.OPEN;
    block.sql = null;
    c.resume();
    then.refused(refusal);
    c.settle();
  }

  @Override
  public void doomed(SqlRefusal refusal) {
    if (c.closed || c.block != block || !block.enlisted()) {
      return;
    }
    block.doomed = refusal;
    c.settle();
  }
}
