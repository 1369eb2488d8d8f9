package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A simple query, or a function call by the fast path, that does not go through as it is: run in
 * pieces, each a Query of its own, with BEGIN, COMMIT and ROLLBACK of blocks that take part between
 * them. The client sees one ReadyForQuery, and an error ends the rest, as if the server had run all
 * of it.
 */
final class QueryJob implements Enlistment.Then {
  private final Conversation c;
  private final byte[] text;
  private final List<Prepared> statements;

  /** The message, which goes as it is; null: a Query. */
  private final byte @Nullable [] call;

  private int next;

  /** Where the text of the next piece begins. */
  private int from;

  private boolean errored;
  private boolean ended;

  QueryJob(Conversation conversation, byte[] text, List<Prepared> statements) {
    this(conversation, text, statements, null);
  }

  private QueryJob(
      Conversation conversation, byte[] text, List<Prepared> statements, byte @Nullable [] call) {
    this.c = conversation;
    this.text = text;
    this.statements = statements;
    this.call = call;
  }

  /** A function call by the fast path, as a text of one statement. */
  static QueryJob ofCall(Conversation conversation, byte[] message) {
    return new QueryJob(conversation, new byte[0], List.of(Prepared.FUNCTION), message);
  }

  void start() {
    c.job = this;
    c.busy = true;
    if (statements.isEmpty()) {
      send(0); // one that is empty, or that the server will refuse
    } else {
      go();
    }
  }

  /** The server has told the client of an error. */
  void errored() {
    errored = true;
  }

  /** A piece has been answered. */
  void ready() {
    c.busy = true;
    go();
  }

  private void go() {
    c.busy = true;
    if (ended) {
      return;
    }
    if (errored || next == statements.size()) {
      finish();
      return;
    }
    Prepared prepared = statements.get(next);
    SqlRefusal failed = c.failed;
    if (failed != null) {
      inFailedBlock(prepared, failed);
      return;
    }
    Decision decision = decide();
    if (decision instanceof Decision.Pass && prepared.unreadable() != null) {
      decision = Admission.unreadable(prepared.unreadable()); // what would pass is not here
    }
    if (c.status() == 'E' && !(decision instanceof Decision.End)) {
      send(next + 1);
      return;
    }
    switch (decision) {
      case Decision.Pass pass -> pass();
      case Decision.Watch watch -> watch();
      case Decision.Enlist enlist -> Enlistment.start(c, enlist, false, this);
      case Decision.End end -> Ends.end(c, end, this::ended);
      case Decision.Refuse refuse -> refuse(refuse);
    }
  }

  /**
   * Outside of a block, a statement before the first that names the branch is of its block too, and
   * one before the first that is refused does not run: as in one transaction of the server's.
   */
  private Decision decide() {
    Decision first = c.admission.decide(statements.get(next), c.block, c.datadog);
    if (c.status() != 'I' || c.block.enlisted() || !(first instanceof Decision.Pass)) {
      return first;
    }
    boolean watched = false;
    Block ahead = c.block.ahead();
    SqlIdentity datadog = c.datadog;
    for (int at = next; at < statements.size() && !control(statements.get(at)); at++) {
      Decision later = c.admission.decide(statements.get(at), ahead, datadog);
      if (later instanceof Decision.Enlist || later instanceof Decision.Refuse) {
        return later;
      }
      watched |= c.admission.watches(statements.get(at), ahead);
      SqlStatement statement = statements.get(at).statement();
      if (statement != null) {
        ahead.note(statement, new ArrayList<>());
        datadog = Conversation.datadog(statement.command(), datadog);
      }
    }
    return watched ? Decision.WATCH : first;
  }

  private static boolean control(Prepared prepared) {
    return prepared.ends()
        || (prepared.statement() != null
            && prepared.statement().command() instanceof SqlCommand.Begin);
  }

  private void pass() {
    int to = next;
    List<Runnable> undo = new ArrayList<>();
    do {
      Prepared prepared = statements.get(to);
      c.note(prepared, undo);
      if (control(prepared) && c.block.wrapped) {
        // The client's own BEGIN makes a block of what it has done so far.
        c.block.wrapped = false;
      }
      to++;
      if (control(prepared)) {
        break;
      }
    } while (to < statements.size()
        && c.admission.decide(statements.get(to), c.block, c.datadog) instanceof Decision.Pass);
    send(to, Conversation.undone(Expectation.Kind.QUERY, undo));
  }

  private void watch() {
    c.block.wrapped = true;
    c.run(
        new Step(
            "BEGIN",
            Step.Ending.SYNC,
            false,
            outcome -> {
              if (outcome instanceof Step.Outcome.Failed(byte[] error)) {
                c.block.wrapped = false;
                failed(error);
              } else {
                go();
              }
            }));
  }

  private void send(int to) {
    send(to, c.noted(Expectation.Kind.QUERY, statements.subList(next, to)));
  }

  private void send(int to, Expectation answer) {
    int end = to == statements.size() ? text.length : end(to - 1);
    ByteBuf query = call == null ? Wire.query(text, from, end) : Unpooled.wrappedBuffer(call);
    from = end;
    next = to;
    c.owed.add(answer);
    c.toServer(query);
  }

  private int end(int index) {
    SqlStatement statement = statements.get(index).statement();
    if (statement == null) {
      throw new IllegalStateException("a statement of a text has a place in it");
    }
    return statement.to();
  }

  private void inFailedBlock(Prepared prepared, SqlRefusal failed) {
    if (!prepared.ends()) {
      tell(failed);
      errored = true;
      finish();
      return;
    }
    boolean commit = prepared.commits();
    c.failed = null;
    if (commit && !c.failedTold) {
      c.refused(failed);
      errored = true;
    } else {
      c.answer(Wire.complete("ROLLBACK"));
      skip();
    }
    go();
  }

  private void tell(SqlRefusal failed) {
    c.refused(c.failedTold ? FailedBlock.again(failed) : failed);
    c.failedTold = true;
  }

  private void skip() {
    from = end(next);
    next++;
  }

  private void ended(Ends.Answer answer) {
    ByteBuf bytes = Ends.bytes(c, answer);
    if (!(answer instanceof Ends.Answer.Complete)) {
      errored = true;
    }
    if (bytes != null) {
      c.answer(bytes);
    }
    skip();
    go();
  }

  private void refuse(Decision.Refuse refuse) {
    boolean commit = next < statements.size() && statements.get(next).commits();
    boolean inBlock = c.status() != 'I' && !c.block.wrapped && !commit;
    errored = true;
    Ends.refuse(c, refuse, inBlock, this::finish);
  }

  @Override
  public void again() {
    go();
  }

  @Override
  public void refused(SqlRefusal refusal) {
    refuse(new Decision.Refuse(refusal, false));
  }

  @Override
  public void failed(byte[] error) {
    c.answer(Unpooled.wrappedBuffer(error));
    errored = true;
    go();
  }

  private void finish() {
    c.busy = true;
    if (c.block.wrapped) {
      Ends.end(c, errored ? Decision.ROLLBACK : Decision.COMMIT, this::unwrapped);
      return;
    }
    ended = true;
    c.job = null;
    c.answer(Wire.ready(c.failed == null ? c.status() : 'E'));
    if (c.status == 'I') {
      c.inBlock = false;
      c.names.endPortals();
      c.reset();
    } else {
      c.inBlock = true;
    }
    c.resume();
  }

  private void unwrapped(Ends.Answer answer) {
    Ends.tellUnlessComplete(c, answer);
    finish();
  }
}
