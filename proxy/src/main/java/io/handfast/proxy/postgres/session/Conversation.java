package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlSettings;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.proxy.postgres.sql.SqlValue;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What both directions of a session share: what is owed, the state of the server's transaction, and
 * how something is said to either side in its order. Confined to the connection's executor.
 */
final class Conversation {
  final PgRules rules;
  final SqlInterceptor sql;
  final Executor executor;
  final PgSession.Out out;
  final Expectations owed = new Expectations();
  final Names names = new Names();
  final Admission admission;
  final Completer completer;
  final XidQuestion xidQuestion;
  final Framer client;
  final Framer server;

  SqlSettings settings = SqlSettings.DEFAULT;

  /** Of {@code server_version}; 0 until it is told. */
  int serverVersion;

  /** The first ReadyForQuery has come. */
  boolean started;

  Block block = new Block();

  /** What application_name names since the last block. */
  SqlIdentity datadog = SqlIdentity.NONE;

  /** Of the last ReadyForQuery. */
  char status = 'I';

  /** What the client's open pipeline makes of it if all of that goes well; 0: nothing. */
  char predicted;

  /** Whether the client executed something in this pipeline. */
  boolean executed;

  /** Whether that may read data of the client's. */
  boolean executedCopy;

  /** Whether the client is in a block, when all that was sent goes well. */
  boolean inBlock;

  /** The server skips to the client's Sync, and so what comes is owed nothing. */
  boolean serverSkips;

  /** We skip to the client's Sync in its place. */
  boolean clientSkips;

  /** The server reads data of COPY. */
  boolean copyIn;

  /** A sequence of our own runs, and the client waits. */
  boolean busy;

  /** The simple query that is run in pieces. */
  @Nullable QueryJob job;

  /**
   * The server's transaction was rolled back by us, and the client has to end the block that it
   * believes to be in.
   */
  @Nullable SqlRefusal failed;

  /** Whether the client has seen why. */
  boolean failedTold;

  /** {@code lock_timeout} of the session in milliseconds, 0 for none; −1: not known. */
  long lockTimeoutMs = -1;

  /** How a text is read may be different once the server has answered. */
  boolean readingChanges;

  boolean closed;

  /** Nobody is there to be told, but the server still owes the answer to a PREPARE. */
  boolean clientGone;

  /** The client has said that it ends the connection, before the server had. */
  boolean goodbye;

  /** The server has said that it ends the connection. */
  boolean serverEnds;

  /** The head of the client's bytes waits. */
  boolean held;

  private boolean paused;
  private boolean asking;
  private boolean again;
  private boolean settling;

  Conversation(PgRules rules, SqlInterceptor sql, Executor executor, PgSession.Out out) {
    this.rules = rules;
    this.sql = sql;
    this.executor = executor;
    this.out = out;
    this.admission = new Admission(rules, sql, names);
    this.completer = new Completer(rules, sql);
    this.xidQuestion = new XidQuestion(this);
    this.client = new Framer(new ClientSide(this), out::toServer);
    this.server = new Framer(new ServerSide(this), out::toClient);
    owed.add(Expectation.Kind.START.plain());
  }

  /** The server's transaction, exactly if no ReadyForQuery is owed. */
  char status() {
    return predicted == 0 ? status : predicted;
  }

  void toServer(ByteBuf bytes) {
    client.flush();
    out.toServer(bytes);
  }

  void toClient(ByteBuf bytes) {
    server.flush();
    out.toClient(bytes);
  }

  /** Tells the client once all that is owed before has been told. */
  void answer(ByteBuf bytes) {
    tellDue();
    if (owed.isEmpty() && server.between()) {
      toClient(bytes);
    } else {
      flushServer(); // the client may wait for this before it sends Sync
      owed.add(Expectation.told(bytes));
    }
  }

  void refused(SqlRefusal refusal) {
    out.refused(refusal);
    answer(Wire.error("ERROR", refusal));
  }

  /** Not within a message of the server's of which the rest is to come. */
  void tellDue() {
    ByteBuf told = server.between() ? owed.told() : null;
    while (told != null) {
      toClient(told);
      told = owed.told();
    }
  }

  /** Runs a statement of our own behind all that was sent. */
  void run(Step step) {
    if (serverSkips) {
      runSkipped(step);
      return;
    }
    ByteBuf bytes = Wire.portalAgain(step.sql.length());
    owed.add(Expectation.of(Expectation.Kind.CLOSE, step));
    if (step.name != Step.Name.KEPT_BEFORE) {
      Wire.parse(bytes, step.name.text, step.sql);
      owed.add(Expectation.of(Expectation.Kind.CLOSE, step));
      owed.add(Expectation.of(Expectation.Kind.PARSE, step));
    }
    Wire.execute(bytes, step.name.text);
    owed.add(Expectation.of(Expectation.Kind.BIND, step));
    owed.add(Expectation.of(Expectation.Kind.EXECUTE, step));
    switch (step.ending) {
      case SYNC -> {
        Wire.sync(bytes);
        owed.add(Expectation.of(Expectation.Kind.SYNC, step));
      }
      case FLUSH -> Wire.flush(bytes);
      case NONE -> {}
    }
    toServer(bytes);
  }

  /** The server would read none of it but the Sync. */
  private void runSkipped(Step step) {
    step.skipped();
    if (step.ending == Step.Ending.SYNC) {
      owed.add(Expectation.of(Expectation.Kind.SYNC, step));
      serverSkips = false;
      ByteBuf bytes = PooledByteBufAllocator.DEFAULT.buffer(Wire.HEADER);
      Wire.sync(bytes);
      toServer(bytes);
    }
  }

  /** Has the server answer what it was asked in a pipeline that is open. */
  void flushServer() {
    if (!owed.flushed()) {
      ByteBuf bytes = PooledByteBufAllocator.DEFAULT.buffer(Wire.HEADER);
      Wire.flush(bytes);
      toServer(bytes);
    }
  }

  /** Notes statements of the client that are being sent, and gives the answer that is owed. */
  Expectation noted(Expectation.Kind kind, List<Prepared> sent) {
    List<Runnable> undo = new ArrayList<>();
    sent.forEach(prepared -> note(prepared, undo));
    return undone(kind, undo);
  }

  static Expectation undone(Expectation.Kind kind, List<Runnable> undo) {
    return undo.isEmpty()
        ? kind.plain()
        : Expectation.undoable(kind, () -> undo.reversed().forEach(Runnable::run));
  }

  /**
   * Notes a statement of the client that is being sent.
   *
   * @param undo is given what takes back a name that it made, or the end of a block
   */
  void note(Prepared prepared, List<Runnable> undo) {
    SqlStatement statement = prepared.statement();
    block.sends();
    if (statement == null) {
      block.data |= prepared.plain();
      block.snapshot |= prepared.plain();
      block.mayWrite |= prepared.plain() || prepared.unreadable() != null;
      return;
    }
    block.note(statement, undo);
    readingChanges |= statement.command().changesReading();
    switch (statement.command()) {
      case SqlCommand.Begin begin -> inBlock = true;
      case SqlCommand.Commit(boolean chain) -> end(chain, undo);
      case SqlCommand.Rollback(boolean chain) -> end(chain, undo);
      case SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act act) -> {
        if (act == SqlCommand.TwoPhase.Act.PREPARE) {
          end(false, undo);
        }
      }
      case SqlCommand.Set set -> set(set);
      case SqlCommand.Reset(String name) -> {
        if (name == null || name.equals("lock_timeout")) {
          block.lockTimeout = true;
        }
      }
      case SqlCommand.Discard(SqlCommand.Discard.What what) -> {
        if (what == SqlCommand.Discard.What.ALL) {
          block.lockTimeout = true;
          forget();
        }
      }
      case SqlCommand.Prepare(String name, SqlStatement body) ->
          undo.add(names.parse(name, new Prepared(body, prepared.identity(), false, false, null)));
      case SqlCommand.Deallocate(String name) -> {
        if (name == null) {
          forget();
        } else {
          names.closeStatement(name);
        }
      }
      default -> {}
    }
    if (block.lockTimeout) {
      lockTimeoutMs = -1;
    }
  }

  private void forget() {
    names.forget();
    xidQuestion.forget();
  }

  private void set(SqlCommand.Set set) {
    datadog = datadog(set, datadog);
    if (set.sets("lock_timeout") || !(set.name() instanceof SqlValue.Constant)) {
      block.lockTimeout = true;
    }
  }

  /** What application_name names behind a statement. */
  static SqlIdentity datadog(SqlCommand command, SqlIdentity before) {
    return command instanceof SqlCommand.Set set
            && set.sets("application_name")
            && set.value() instanceof SqlValue.Constant(String value)
        ? SqlIdentity.ofApplicationName(value)
        : before;
  }

  private void end(boolean chain, List<Runnable> undo) {
    Block before = block;
    SqlIdentity named = datadog;
    inBlock = chain;
    undo.add(names.endPortalsUnlessSkipped());
    reset();
    if (block != before) {
      undo.add(() -> {
        if (block.state == Block.State.OPEN && block.local instanceof SqlIdentity.None) {
          before.goesOn(block);
          block = before;
          datadog = named;
          inBlock = true;
        }
      });
    }
  }

  /** The block has ended, as far as the client's requests tell; one that takes part ends else. */
  void reset() {
    if (block.state == Block.State.ENLISTED || block.state == Block.State.ASKED) {
      return;
    }
    ended();
  }

  /** The block has ended. */
  void ended() {
    if (block.data) {
      datadog = SqlIdentity.NONE;
    }
    if (block.lockTimeout) {
      lockTimeoutMs = -1;
    }
    block = new Block();
  }

  /** A sequence of our own ends: the client goes on. */
  void resume() {
    busy = false;
    again = true;
  }

  /** After anything happened: what has become possible is done. */
  void settle() {
    if (settling || closed) {
      return;
    }
    settling = true;
    try {
      do {
        again = false;
        tellDue();
        if (server.between()) {
          Ends.whenIdle(this);
          client.pump();
          tellDue();
        }
      } while (again && !closed);
    } finally {
      settling = false;
    }
    if (clientGone && !block.preparing && !closed) {
      over("the service's connection ended"); // and nobody was told what became of its COMMIT
      out.close();
    }
    if (closed) {
      return;
    }
    boolean asks = busy && block.state == Block.State.ASKED;
    if (asks != asking) {
      asking = asks;
      out.holdTurn(asks);
    }
    if (held != paused) {
      paused = held;
      out.pauseClient(held);
    }
  }

  /** These are no messages of PostgreSQL's, or none that may be let through. */
  void fatal(String why) {
    if (!closed) {
      SqlRefusal refusal = new SqlRefusal("08P01", why, "");
      out.refused(refusal);
      if (server.between()) {
        toClient(Wire.error("FATAL", refusal));
      }
      over("the connection broke PostgreSQL's protocol");
      out.close();
    }
  }

  /** The client has left, as far as it knows by itself: that rolls its block back. */
  void left() {
    over(!serverEnds, "the service's connection ended");
  }

  /** Nothing more is done. A COMMIT of the client's may be on its way to here, so a block fails. */
  void over(String why) {
    over(goodbye, why);
  }

  private void over(boolean left, String why) {
    if (closed) {
      return;
    }
    closed = true;
    SqlBlock sql = block.sql;
    if (sql != null) {
      if (block.preparing) {
        sql.lost(why + " before PREPARE TRANSACTION was answered");
      } else if (job != null || block.wrapped || client.holdsRequest()) {
        sql.failed("not all that the service asked for is known to be done: " + why);
      } else if (left) {
        sql.rolledBack();
      } else {
        sql.failed(why + " before the service had ended the block");
      }
    }
    block = new Block();
    owed.clear();
    client.close();
    server.close();
  }
}
