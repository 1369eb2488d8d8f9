package io.handfast.proxy.postgres.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Enough of PostgreSQL to answer a session: transactions and their failure, both protocols,
 * skipping to Sync, COPY from the client, prepared transactions. What it is told to run it writes
 * down.
 */
final class FakePostgres {
  /** Statements in the order in which they ran, BEGIN and COMMIT too. */
  final List<String> ran = new ArrayList<>();

  /** What is durable, statement by statement. */
  final List<String> committed = new ArrayList<>();

  final Map<String, List<String>> prepared = new TreeMap<>();

  /** A statement that contains this fails, with this SQLSTATE. */
  final Map<String, String> failing = new HashMap<>();

  /** Whether what fails does so because the server ends the connection. */
  boolean fatal;

  /** Whether what fails does so once. */
  boolean failsOnce;

  /** Commits that made durable what a statement with the name of a branch was part of. */
  final List<String> violations = new ArrayList<>();

  /** Whether answers are kept until Sync, Flush, Query or an error, as a server does. */
  boolean buffering;

  /** Bytes at the end of each error's message. */
  int padding;

  /** Whether the role that completes is one. */
  boolean superuser;

  /** The block is found to have failed when a statement that begins so comes. */
  @Nullable String breaking;

  /** A statement that contains this has more rows than it is ever asked for. */
  @Nullable String suspending;

  /** Of {@code pg_control_system()}. */
  String identifier = "7";

  /** Whether the client's role may call that. */
  boolean tells = true;

  /** In which the client is answered. */
  Charset encoding = StandardCharsets.UTF_8;

  /** Who has logged in. */
  String user = "app";

  private boolean more;
  private String role = "";

  private boolean saved;
  private boolean local;
  private boolean named;
  private boolean flushed;
  private final Map<String, String> statements = new HashMap<>();
  private final Map<String, String> portals = new HashMap<>();
  private final List<String> writes = new ArrayList<>();

  /** What cursors WITH HOLD write when COMMIT runs them to their ends. */
  private final List<String> held = new ArrayList<>();

  /** A cursor WITH HOLD was declared, whatever it does. */
  private boolean holds;

  private boolean readOnly;

  private final ByteBuf in = Unpooled.buffer();
  private final FakeAnswers out = new FakeAnswers();

  /** Behind that the connection has ended. */
  private @Nullable ByteBuf last;

  private char status = 'I';
  private boolean implicit;
  private boolean skipping;
  private boolean copyIn;
  private boolean copyExtended;
  private int copied;
  private long nextXid = 700;
  private long xid;

  /** A statement by name, as if a function had given it back. */
  void forget(String name) {
    statements.remove(name);
  }

  /** The end of the start-up: what a session begins with. */
  ByteBuf hello() {
    out.message('R', body -> body.writeInt(0));
    out.parameter("server_version", "18.6");
    out.parameter("client_encoding", encoding.equals(StandardCharsets.UTF_8) ? "UTF8" : "LATIN1");
    out.parameter("standard_conforming_strings", "on");
    out.message('K', body -> body.writeInt(7).writeInt(8));
    out.ready(status);
    return take();
  }

  /** Tells a parameter's value, as after SET. */
  ByteBuf tell(String name, String value) {
    out.parameter(name, value);
    return out.take();
  }

  /** Gives what is answered. */
  ByteBuf read(ByteBuf bytes) {
    in.writeBytes(bytes);
    bytes.release();
    while (in.readableBytes() >= 5 && in.readableBytes() >= 1 + in.getInt(in.readerIndex() + 1)) {
      byte type = in.readByte();
      flushed |= type == 'S' || type == 'H' || type == 'Q' || type == 'F';
      ByteBuf body = in.readSlice(in.readInt() - 4);
      if (copyIn) {
        copy((char) type);
      } else if (!skipping || type == 'S') {
        message((char) type, body);
      }
    }
    in.discardReadBytes();
    return take();
  }

  private ByteBuf take() {
    if (last != null) {
      out.take();
      return last.readBytes(last.readableBytes());
    }
    if (buffering && !flushed) {
      return Unpooled.buffer();
    }
    flushed = false;
    return out.take();
  }

  private void message(char type, ByteBuf body) {
    switch (type) {
      case 'Q' -> query(cstring(body));
      case 'F' -> function("function " + body.readInt());
      case 'P' -> {
        String name = cstring(body);
        String text = cstring(body);
        if (status == 'E' && !text.matches("(?is)\\s*(commit|rollback|end|abort).*")) {
          skip("25P02", "current transaction is aborted");
        } else if (!name.isEmpty() && statements.containsKey(name)) {
          skip("42P05", "there is a statement " + name);
        } else {
          statements.put(name, text);
          out.message('1');
        }
      }
      case 'B' -> {
        String portal = cstring(body);
        String name = cstring(body);
        String text = statements.get(name);
        if (text == null) {
          skip("26000", "no such statement " + name);
        } else if (!portal.isEmpty() && portals.containsKey(portal)) {
          skip("42P03", "there is a portal " + portal);
        } else {
          portals.put(portal, text);
          out.message('2');
        }
      }
      case 'D' -> describe(body);
      case 'C' -> {
        boolean statement = body.readByte() == 'S';
        (statement ? statements : portals).remove(cstring(body));
        out.message('3');
      }
      case 'E' -> {
        String portal = cstring(body);
        String text = portals.get(portal);
        if (text == null) {
          skip("34000", "no such portal " + portal);
        } else {
          implicit |= status == 'I';
          more = body.readInt() > 0 && suspending != null && text.contains(suspending);
          if (!execute(text)) {
            skipping = true;
          }
          copyExtended = copyIn;
        }
      }
      case 'S' -> {
        skipping = false;
        endImplicit();
        out.ready(status);
      }
      default -> {}
    }
  }

  /** An error outside of a statement's run. */
  private void skip(String state, String text) {
    error(state, text);
    skipping = true;
    status = status == 'T' ? 'E' : status;
  }

  /** What selects {@code wide} has many columns, all else none. */
  private void describe(ByteBuf body) {
    boolean statement = body.readByte() == 'S';
    String text = (statement ? statements : portals).getOrDefault(cstring(body), "");
    if (!text.contains("wide")) {
      out.message('n');
      return;
    }
    out.columns(40);
  }

  @SuppressWarnings("StringSplitter") // empty ones are left out
  private void query(String text) {
    statements.remove("");
    implicit = status == 'I';
    List<String> all = new ArrayList<>();
    for (String one : text.split(";")) {
      if (!one.replaceAll("/\\*.*?\\*/", "").isBlank()) {
        all.add(one.strip());
      }
    }
    if (all.isEmpty()) {
      out.message('I');
    }
    for (String one : all) {
      if (!execute(one)) {
        break;
      }
    }
    if (!copyIn) {
      endImplicit();
      out.ready(status);
    }
  }

  private void function(String call) {
    implicit = status == 'I';
    ran.add(call);
    String failure = failing.get(call);
    if (status == 'E') {
      fail("25P02", "current transaction is aborted");
    } else if (failure != null) {
      fail(failure, "told to fail");
    } else {
      named |= local;
      write(call);
      out.message('V', body -> body.writeInt(-1));
    }
    endImplicit();
    out.ready(status);
  }

  private void endImplicit() {
    if (implicit && status == 'I') {
      commitWrites();
    }
    if (implicit && status == 'i') {
      writes.clear();
      status = 'I';
    }
    implicit = false;
    if (status == 'I') {
      portals.clear();
    }
  }

  private void commitWrites() {
    writes.addAll(held);
    if (named && !writes.isEmpty()) {
      violations.add(writes + " was committed behind " + ran);
    }
    committed.addAll(writes);
    end();
  }

  private void end() {
    writes.clear();
    held.clear();
    holds = false;
    readOnly = false;
    xid = 0;
    role = "";
    saved = false;
    local = false;
    named = false;
  }

  /** Whether it went well. */
  private boolean execute(String text) {
    String sql = text.replaceAll("/\\*.*?\\*/", "").strip();
    ran.add(sql);
    String command = sql.toUpperCase(Locale.ROOT);
    for (Map.Entry<String, String> one : List.copyOf(failing.entrySet())) {
      if (text.contains(one.getKey())) {
        if (failsOnce) {
          failing.remove(one.getKey());
        }
        return fail(one.getValue(), "told to fail at " + one.getKey());
      }
    }
    if (breaking != null && command.startsWith(breaking) && status == 'T') {
      status = 'E';
    }
    boolean ends = command.matches("(COMMIT|END|ROLLBACK|ABORT|PREPARE TRANSACTION).*");
    if (status == 'E' && !ends && !command.startsWith("ROLLBACK TO")) {
      return fail("25P02", "current transaction is aborted");
    }
    if (command.equals("DEALLOCATE ALL") || command.equals("DISCARD ALL")) {
      statements.keySet().removeIf(name -> !name.isEmpty());
    }
    if (command.startsWith("SAVEPOINT")) {
      saved = status == 'T';
      return saved ? complete("SAVEPOINT") : fail("25P01", "no block");
    }
    if (command.startsWith("ROLLBACK TO")) {
      if (!saved) {
        return fail("3B001", "no such savepoint");
      }
      status = 'T';
      return complete("ROLLBACK");
    }
    if (command.endsWith("AND CHAIN") && status == 'I') {
      return fail("25P01", "no block");
    }
    local |= command.contains("HANDFAST.TX");
    named |= text.contains("hf%3D") || (local && command.startsWith("UPDATE"));
    if (command.matches("BEGIN.*|START TRANSACTION.*")) {
      implicit = false;
      status = 'T';
      return complete("BEGIN");
    }
    if (command.startsWith("PREPARE TRANSACTION")) {
      return prepare(sql);
    }
    if (command.matches("(COMMIT|END)(?! PREPARED).*")) {
      boolean failed = status == 'E';
      if (!failed && readOnly && !saved && !held.isEmpty()) {
        end();
        status = 'I';
        return fail("25006", "cannot execute INSERT in a read-only transaction");
      }
      if (failed) {
        end();
      } else {
        commitWrites();
      }
      status = command.contains("CHAIN") ? 'T' : 'I';
      implicit = false;
      portals.clear();
      return complete(failed ? "ROLLBACK" : "COMMIT");
    }
    if (command.matches("(ROLLBACK|ABORT)(?! PREPARED).*")) {
      end();
      status = command.contains("CHAIN") ? 'T' : 'I';
      implicit = false;
      portals.clear();
      return complete("ROLLBACK");
    }
    return statement(sql, command);
  }

  private boolean statement(String sql, String command) {
    if (command.contains("XACT_ID_IF_ASSIGNED")) {
      return told(command);
    }
    if (command.contains("PG_CURRENT_XACT_ID()")) {
      xid = xid == 0 ? nextXid++ : xid;
      return told(command);
    }
    if (command.contains("PG_CURSOR()")) {
      row(List.of("1"));
      return holds ? fail("22012", "division by zero") : complete("SELECT 1");
    }
    readOnly |= command.equals("SET TRANSACTION READ ONLY");
    holds |= command.contains(" WITH HOLD ");
    if (command.startsWith("SELECT 1 OPERATOR(PG_CATALOG./)")) {
      boolean allowed = sql.contains(Wire.literal(role()));
      row(List.of("1"));
      return allowed ? complete("SELECT 1") : fail("22012", "division by zero");
    }
    if (command.startsWith("SET LOCAL ROLE")) {
      role = sql.substring("SET LOCAL ROLE ".length());
    }
    if (command.startsWith("RESET ROLE")) {
      role = "";
    }
    if (command.contains("BECOME('")) {
      int at = sql.indexOf("become('") + "become('".length();
      role = sql.substring(at, sql.indexOf('\'', at));
    }
    if (command.startsWith("SHOW LOCK_TIMEOUT")) {
      row(List.of("0"));
      return complete("SHOW");
    }
    if (command.startsWith("COPY")) {
      copyIn = true;
      copied = 0;
      write(sql);
      out.message('G', body -> body.writeByte(0).writeShort(0));
      return true;
    }
    if (command.matches("(INSERT|UPDATE|DELETE|CREATE).*")) {
      write(sql);
      String word = command.split("\\s", 2)[0];
      return complete(
          word.equals("INSERT")
              ? "INSERT 0 1"
              : word.equals("CREATE") ? "CREATE TABLE" : word + " 1");
    }
    if (command.contains("WRITES(") || command.contains("WRITING_VIEW")) {
      if (command.contains(" WITH HOLD ")) {
        held.add(sql);
      } else {
        write(sql);
      }
    }
    if (command.startsWith("SELECT")) {
      row(List.of("1"));
      return complete("SELECT 1");
    }
    return complete(command.split("\\s", 2)[0]);
  }

  private String role() {
    return role.isEmpty() ? user : role;
  }

  /** What a session asks before it prepares. */
  private boolean told(String command) {
    List<@Nullable String> row = new ArrayList<>();
    row.add(xid == 0 ? null : Long.toString(xid));
    boolean encoded = command.contains("PG_CATALOG.ENCODE(");
    row.add(encoded ? HexFormat.of().formatHex(role().getBytes(StandardCharsets.UTF_8)) : role());
    if (encoded) {
      row.add(command.contains("TO_REGROLE") ? superuser ? "t" : "f" : null);
      boolean asksIt = command.contains("FROM PG_CATALOG.PG_CONTROL_SYSTEM()");
      if (asksIt && !tells) {
        return fail("42501", "permission denied for function pg_control_system");
      }
      boolean asksWhether = command.contains("HAS_FUNCTION_PRIVILEGE");
      row.add(asksIt ? identifier : asksWhether ? tells ? "t" : "f" : null);
    }
    if (command.contains("TRANSACTION_ISOLATION")) {
      row.addAll(List.of("serializable", "off", "off"));
    }
    row(row);
    return complete("SELECT 1");
  }

  private void write(String sql) {
    writes.add(sql);
    if (xid == 0 && !sql.contains("foreign")) {
      xid = nextXid++;
    }
  }

  private boolean prepare(String sql) {
    boolean failed = status == 'E';
    if (!failed && !held.isEmpty()) {
      return fail("0A000", "a transaction that has created a cursor WITH HOLD");
    }
    if (!failed) {
      prepared.put(
          sql.substring(sql.indexOf('\'') + 1, sql.lastIndexOf('\'')), List.copyOf(writes));
    }
    end();
    status = 'I';
    implicit = false;
    portals.clear();
    return complete(failed ? "ROLLBACK" : "PREPARE TRANSACTION");
  }

  private boolean fail(String state, String message) {
    error(state, message);
    if (ran.getLast().startsWith("PREPARE TRANSACTION")) {
      end();
      status = 'I';
    } else if (status == 'I') {
      end();
    } else {
      status = 'E';
    }
    return false;
  }

  private void copy(char type) {
    switch (type) {
      case 'd' -> copied++;
      case 'c' -> {
        copyIn = false;
        complete("COPY " + copied);
        copyEnded();
      }
      case 'f' -> {
        copyIn = false;
        fail("57014", "COPY from stdin failed");
        skipping = copyExtended;
        copyEnded();
      }
      default -> {}
    }
  }

  private void copyEnded() {
    if (!copyExtended) {
      endImplicit();
      out.ready(status);
    }
    copyExtended = false;
  }

  private boolean complete(String tag) {
    if (more) {
      more = false;
      out.message('s');
      return true;
    }
    out.complete(tag);
    return true;
  }

  private void row(List<? extends @Nullable String> values) {
    out.row(values, encoding);
  }

  private void error(String state, String text) {
    flushed = true;
    out.error(fatal ? "FATAL" : "ERROR", state, text + "x".repeat(padding));
    if (fatal && last == null) {
      last = out.take();
    }
  }

  private static String cstring(ByteBuf from) {
    int size = from.bytesBefore((byte) 0);
    String text = from.readCharSequence(size, StandardCharsets.UTF_8).toString();
    from.skipBytes(1);
    return text;
  }
}
