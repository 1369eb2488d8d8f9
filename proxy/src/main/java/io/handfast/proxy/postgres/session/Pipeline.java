package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Framer.Verdict;
import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's messages of the extended protocol. Names are followed at Parse, Bind and Close; what
 * a statement means for its block is decided at Execute, and a block that we have begun ends at
 * Sync.
 */
final class Pipeline implements Enlistment.Then {
  private final Conversation c;

  /** The Execute, or the Sync, at the head has been answered by ourselves. */
  private boolean answered;

  /** The server was told to answer, for the Sync at the head waits for that. */
  private boolean flushed;

  /** A Sync of our own was the last thing that was sent. */
  private boolean synced;

  /** The Execute at the head is COMMIT. */
  private boolean commits;

  Pipeline(Conversation conversation) {
    this.c = conversation;
  }

  static String name(Conversation c, ByteBuf in, int from, int end) {
    int nul = Wire.nul(in, from, end);
    return in.toString(from, nul - from, c.settings.charset());
  }

  /** A message of the client's is being sent. */
  void forwards() {
    synced = false;
  }

  Verdict bind(int length, ByteBuf in, int at) {
    int from = at + Wire.HEADER;
    int end = Math.min(at + 1 + length, in.writerIndex());
    String portal = name(c, in, from, end);
    int next = Math.min(Wire.nul(in, from, end) + 1, end);
    String name = name(c, in, next, end);
    if (!name.isEmpty()) {
      c.xidQuestion.mayKeep();
    }
    Prepared statement = c.names.statement(name);
    if (statement.needsParameters()) {
      int values = Math.min(Wire.nul(in, next, end) + 1, end);
      statement = statement.bound(number -> parameter(in, values, end, number));
    }
    if (!statement.ends()) {
      c.block.sends(); // the types of parameters may run functions
    }
    c.owed.add(Expectation.undoable(Expectation.Kind.BIND, c.names.bind(portal, statement)));
    return Verdict.FORWARD;
  }

  /** The value of a parameter of Bind, from 1; null if it is NULL or not there. */
  static @Nullable String parameter(ByteBuf in, int from, int end, int number) {
    if (end - from < 2) {
      return null;
    }
    int at = from + 2 + 2 * in.getUnsignedShort(from);
    if (end - at < 2 || in.getUnsignedShort(at) < number) {
      return null;
    }
    at += 2;
    for (int i = 1; end - at >= 4; i++) {
      int size = in.getInt(at);
      at += 4;
      if (size > end - at) {
        return null;
      }
      if (i == number) {
        return size < 0 ? null : in.toString(at, size, StandardCharsets.UTF_8);
      }
      at += Math.max(size, 0);
    }
    return null;
  }

  Verdict close(int length, ByteBuf in, int at) {
    int from = at + Wire.HEADER;
    int end = Math.min(at + 1 + length, in.writerIndex());
    Runnable undo = null;
    if (end > from && length <= ClientSide.MAX_NAMES) {
      String name = name(c, in, from + 1, end);
      undo = in.getByte(from) == 'S' ? c.names.closeStatement(name) : c.names.closePortal(name);
    }
    c.owed.add(new Expectation(Expectation.Kind.CLOSE, null, undo, null));
    return Verdict.FORWARD;
  }

  Verdict execute(int length, ByteBuf in, int at) {
    if (answered) {
      answered = false;
      return Verdict.DROP;
    }
    int end = Math.min(at + 1 + length, in.writerIndex());
    boolean isLong = length > ClientSide.MAX_NAMES; // its end is not waited for
    String portal = isLong ? "" : name(c, in, at + Wire.HEADER, end);
    boolean ended = c.names.hasEnded(portal);
    Prepared prepared = isLong ? Prepared.UNKNOWN : ended ? Prepared.EMPTY : c.names.portal(portal);
    if (c.failed == null) {
      Decision decision =
          ended
              ? Admission.noPortal(portal, c.block)
              : c.admission.decide(prepared, c.block, c.datadog);
      if (decision instanceof Decision.Pass) {
        if (c.block.enlisted() && c.owed.ready() > 0) {
          return Verdict.HOLD; // a pipeline before may end the block by failing
        }
        return c.admission.watches(prepared, c.block) ? watch(prepared) : forward(prepared);
      }
      if (c.owed.ready() > 0) {
        return Verdict.HOLD;
      }
      if (c.status() == 'E' && !(decision instanceof Decision.End)) {
        return forward(prepared);
      }
      act(prepared, decision);
    } else {
      if (c.owed.ready() > 0) {
        return Verdict.HOLD;
      }
      inFailedBlock(prepared, c.failed);
    }
    if (c.busy) {
      return Verdict.HOLD;
    }
    if (c.serverSkips) {
      return Verdict.FORWARD;
    }
    return c.clientSkips ? Verdict.DROP : execute(length, in, at);
  }

  /** Outside of a block it runs in one that ends at Sync. */
  private Verdict watch(Prepared prepared) {
    if (c.owed.ready() > 0) {
      return Verdict.HOLD;
    }
    if (c.status() == 'I') {
      c.block.wrapped = true;
      c.run(
          new Step(
              "BEGIN",
              Step.Ending.NONE,
              false,
              outcome -> {
                if (outcome instanceof Step.Outcome.Failed(byte[] error)) {
                  c.toClient(Unpooled.wrappedBuffer(error));
                }
              }));
      c.predicted = 'T';
    }
    return forward(prepared);
  }

  private Verdict forward(Prepared prepared) {
    c.owed.add(c.noted(Expectation.Kind.EXECUTE, List.of(prepared)));
    c.executed = true;
    SqlStatement statement = prepared.statement();
    if (statement != null) {
      switch (statement.command()) {
        case SqlCommand.Begin begin -> {
          c.predicted = 'T';
          c.block.wrapped = false;
        }
        case SqlCommand.Commit(boolean chain) -> c.predicted = chain ? 'T' : 'I';
        case SqlCommand.Rollback(boolean chain) -> c.predicted = chain ? 'T' : 'I';
        case SqlCommand.TwoPhase(SqlCommand.TwoPhase.Act act) -> {
          if (act == SqlCommand.TwoPhase.Act.PREPARE) {
            c.predicted = 'I';
          }
        }
        case SqlCommand.Savepoint(SqlCommand.Savepoint.Act act, String name) -> {
          if (act == SqlCommand.Savepoint.Act.ROLLBACK_TO) {
            c.predicted = 'T'; // of a block that has failed, too
          }
        }
        case SqlCommand.Copy(boolean from) -> c.executedCopy |= from;
        default -> {}
      }
    }
    return Verdict.FORWARD;
  }

  private void act(Prepared prepared, Decision decision) {
    commits = prepared.commits();
    switch (decision) {
      case Decision.Enlist enlist -> Enlistment.start(c, enlist, true, this);
      case Decision.End end -> Ends.end(c, end, this::ended);
      case Decision.Refuse refuse -> refuse(refuse);
      case Decision.Pass pass -> throw new IllegalStateException("what passes is forwarded");
      case Decision.Watch watch -> throw new IllegalStateException("what passes is forwarded");
    }
  }

  private void refuse(Decision.Refuse refuse) {
    boolean inBlock = c.status() != 'I' && !c.block.wrapped && !commits;
    Ends.refuse(c, refuse, inBlock, () -> c.clientSkips = true);
  }

  private void inFailedBlock(Prepared prepared, SqlRefusal failed) {
    boolean commit = prepared.commits();
    if (prepared.ends()) {
      c.failed = null;
      c.inBlock = false;
      if (!commit || c.failedTold) {
        c.answer(Wire.complete("ROLLBACK"));
        answered = true;
        return;
      }
      c.refused(failed);
    } else {
      c.refused(c.failedTold ? FailedBlock.again(failed) : failed);
      c.failedTold = true;
    }
    c.clientSkips = true;
  }

  private void ended(Ends.Answer answer) {
    ByteBuf bytes = Ends.bytes(c, answer);
    if (bytes != null) {
      c.answer(bytes);
    }
    if (answer instanceof Ends.Answer.Complete) {
      answered = true;
      synced = true;
    } else {
      c.clientSkips = true;
    }
  }

  @Override
  public void again() {
    // The Execute is still at the head, and is looked at again.
  }

  @Override
  public void refused(SqlRefusal refusal) {
    refuse(new Decision.Refuse(refusal, false));
  }

  @Override
  public void failed(byte[] error) {
    c.answer(Unpooled.wrappedBuffer(error));
    c.clientSkips = true;
  }

  Verdict sync() {
    if (answered) {
      answered = false;
      return Verdict.DROP;
    }
    if (c.copyIn) {
      flushed = false;
      return Verdict.FORWARD;
    }
    if (c.block.wrapped) {
      if (c.executedCopy && !c.owed.isEmpty()) {
        // Had the server begun to read data, it would ignore this Sync.
        if (!flushed) {
          flushed = true;
          c.flushServer();
        }
        c.held = true;
        return Verdict.HOLD;
      }
      flushed = false;
      c.executedCopy = false;
      Ends.end(c, Decision.COMMIT, this::unwrapped);
      return Verdict.HOLD;
    }
    boolean ended = synced && !c.clientSkips && !c.serverSkips && c.owed.isEmpty();
    if (!ended && !c.clientSkips && !c.serverSkips) {
      c.xidQuestion.ride();
    }
    c.clientSkips = false;
    c.serverSkips = false;
    c.predicted = 0;
    c.executed = false;
    c.executedCopy = false;
    if (!c.inBlock) {
      c.reset();
    }
    if (ended) {
      return endedAlready();
    }
    c.owed.add(Expectation.Kind.SYNC.plain());
    return Verdict.FORWARD;
  }

  /** The server has nothing to do at this Sync: the one that ended the block was the last. */
  private Verdict endedAlready() {
    synced = false;
    if (c.status == 'I') {
      c.names.endPortals();
    }
    c.answer(Wire.ready(c.failed == null ? c.status : 'E'));
    return Verdict.DROP;
  }

  private void unwrapped(Ends.Answer answer) {
    Ends.tellUnlessComplete(c, answer);
    c.clientSkips = false;
    c.serverSkips = false;
    c.inBlock = false;
    c.answer(Wire.ready(c.failed == null ? c.status() : 'E'));
    answered = true;
  }
}
