package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Step.Ending;
import io.handfast.proxy.postgres.session.Step.Outcome;
import io.handfast.tx.interceptor.SqlBlock;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL is asked of the client's transaction before it is ended: its id, which it has
 * once it wrote, and what {@link Completer} asks for with it. In the extended protocol the question
 * rides in front of the client's own Sync, and costs no message to wait for; where the answer is
 * the newest thing that is known at COMMIT, nothing more is asked.
 */
final class XidQuestion {
  /** In front of how many Syncs of a block it rides, for as long as nothing was written. */
  private static final int MAX_RIDES = 4;

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private final Conversation c;

  /**
   * The text that stands on the server as {@link Step.Name#KEPT_BEFORE}, if all that was sent goes
   * well.
   */
  private @Nullable String kept;

  /** Whether the client keeps statements by name: then whatever is on the way lets it. */
  private boolean keeps;

  XidQuestion(Conversation conversation) {
    this.c = conversation;
  }

  /** The client binds a statement that it has named. */
  void mayKeep() {
    keeps = true;
  }

  /** DEALLOCATE ALL, DISCARD ALL. */
  void forget() {
    kept = null;
  }

  /** Asks with a Sync of its own. */
  void ask(Consumer<Outcome> then) {
    run(text(), Ending.SYNC, true, then);
  }

  /** And how the next transaction is to be. */
  void askForChain(Consumer<Outcome> then) {
    c.run(
        step(
            text()
                + ", pg_catalog.current_setting('transaction_isolation'),"
                + " pg_catalog.current_setting('transaction_read_only'),"
                + " pg_catalog.current_setting('transaction_deferrable')",
            Step.Name.NONE,
            Ending.SYNC,
            true,
            then));
  }

  /**
   * Has one assigned. A write without an id is a foreign server's: PostgreSQL says whether that can
   * be prepared. A tag that a pipeline counts for the wrong block costs a PREPARE of nothing. Only
   * for a block that takes part, which none does on a server before 13.
   */
  void assign(Consumer<Outcome> then) {
    c.run(
        step(
            "SELECT pg_catalog.pg_current_xact_id()" + c.completer.columns(),
            Step.Name.NONE,
            Ending.SYNC,
            true,
            then));
  }

  /** Between two statements of a block that wrote, if it is not known yet. */
  boolean askEarly(Block block) {
    if (!block.wrote || block.xid != null || block.xidAsked) {
      return false;
    }
    block.xidAsked = true;
    int asked = block.sent;
    run(
        text(),
        Ending.SYNC,
        false,
        outcome -> {
          answered(block, asked, outcome);
          block.unheard(outcome);
        });
    return true;
  }

  /** The client's Sync is about to be sent. */
  void ride() {
    Block block = c.block;
    SqlBlock sql = block.sql;
    if (sql == null
        || !block.enlisted()
        || block.xid != null
        || block.rides == MAX_RIDES
        || !block.snapshot // to take the first one is the client's
        || !c.executed
        || c.executedCopy // the server may read data, and not this
        || c.status() != 'T') {
      return;
    }
    block.rides++;
    int asked = block.sent;
    run(
        text(),
        Ending.NONE,
        false,
        outcome -> {
          answered(block, asked, outcome);
          if (outcome instanceof Outcome.Failed failed) {
            block.unanswered = reason(failed);
            c.toClient(Unpooled.wrappedBuffer(failed.error())); // for its transaction has failed
          }
        });
  }

  private void answered(Block block, int asked, Outcome outcome) {
    if (outcome instanceof Outcome.Done(String tag, List<@Nullable String> row)) {
      c.completer.told(row);
      block.xid = xid(row);
      block.owner = Completer.owner(row);
      if (block.sent == asked) {
        block.answer = row;
        block.roleMayChange = false;
      }
    }
  }

  private void run(String text, Ending ending, boolean notices, Consumer<Outcome> then) {
    boolean known = text.equals(kept);
    Step.Name name =
        known ? Step.Name.KEPT_BEFORE : keeps ? Step.Name.KEPT_FROM_HERE : Step.Name.NONE;
    if (name == Step.Name.KEPT_FROM_HERE) {
      kept = text;
    }
    c.run(
        step(
            text,
            name,
            ending,
            notices,
            outcome -> {
              if (name != Step.Name.NONE && !(outcome instanceof Outcome.Done)) {
                kept = null; // or it never was
              }
              then.accept(outcome);
            }));
  }

  private Step step(
      String text, Step.Name name, Ending ending, boolean notices, Consumer<Outcome> then) {
    return new Step(
        text,
        name,
        ending,
        notices,
        outcome -> {
          if (outcome instanceof Outcome.Failed failed
              && failed.sqlState().equals(INSUFFICIENT_PRIVILEGE)) {
            c.completer.mayNotAsk();
          }
          then.accept(outcome);
        });
  }

  /** Why a block fails of which nobody knows whether it wrote. */
  static String reason(Outcome.Failed failed) {
    return "the database did not tell whether the block wrote: " + failed.message();
  }

  /** Only where a transaction is required, and a block names none. */
  private boolean old() {
    return c.serverVersion > 0 && c.serverVersion < 13;
  }

  private String text() {
    return (old()
            ? "SELECT pg_catalog.txid_current_if_assigned()"
            : "SELECT pg_catalog.pg_current_xact_id_if_assigned()")
        + c.completer.columns();
  }

  static @Nullable Long xid(List<@Nullable String> row) {
    String text = row.isEmpty() ? null : row.getFirst();
    try {
      return text == null ? null : Long.valueOf(Long.parseUnsignedLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalStateException("pg_current_xact_id_if_assigned: " + text, e);
    }
  }
}
