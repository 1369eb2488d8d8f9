package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Framer.Verdict;
import io.handfast.proxy.postgres.sql.SqlCommand;
import io.handfast.proxy.postgres.sql.SqlGlance;
import io.handfast.proxy.postgres.sql.SqlIdentity;
import io.handfast.proxy.postgres.sql.SqlScript;
import io.handfast.proxy.postgres.sql.SqlStatement;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's messages. What belongs to no transaction of the mesh is forwarded as it stands; the
 * first message that needs the engine, or the server's state, stays where it is with all behind it
 * until that is there, and is then looked at again.
 */
final class ClientSide implements Framer.Handler {
  /** A text up to that is always read. */
  static final int MAX_TEXT = 1 << 20;

  /** A text up to that is read where it matters what it says; a longer one is refused there. */
  static final int MAX_TEXT_THAT_MATTERS = 64 << 20;

  /** Messages that are names and a little more; of the longest PostgreSQL takes 10,000 bytes. */
  static final int MAX_NAMES = 65_536;

  private static final Prepared TOO_LONG =
      Prepared.unreadable("it is longer than can be looked at");
  private static final List<Prepared> CALL = List.of(Prepared.FUNCTION);

  private final Conversation c;
  private final Pipeline pipeline;

  /** Of the message at the head, so that it is read once. */
  private @Nullable List<Prepared> read;

  /** The Query, or the function call, at the head does not pass, and waits for what is owed. */
  private boolean waits;

  ClientSide(Conversation conversation) {
    this.c = conversation;
    this.pipeline = new Pipeline(conversation);
  }

  @Override
  public int needs(byte type, int length, ByteBuf in, int at, int available) {
    if (c.clientSkips || c.serverSkips || !c.started || c.busy) {
      return Wire.HEADER;
    }
    return switch (type) {
      case 'Q' -> length <= maxText() ? 1 + length : Wire.HEADER;
      case 'P' -> length <= maxText() ? 1 + length : needsOfName(length, in, at, available);
      case 'E', 'D', 'C' -> length <= MAX_NAMES ? 1 + length : Wire.HEADER;
      case 'B' -> needsOfBind(length, in, at, available);
      case 'F' -> length > MAX_TEXT_THAT_MATTERS || passes(CALL) ? Wire.HEADER : 1 + length;
      default -> Wire.HEADER;
    };
  }

  private int maxText() {
    return c.block.enlisted() || c.rules.mandatory() || c.sql.anyInFlight()
        ? MAX_TEXT_THAT_MATTERS
        : MAX_TEXT;
  }

  /** A name at the head of a long message, with its NUL. */
  private static int needsOfName(int length, ByteBuf in, int at, int available) {
    int nul = Wire.nul(in, at + Wire.HEADER, at + available);
    return nul < at + available
        ? nul + 1 - at
        : Math.min(1 + length, Math.min(available + 1, MAX_NAMES));
  }

  private int needsOfBind(int length, ByteBuf in, int at, int available) {
    int from = at + Wire.HEADER;
    int end = at + available;
    int portal = Wire.nul(in, from, end);
    int statement = portal == end ? end : Wire.nul(in, portal + 1, end);
    if (statement == end) {
      return Math.min(1 + length, Math.min(available + 1, MAX_NAMES));
    }
    String name = Pipeline.name(c, in, portal + 1, end);
    return c.names.statement(name).needsParameters() && length <= MAX_NAMES
        ? 1 + length
        : statement + 1 - at;
  }

  @Override
  public void malformed(String why) {
    c.fatal("the client sent " + why);
  }

  @Override
  public Verdict frame(byte type, int length, ByteBuf in, int at) {
    Verdict verdict = verdict(type, length, in, at);
    c.held = verdict == Verdict.HOLD;
    if (verdict == Verdict.FORWARD) {
      pipeline.forwards();
    }
    if (verdict != Verdict.HOLD) {
      read = null;
      waits = false;
    }
    return verdict;
  }

  private Verdict verdict(byte type, int length, ByteBuf in, int at) {
    if (!c.started) {
      return type == 'p' || type == 'X' ? Verdict.FORWARD : Verdict.HOLD;
    }
    if (type == 'X') {
      if (c.busy) {
        return Verdict.HOLD;
      }
      c.goodbye = !c.serverEnds;
      return Verdict.FORWARD;
    }
    if (type == 'd' || type == 'c' || type == 'f') {
      return copyData(type);
    }
    if (c.busy) {
      return Verdict.HOLD;
    }
    if (c.clientSkips || c.serverSkips) {
      return skipped(type);
    }
    return switch (type) {
      case 'Q' -> query(length, in, at);
      case 'P' -> parse(length, in, at);
      case 'B' -> pipeline.bind(length, in, at);
      case 'E' -> pipeline.execute(length, in, at);
      case 'C' -> pipeline.close(length, in, at);
      case 'D' -> {
        c.owed.add(Expectation.Kind.DESCRIBE.plain());
        yield Verdict.FORWARD;
      }
      case 'S' -> pipeline.sync();
      case 'F' -> run(CALL, length, in, at);
      default -> Verdict.FORWARD;
    };
  }

  private Verdict copyData(byte type) {
    if (c.busy && !c.copyIn) {
      return Verdict.HOLD;
    }
    if (type != 'd' && !c.copyIn && !c.owed.isEmpty()) {
      c.owed.add(Expectation.Kind.COPY_END.plain());
    }
    if (type != 'd') {
      c.copyIn = false;
    }
    return Verdict.FORWARD;
  }

  private Verdict skipped(byte type) {
    if (type == 'S') {
      return pipeline.sync();
    }
    return c.clientSkips && type != 'H' ? Verdict.DROP : Verdict.FORWARD;
  }

  private Verdict query(int length, ByteBuf in, int at) {
    List<Prepared> statements = read(length, in, at, at + Wire.HEADER);
    return statements == null ? Verdict.HOLD : run(statements, length, in, at);
  }

  /** A message with a ReadyForQuery of its own: a text, or a function call by the fast path. */
  private Verdict run(List<Prepared> statements, int length, ByteBuf in, int at) {
    if (!waits && passes(statements)) {
      c.owed.add(c.noted(Expectation.Kind.QUERY, statements));
      c.predicted = 0;
      c.executed = false;
      if (!c.inBlock) {
        c.reset();
      }
      return Verdict.FORWARD;
    }
    if (!c.owed.isEmpty()) {
      if (!waits) {
        c.flushServer(); // in a pipeline without Sync it is skipped, if something before fails
      }
      waits = true;
      return Verdict.HOLD;
    }
    if (c.failed == null && c.status() == 'E' && failsAlone(statements)) {
      c.owed.add(Expectation.Kind.QUERY.plain());
      return Verdict.FORWARD;
    }
    job(statements, length, in, at).start();
    return Verdict.DROP;
  }

  private QueryJob job(List<Prepared> statements, int length, ByteBuf in, int at) {
    if (in.getByte(at) == 'F') {
      return in.writerIndex() < at + 1 + length
          ? new QueryJob(c, new byte[0], List.of(TOO_LONG))
          : QueryJob.ofCall(c, Wire.bytes(in, at, 1 + length));
    }
    int from = at + Wire.HEADER;
    byte[] text =
        statements.isEmpty() || statements.getFirst().unreadable() == null
            ? Wire.bytes(in, from, Wire.nul(in, from, at + 1 + length) - from)
            : new byte[0];
    return new QueryJob(c, text, statements);
  }

  /** In a block that has failed the server refuses all but its end. */
  private boolean failsAlone(List<Prepared> statements) {
    return statements.size() == 1
        && !(c.admission.decide(statements.getFirst(), c.block, c.datadog) instanceof Decision.End);
  }

  /** Whether all of a query goes as it is, whatever the server's state is. */
  private boolean passes(List<Prepared> statements) {
    if (c.failed != null) {
      return statements.isEmpty(); // the server runs nothing of it, and says what it is
    }
    if (c.block.enlisted() && c.owed.ready() > 0) {
      return false; // a pipeline before may end the block by failing
    }
    boolean named = false;
    for (Prepared prepared : statements) {
      if (named
          || !(c.admission.decide(prepared, c.block, c.datadog) instanceof Decision.Pass)
          || c.admission.watches(prepared, c.block)) {
        return false;
      }
      named =
          statements.size() > 1
              && prepared.statement() != null
              && prepared.statement().command() instanceof SqlCommand.Set set
              && (set.sets("handfast.tx") || set.sets("application_name"));
    }
    return !c.block.wrapped;
  }

  private Verdict parse(int length, ByteBuf in, int at) {
    int from = at + Wire.HEADER;
    int end = at + 1 + length;
    int nul = Wire.nul(in, from, Math.min(end, in.writerIndex()));
    List<Prepared> statements = read(length, in, at, Math.min(nul + 1, end));
    if (statements == null) {
      return Verdict.HOLD;
    }
    Prepared one = statements.size() == 1 ? statements.getFirst() : Prepared.EMPTY;
    c.owed.add(
        Expectation.undoable(
            Expectation.Kind.PARSE,
            c.names.parse(Pipeline.name(c, in, from, Math.min(end, in.writerIndex())), one)));
    return Verdict.FORWARD;
  }

  /** The statements of a text; null if how it is to be read is not known yet. */
  private @Nullable List<Prepared> read(int length, ByteBuf in, int at, int from) {
    if (read != null) {
      return read;
    }
    if (c.readingChanges) {
      if (c.owed.ready() > 0) {
        return null;
      }
      if (c.executed) {
        read = List.of(Prepared.unreadable("settings that decide how it is read change before it"));
        return read;
      }
      c.readingChanges = false;
    }
    int end = at + 1 + length;
    if (in.writerIndex() < end) {
      read = List.of(TOO_LONG);
      return read;
    }
    byte[] text = Wire.bytes(in, from, Wire.nul(in, from, end) - from);
    boolean glance =
        !c.rules.mandatory()
            && c.block.local instanceof SqlIdentity.None
            && c.datadog instanceof SqlIdentity.None;
    if (glance && SqlGlance.isPlain(text, 0, text.length)) {
      read = List.of(Prepared.PLAIN);
      return read;
    }
    read =
        switch (SqlScript.read(text, 0, text.length, c.settings)) {
          case SqlScript.Unreadable(String why) -> List.of(Prepared.unreadable(why));
          case SqlScript.Broken broken -> List.of();
          case SqlScript.Statements(List<SqlStatement> statements, SqlIdentity identity) ->
              statements.stream().map(one -> Prepared.of(one, identity, text)).toList();
        };
    return read;
  }
}
