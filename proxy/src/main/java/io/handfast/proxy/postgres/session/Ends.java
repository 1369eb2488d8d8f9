package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Step.Ending;
import io.handfast.proxy.postgres.session.Step.Outcome;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a block ends: its COMMIT as PREPARE TRANSACTION, its ROLLBACK, and its refusal.
 *
 * <pre>
 *   COMMIT ── failed block ──────────── ROLLBACK ─────────────────── failed
 *      └─ xid? ── none, no write ────── COMMIT ───────────────────── readOnly
 *           ├─ none, but a write or a held cursor ─ one is assigned, then as some
 *           └─ some ── preparing ── PREPARE TRANSACTION ─ its tag ── prepared
 *                                             ├─ tag ROLLBACK ────── failed
 *                                             └─ error ── ROLLBACK ─ failed
 * </pre>
 *
 * <p>While a sequence runs the client waits, so that the server's state is known at each step.
 */
final class Ends {
  /** What the client is told. */
  sealed interface Answer {
    record Complete(String tag) implements Answer {}

    record Refused(SqlRefusal refusal) implements Answer {}

    /** The server's own error. */
    @SuppressWarnings("ArrayRecordComponent") // made once, and never compared
    record ServerError(byte[] error) implements Answer {}

    /** Nothing: it was told of an error before. */
    record Skipped() implements Answer {}
  }

  /** Of a ROLLBACK. */
  private static final int MAX_TRIES = 5;

  /** Once for whether the server may be asked which it is, and once for that. */
  private static final int MAX_ASKS = 2;

  private final Conversation c;
  private final Block block;
  private final boolean chain;
  private final Consumer<Answer> then;
  private String characteristics = "";
  private int asks;

  /** What the statement before the block's end has failed with. */
  private Outcome.@Nullable Failed guarded;

  private Ends(Conversation conversation, boolean chain, Consumer<Answer> then) {
    this.c = conversation;
    this.block = conversation.block;
    this.chain = chain;
    this.then = then;
  }

  /** Ends the block as the client asked. */
  static void end(Conversation c, Decision.End end, Consumer<Answer> then) {
    c.busy = true;
    Ends ends = new Ends(c, end.chain(), then);
    if (end.commit()) {
      ends.commit();
    } else {
      ends.rollback(SqlBlock::rolledBack);
    }
  }

  private void run(String sql, Consumer<Outcome> next) {
    c.run(new Step(sql, Ending.SYNC, true, next));
  }

  /** Also the COMMIT of a block that has failed, which PostgreSQL would answer by the same. */
  private void rollback(Consumer<SqlBlock> tells) {
    run(
        chain ? "ROLLBACK AND CHAIN" : "ROLLBACK",
        outcome -> {
          switch (outcome) {
            case Outcome.Done(String tag, var row) -> {
              told(tells);
              finish(new Answer.Complete(tag));
            }
            case Outcome.Failed failed -> {
              told(tells);
              abandon(null, new Answer.ServerError(failed.error()));
            }
            case Outcome.Skipped skipped -> skipped();
          }
        });
  }

  private void commit() {
    SqlRefusal doomed = block.doomed;
    if (doomed != null) {
      abandon(doomed.message(), new Answer.Refused(doomed));
    } else if (c.status() == 'E') {
      rollback(sql ->
          sql.failed(
              block.unanswered.isEmpty()
                  ? "COMMIT was asked for of a block that had failed"
                  : block.unanswered));
    } else if (block.xid != null && !chain && isOwned() && !c.completer.asksForServer()) {
      prepare(block.xid, block.owner);
    } else if (chain) {
      c.xidQuestion.askForChain(this::asked);
    } else if (block.answer != null) {
      asked(block.answer);
    } else {
      c.xidQuestion.ask(this::asked);
    }
  }

  /**
   * Whether who owned it when that was asked for is an answer still, or a guess that is guarded.
   */
  private boolean isOwned() {
    return !block.roleMayChange || c.completer.completes(block.owner);
  }

  private void asked(Outcome outcome) {
    SqlRefusal doomed = block.doomed;
    switch (outcome) {
      case Outcome.Done(String tag, List<@Nullable String> row) -> asked(row);
      case Outcome.Failed failed -> {
        if (doomed == null) {
          abandon(XidQuestion.reason(failed), new Answer.ServerError(failed.error()));
        } else {
          abandon(doomed.message(), new Answer.Refused(doomed));
        }
      }
      case Outcome.Skipped skipped -> skipped();
    }
  }

  private void asked(List<@Nullable String> row) {
    SqlRefusal doomed = block.doomed;
    c.completer.told(row);
    block.roleMayChange = false; // the client waits since
    int chained = 1 + Completer.COLUMNS;
    if (chain && row.size() == chained + 3) {
      characteristics =
          " ISOLATION LEVEL "
              + row.get(chained)
              + ("on".equals(row.get(chained + 1)) ? " READ ONLY" : " READ WRITE")
              + ("on".equals(row.get(chained + 2)) ? " DEFERRABLE" : " NOT DEFERRABLE");
    }
    Long xid = XidQuestion.xid(row);
    if (doomed != null) {
      abandon(doomed.message(), new Answer.Refused(doomed));
    } else if (xid == null && (block.wrote || block.holdsWriter) && block.sql != null) {
      block.wrote = false; // asked for once
      block.holdsWriter = false;
      c.xidQuestion.assign(this::asked);
    } else if (xid == null || (block.sql == null && block.named())) {
      plain();
    } else if (block.sql == null) {
      Decision.Refuse refuse = c.admission.noBranch("COMMIT of a block that wrote");
      c.sql.contextMissing();
      abandon(null, new Answer.Refused(refuse.refusal()));
    } else if (asks < MAX_ASKS && c.completer.asksForServer()) {
      asks++;
      c.xidQuestion.ask(this::asked);
    } else {
      prepare(xid, Completer.owner(row));
    }
  }

  /** The client's own COMMIT: nothing was written, and nothing is by COMMIT. */
  private void plain() {
    boolean other = block.sql == null && block.named();
    String guard = other ? null : HeldCursors.guard(block);
    if (guard != null) {
      c.run(new Step(guard, Ending.NONE, false, this::guarded));
    }
    boolean begins = chain && HeldCursors.READ_ONLY.equals(guard); // for the mode is chained, too
    run(
        chain && !begins ? "COMMIT AND CHAIN" : "COMMIT",
        outcome -> {
          if (guarded != null) {
            unguarded(guarded, HeldCursors.refusal());
            return;
          }
          switch (outcome) {
            case Outcome.Done(String tag, var row) -> {
              if (tag.equals("COMMIT")) {
                told(SqlBlock::readOnly);
              } else {
                told(sql -> sql.failed("the block had failed: the database answered " + tag));
              }
              if (begins) {
                begin(new Answer.Complete(tag));
              } else {
                finish(new Answer.Complete(tag));
              }
            }
            case Outcome.Failed failed -> {
              String hint = guard == null ? "" : HeldCursors.hint(failed.sqlState());
              abandon(
                  "COMMIT was refused: " + failed.message(),
                  new Answer.ServerError(
                      hint.isEmpty()
                          ? failed.error()
                          : bytes(Wire.withHint(failed.error(), hint))));
            }
            case Outcome.Skipped skipped -> skipped();
          }
        });
  }

  private void prepare(long xid, String owner) {
    SqlRefusal refusal = c.completer.refuses(owner);
    if (refusal == null) {
      prepare(xid);
    } else {
      abandon(refusal.message(), new Answer.Refused(refusal));
    }
  }

  private void prepare(long xid) {
    SqlBlock sql = block.sql;
    if (sql == null || block.enlistment == null) {
      throw new IllegalStateException("a block without a branch is not prepared");
    }
    if (block.obstacle != null && Block.certain(block.obstacle)) {
      SqlRefusal refusal = Admission.unpreparable(block.obstacle).refusal();
      abandon(refusal.message(), new Answer.Refused(refusal));
      return;
    }
    String gid = block.enlistment.globalId().apply(xid);
    block.preparing = true;
    sql.preparing(gid);
    String guard = block.roleMayChange ? c.completer.guard() : null;
    if (guard != null) {
      c.run(new Step(guard, Ending.NONE, false, this::guarded));
    }
    run("PREPARE TRANSACTION '" + gid + "'", this::prepared);
  }

  /** The block's end stands behind it in the same pipeline, and is skipped if it fails. */
  private void guarded(Outcome outcome) {
    if (outcome instanceof Outcome.Failed failed) {
      guarded = failed;
    }
  }

  private void unguarded(Outcome.Failed failed, SqlRefusal refusal) {
    if (failed.sqlState().equals(Completer.REFUSED)) {
      abandon(refusal.message(), new Answer.Refused(refusal));
    } else {
      abandon(
          "a statement before the block's end failed: " + failed.message(),
          new Answer.ServerError(failed.error()));
    }
  }

  private void prepared(Outcome outcome) {
    if (guarded != null) {
      unguarded(guarded, c.completer.refuses());
      return;
    }
    switch (outcome) {
      case Outcome.Done(String tag, var row) -> {
        if (tag.equals("PREPARE TRANSACTION")) {
          told(SqlBlock::prepared);
          begin(new Answer.Complete("COMMIT"));
        } else {
          told(sql -> sql.failed("the block had failed: the database answered " + tag));
          begin(rolledBack());
        }
      }
      case Outcome.Failed failed -> {
        String because = block.obstacle == null ? "" : " (it ran " + block.obstacle.what() + ")";
        abandon(
            "PREPARE TRANSACTION was refused: " + failed.message() + because,
            new Answer.ServerError(
                bytes(
                    Wire.withHint(
                        failed.error(),
                        "The block's COMMIT is PREPARE TRANSACTION, for it belongs to a"
                            + " transaction of the mesh"
                            + because
                            + "."))));
      }
      case Outcome.Skipped skipped -> skipped();
    }
  }

  /** Of a COMMIT that is not the client's nobody sees the tag. */
  private Answer rolledBack() {
    return block.wrapped
        ? new Answer.Refused(FailedBlock.of("PREPARE TRANSACTION was answered ROLLBACK", ""))
        : new Answer.Complete("ROLLBACK");
  }

  /** After PREPARE there is no transaction to chain to. */
  private void begin(Answer answer) {
    if (!chain) {
      finish(answer);
      return;
    }
    run(
        "BEGIN" + characteristics,
        outcome -> {
          if (outcome instanceof Outcome.Failed failed) {
            unchained(failed);
          }
          finish(answer);
        });
  }

  /** The block has ended as the client is told; it is the next one, not begun yet, that fails. */
  private void unchained(Outcome.Failed failed) {
    c.failed =
        new SqlRefusal(
            failed.sqlState(),
            "the block behind AND CHAIN was not begun: " + failed.message(),
            "The end of the block before was answered, and stands: roll back, and begin anew.");
    c.failedTold = false;
  }

  /** A statement of the client in the same pipeline failed: it knows, and ends the block itself. */
  private void skipped() {
    if (block.preparing && block.sql != null) {
      block.preparing = false;
      block.sql.notPrepared();
    }
    if (block.wrapped) {
      abandon(null, new Answer.Skipped());
    } else {
      then(new Answer.Skipped());
    }
  }

  private void abandon(@Nullable String reason, Answer answer) {
    if (reason == null) {
      told(SqlBlock::rolledBack);
    } else {
      told(sql -> sql.failed(reason));
    }
    if (c.status() == 'I') {
      finish(answer);
      return;
    }
    clear(c, () -> finish(answer));
  }

  /**
   * Rolls back whatever the server has, and goes on when it has. A failed pipeline needs a second
   * try, and so does a cancel request that is late.
   */
  static void clear(Conversation c, Runnable then) {
    clear(c, then, MAX_TRIES);
  }

  private static void clear(Conversation c, Runnable then, int tries) {
    c.run(
        new Step(
            "ROLLBACK",
            Ending.SYNC,
            false,
            outcome -> {
              if (c.status == 'I') {
                c.names.endPortals();
                then.run();
              } else if (tries > 1) {
                clear(c, then, tries - 1);
              } else {
                c.fatal("the database does not roll back");
              }
            }));
  }

  private void told(Consumer<SqlBlock> what) {
    SqlBlock sql = block.sql;
    block.sql = null;
    block.preparing = false;
    if (sql != null) {
      what.accept(sql);
    }
  }

  private void finish(Answer answer) {
    c.names.endPortals();
    c.ended();
    c.inBlock = chain && (c.status != 'I' || c.failed != null);
    then(answer);
  }

  private void then(Answer answer) {
    c.resume();
    then.accept(answer);
  }

  /**
   * Refuses a statement, and with it its transaction.
   *
   * @param inBlock whether the client is in a block that it has to end
   */
  static void refuse(Conversation c, Decision.Refuse refuse, boolean inBlock, Runnable then) {
    c.busy = true;
    Block block = c.block;
    if (refuse.missing()) {
      c.sql.contextMissing();
    }
    SqlBlock sql = block.sql;
    block.sql = null;
    if (sql != null) {
      sql.failed(refuse.refusal().message());
    }
    Runnable after =
        () -> {
          c.ended();
          if (inBlock) {
            c.failed = refuse.refusal();
            c.failedTold = true;
          }
          c.resume();
          c.refused(refuse.refusal());
          then.run();
        };
    if (c.status() != 'I' || c.executed) {
      clear(c, after);
    } else {
      after.run();
    }
  }

  /**
   * Between two statements: locks of an aborted branch go, a limit that was set behind a savepoint
   * is set again, and the xid is fetched early.
   */
  static void whenIdle(Conversation c) {
    Block block = c.block;
    SqlBlock sql = block.sql;
    if (c.busy || !block.enlisted() || block.wrapped || sql == null) {
      return;
    }
    // It runs something, COPY has failed and its data still comes, or a Sync of ours would end what
    // is skipped up to the client's.
    if (!c.owed.isEmpty() || !c.client.between() || c.serverSkips || c.clientSkips) {
      return;
    }
    SqlRefusal doomed = block.doomed;
    if (doomed != null) {
      c.busy = true;
      block.sql = null;
      sql.failed(doomed.message());
      clear(
          c,
          () -> {
            c.ended();
            c.failed = doomed;
            c.failedTold = false;
            c.resume();
          });
    } else if (block.limitLost && !block.lockTimeout && c.status == 'T' && !c.executed) {
      block.limitLost = false;
      c.run(new Step(block.limit, Ending.SYNC, false, block::unheard));
    } else if (c.status == 'T' && !c.executed) {
      c.xidQuestion.askEarly(block);
    }
  }

  private static byte[] bytes(ByteBuf buffer) {
    try {
      return Wire.bytes(buffer, buffer.readerIndex(), buffer.readableBytes());
    } finally {
      buffer.release();
    }
  }

  /** Of an end that was not the client's, which is told if it went wrong. */
  static void tellUnlessComplete(Conversation c, Answer answer) {
    ByteBuf bytes = answer instanceof Answer.Complete ? null : bytes(c, answer);
    if (bytes != null) {
      c.answer(bytes);
    }
  }

  /** The answer's bytes; null if nothing is told. */
  static @Nullable ByteBuf bytes(Conversation c, Answer answer) {
    return switch (answer) {
      case Answer.Complete(String tag) -> Wire.complete(tag);
      case Answer.Refused(SqlRefusal refusal) -> {
        c.out.refused(refusal);
        yield Wire.error("ERROR", refusal);
      }
      case Answer.ServerError(byte[] error) -> Unpooled.wrappedBuffer(error);
      case Answer.Skipped skipped -> null;
    };
  }
}
