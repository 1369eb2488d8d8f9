package io.handfast.proxy.postgres.session;

import io.handfast.proxy.postgres.session.Framer.Verdict;
import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's messages: each is held against what is owed, and is the client's or our own. Rows
 * and the like are seen by their heads only.
 */
final class ServerSide implements Framer.Handler {
  /** An error longer than that is not looked into. */
  private static final int MAX_ERROR = 65_536;

  /** Of a longer one: its severity and SQLSTATE come first. */
  private static final int HEAD_OF_ERROR = 256;

  /** The length of every ReadyForQuery. */
  private static final int READY = 5;

  private final Conversation c;

  /** The message before may have let something go on. */
  private boolean moved;

  ServerSide(Conversation conversation) {
    this.c = conversation;
  }

  /** As if each message came in a piece of its own, so that cuts do not matter. */
  @Override
  public void next() {
    if (moved) {
      moved = false;
      c.settle();
    }
  }

  @Override
  public int needs(byte type, int length, ByteBuf in, int at, int available) {
    return switch (type) {
      case 'Z' -> length == READY ? 1 + length : Wire.HEADER;
      case 'C', 'S' -> length <= MAX_ERROR ? 1 + length : Wire.HEADER;
      case 'E' -> length <= MAX_ERROR ? 1 + length : HEAD_OF_ERROR;
      case 'D' -> ours() && length <= MAX_ERROR ? 1 + length : Wire.HEADER;
      default -> Wire.HEADER;
    };
  }

  private boolean ours() {
    c.tellDue();
    Expectation head = c.owed.head();
    return head != null && head.step() != null;
  }

  @Override
  public void malformed(String why) {
    c.tellDue(); // what comes before it, as if it had come in a piece of its own
    c.fatal("the server sent " + why);
  }

  @Override
  public Verdict frame(byte type, int length, ByteBuf in, int at) {
    moved = type != 'D' && type != 'd';
    c.tellDue();
    Expectation head = c.owed.head();
    Step step = head == null ? null : head.step();
    if (type == 'A') {
      return Verdict.FORWARD;
    }
    if (type == 'Z' && length != READY) {
      c.fatal("the server sent a ReadyForQuery of length " + length);
      return Verdict.DROP;
    }
    if (type == 'N') {
      return step != null && !step.notices ? Verdict.DROP : Verdict.FORWARD;
    }
    if (type == 'S') {
      if (length <= MAX_ERROR) { // none that is longer matters here
        parameter(length, in, at);
      }
      return Verdict.FORWARD;
    }
    if (type == 'E' && isFatal(length, in, at)) {
      c.serverEnds = true;
      if (step != null) {
        return Verdict.FORWARD; // no answer of ours comes any more, and the client is to know why
      }
    }
    if (head == null) {
      return Verdict.FORWARD;
    }
    return switch (type) {
      case 'Z' -> ready(head, step, (char) in.getByte(at + Wire.HEADER));
      case 'E' -> error(head, step, error(length, in, at, step));
      case 'C' -> completed(head, step, tag(length, in, at));
      case 'I' -> completed(head, step, "");
      case 's' -> {
        c.block.wrote |= c.block.writes; // and no tag says whether it did
        yield completed(head, step, "");
      }
      case '1' -> answered(head, step, Expectation.Kind.PARSE);
      case '2' -> answered(head, step, Expectation.Kind.BIND);
      case '3' -> answered(head, step, Expectation.Kind.CLOSE);
      case 'T', 'n' -> answered(head, step, Expectation.Kind.DESCRIBE);
      case 'G', 'W' -> copyIn();
      case 'D' -> row(step, length, in, at);
      default -> mine(step);
    };
  }

  private static Verdict mine(@Nullable Step step) {
    return step == null ? Verdict.FORWARD : Verdict.DROP;
  }

  private Verdict answered(Expectation head, @Nullable Step step, Expectation.Kind kind) {
    if (head.kind() == kind) {
      c.owed.pop();
    }
    return mine(step);
  }

  private Verdict copyIn() {
    c.copyIn = true;
    c.owed.copyIn();
    return Verdict.FORWARD;
  }

  private static Verdict row(@Nullable Step step, int length, ByteBuf in, int at) {
    if (step == null) {
      return Verdict.FORWARD;
    }
    step.row(Wire.row(in, at, length));
    return Verdict.DROP;
  }

  private static String tag(int length, ByteBuf in, int at) {
    int from = at + Wire.HEADER;
    int end = at + 1 + length;
    return length > MAX_ERROR
        ? ""
        : in.toString(from, Wire.nul(in, from, end) - from, StandardCharsets.ISO_8859_1);
  }

  private Verdict completed(Expectation head, @Nullable Step step, String tag) {
    c.copyIn = false;
    if (head.kind() == Expectation.Kind.EXECUTE) {
      c.owed.pop();
    }
    if (step != null) {
      step.completed(tag);
      return Verdict.DROP;
    }
    c.block.runs();
    c.block.wrote |= tellsOfWrite(tag, c.block.mayWrite);
    return Verdict.FORWARD;
  }

  private static boolean tellsOfWrite(String tag, boolean mayWrite) {
    if (tag.startsWith("INSERT") || tag.startsWith("UPDATE")) {
      return !tag.endsWith(" 0");
    }
    if (tag.startsWith("DELETE") || tag.startsWith("MERGE")) {
      return !tag.endsWith(" 0");
    }
    return tag.startsWith("COPY") && mayWrite && !tag.equals("COPY 0");
  }

  /** Behind that the server ends the connection. */
  private static boolean isFatal(int length, ByteBuf in, int at) {
    byte[] head = Wire.bytes(in, at, Math.min(1 + length, HEAD_OF_ERROR));
    String severity = Wire.errorField(head, 'V');
    return severity.equals("FATAL") || severity.equals("PANIC");
  }

  /** A whole message; of one of the client's own that is too long its type and length only. */
  private static byte[] error(int length, ByteBuf in, int at, @Nullable Step step) {
    if (length <= MAX_ERROR) {
      return Wire.bytes(in, at, 1 + length);
    }
    if (step == null) {
      return Wire.bytes(in, at, Wire.HEADER);
    }
    String state = Wire.errorField(Wire.bytes(in, at, HEAD_OF_ERROR), 'C');
    ByteBuf shorter =
        Wire.error(
            "ERROR",
            new SqlRefusal(
                state.length() == 5 ? state : "XX000",
                "the database's error is longer than the sidecar looks at",
                "The database's log has it."));
    byte[] bytes = Wire.bytes(shorter, 0, shorter.readableBytes());
    shorter.release();
    return bytes;
  }

  private Verdict error(Expectation head, @Nullable Step step, byte[] error) {
    c.copyIn = false;
    QueryJob job = c.job;
    if (job != null) {
      job.errored();
    }
    ByteBuf hinted = step == null ? hinted(error) : null;
    switch (head.kind()) {
      case START, QUERY -> {
        if (head.undo() != null) {
          head.undo().run();
        }
      }
      case PARSE, BIND, DESCRIBE, EXECUTE, CLOSE, SYNC, COPY_END, TOLD -> skip(step, error);
    }
    if (hinted != null) {
      c.toClient(hinted);
      return Verdict.DROP;
    }
    return mine(step);
  }

  private void skip(@Nullable Step step, byte[] error) {
    if (step != null) {
      step.failed(error);
    }
    Expectation sync = c.owed.skip();
    if (sync == null) {
      c.serverSkips = true;
      c.predicted = 0;
    } else if (sync.step() != null && step == null) {
      c.clientSkips = true;
      c.predicted = 0;
    }
  }

  /** A wait that another block of the same transaction may cause. */
  private @Nullable ByteBuf hinted(byte[] error) {
    SqlBlock sql = c.block.sql;
    if (sql == null || !c.block.enlisted()) {
      return null;
    }
    String state = Wire.errorField(error, 'C');
    List<String> holders =
        state.equals("55P03") || state.equals("40P01") ? sql.lockNotGot() : List.of();
    return holders.isEmpty()
        ? null
        : Wire.withHint(
            error,
            "Self-conflict: "
                + Admission.branch(c.block)
                + " waits for what "
                + String.join(", ", holders)
                + " of the same transaction has prepared, and keeps until the outcome. Two branches"
                + " of one transaction that need the same rows cannot both be in mode database: use"
                + " mode callback.");
  }

  private Verdict ready(Expectation head, @Nullable Step step, char status) {
    if (!head.kind().ready()) {
      return mine(step);
    }
    c.owed.pop();
    c.copyIn = false;
    c.started = true;
    c.status = status;
    if (c.owed.isEmpty()) {
      c.predicted = 0;
      c.executed = false;
    }
    if (step != null) {
      step.ended();
      return Verdict.DROP;
    }
    QueryJob job = c.job;
    if (job != null) {
      job.ready();
      return Verdict.DROP;
    }
    if (c.failed != null) {
      c.toClient(Wire.ready('E'));
      return Verdict.DROP;
    }
    if (c.owed.ready() == 0) {
      idle(status);
    }
    return Verdict.FORWARD;
  }

  private void idle(char status) {
    c.inBlock = status != 'I' || (c.inBlock && c.predicted != 0);
    if (status != 'I' || c.predicted != 0) {
      return;
    }
    if (c.block.enlisted() && !c.block.wrapped && !c.busy && c.block.sql != null) {
      c.block.sql.failed("the block ended on the server without a COMMIT that was seen");
      c.ended();
    }
    if (!c.executed) {
      c.reset(); // else it is of the pipeline that the client has begun since
    }
    if (c.owed.isEmpty()) {
      c.names.endPortals();
    }
  }

  private void parameter(int length, ByteBuf in, int at) {
    int end = at + 1 + length;
    int from = at + Wire.HEADER;
    int nul = Wire.nul(in, from, end);
    String name = in.toString(from, nul - from, StandardCharsets.ISO_8859_1);
    int next = Math.min(nul + 1, end);
    String value = in.toString(next, Wire.nul(in, next, end) - next, StandardCharsets.ISO_8859_1);
    c.settings = c.settings.parameter(name, value);
    if (name.equals("server_version")) {
      c.serverVersion = major(value);
    }
  }

  private static int major(String version) {
    int value = 0;
    for (int i = 0; i < version.length() && i < 4; i++) {
      char digit = version.charAt(i);
      if (digit < '0' || digit > '9') {
        break;
      }
      value = value * 10 + digit - '0';
    }
    return value;
  }
}
