package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client, a session and a {@link FakePostgres}: what the client is told is written down as one
 * letter a message, with what it says. Bytes travel in pieces of a given size.
 */
final class Talk implements PgSession.Out, SqlInterceptor, AutoCloseable {
  static final String TX = "0192f0c1a2b37abc8def0123456789ab";
  static final String BRANCH = TX + "-b7ad6b7169203331";
  static final String OTHER = TX + "-c7ad6b7169203332";
  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  static final String OTHER_TRACE = "1bf7651916cd43dd8448eb211c80319d";

  /** A comment as sqlcommenter writes it. */
  static String named(String branch) {
    return " /*traceparent='00-"
        + TRACE
        + "-b7ad6b7169203331-01',"
        + "tracestate='hf%3D"
        + branch
        + "'*/";
  }

  static final String HF = named(BRANCH);

  /** A comment that names a trace alone. */
  static String traced(String trace) {
    return " /*traceparent='00-" + trace + "-b7ad6b7169203331-01'*/";
  }

  enum Engine {
    ENLISTS,
    PASSES,
    NO_BRANCH,
    REFUSES,
    WAITS
  }

  final FakePostgres server = new FakePostgres();
  final List<String> told = new ArrayList<>();
  final List<String> calls = new ArrayList<>();
  final List<String> blocks = new ArrayList<>();
  final List<SqlRefusal> refusals = new ArrayList<>();
  Engine engine = Engine.ENLISTS;
  boolean inFlight = true;
  boolean knowsTraces;

  /** Which server the sidecar's own connections are to. */
  String identifier = "";

  /** What is answered first. */
  final Deque<Boolean> inFlightFirst = new ArrayDeque<>();

  @Nullable String conflict;
  boolean closed;
  boolean paused;
  boolean turnHeld;
  int missing;
  @Nullable SqlBlockListener listener;
  String branch = BRANCH;

  /** Of the request that the branch serves, as the engine knows it. */
  String trace = TRACE;

  final PgSession session;

  /** Bytes of the client that reached the server, in the cuts in which they did. */
  final ByteBuf reached = Unpooled.buffer();

  /** Bytes of the server before and behind the session. */
  final ByteBuf sent = Unpooled.buffer();

  final ByteBuf received = Unpooled.buffer();
  private final ByteBuf unread = Unpooled.buffer();
  private final Deque<ByteBuf> toServer = new ArrayDeque<>();
  private final int piece;
  private boolean answering;

  /** Whether the server answers at once; else when {@link #serve} is called. */
  boolean serving = true;

  Talk() {
    this(false, Integer.MAX_VALUE);
  }

  Talk(boolean mandatory, int piece) {
    this(new PgRules("bank", mandatory, "app", Set.of("tenant")), piece, StandardCharsets.UTF_8);
  }

  /** As whom the rules say, in an encoding. */
  Talk(PgRules rules, int piece, Charset encoding) {
    this.piece = piece;
    this.session = new PgSession(rules, this, Runnable::run, this);
    server.user = rules.user();
    server.encoding = encoding;
    fromServer(server.hello());
    serve();
    told.clear();
    sent.clear();
    received.clear();
  }

  // What the client does.

  Talk query(String sql) {
    return send(message('Q', body -> cstring(body, sql)));
  }

  Talk parse(String name, String sql) {
    return send(message('P', body -> cstring(cstring(body, name), sql).writeShort(0)));
  }

  Talk bind(String name, String... values) {
    return bindPortal("", name, values);
  }

  Talk bindPortal(String portal, String name, String... values) {
    return send(
        message(
            'B',
            body -> {
              cstring(cstring(body, portal), name).writeShort(0).writeShort(values.length);
              for (String value : values) {
                body.writeInt(value.length());
                body.writeCharSequence(value, StandardCharsets.UTF_8);
              }
              body.writeShort(0);
            }));
  }

  Talk describe() {
    return send(message('D', body -> cstring(body.writeByte('P'), "")));
  }

  Talk execute() {
    return execute(0);
  }

  /** At most so many rows; 0: all. */
  Talk execute(int rows) {
    return executePortal("", rows);
  }

  Talk executePortal(String portal, int rows) {
    return send(message('E', body -> cstring(body, portal).writeInt(rows)));
  }

  /** Parse, Bind, Describe and Execute of the unnamed statement. */
  Talk run(String sql) {
    return parse("", sql).bind("").describe().execute();
  }

  Talk closeStatement(String name) {
    return send(message('C', body -> cstring(body.writeByte('S'), name)));
  }

  Talk closePortal(String name) {
    return send(message('C', body -> cstring(body.writeByte('P'), name)));
  }

  Talk sync() {
    return send(message('S', body -> {}));
  }

  Talk flush() {
    return send(message('H', body -> {}));
  }

  /** A call by the fast path, with one argument of so many bytes. */
  Talk function(int oid, int bytes) {
    return send(
        message(
            'F',
            body ->
                body.writeInt(oid)
                    .writeShort(0)
                    .writeShort(1)
                    .writeInt(bytes)
                    .writeZero(bytes)
                    .writeShort(0)));
  }

  Talk copyData(String data) {
    return send(message('d', body -> body.writeCharSequence(data, StandardCharsets.UTF_8)));
  }

  Talk copyDone() {
    return send(message('c', body -> {}));
  }

  Talk send(ByteBuf message) {
    while (message.isReadable()) {
      int size = Math.min(piece, message.readableBytes());
      session.fromClient(message.readBytes(size));
    }
    message.release();
    if (serving) {
      serve();
    }
    return this;
  }

  /** Has the server answer the first of what it was sent, and nothing else. */
  Talk serveFirst() {
    fromServer(server.read(toServer.remove()));
    return this;
  }

  /** Has the server answer what it was sent, until nobody has anything to say. */
  Talk serve() {
    if (answering) {
      return this; // what is asked in between comes behind what is being told
    }
    answering = true;
    while (!toServer.isEmpty()) {
      fromServer(server.read(toServer.remove()));
    }
    answering = false;
    return this;
  }

  /** Has the server say something that nobody has asked for. */
  Talk says(ByteBuf message) {
    fromServer(message);
    return this;
  }

  private void fromServer(ByteBuf bytes) {
    sent.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    while (bytes.isReadable()) {
      session.fromServer(bytes.readBytes(Math.min(piece, bytes.readableBytes())));
    }
    bytes.release();
  }

  /** The server tells a parameter. */
  Talk parameter(String name, String value) {
    fromServer(server.tell(name, value));
    told.clear();
    return this;
  }

  /** What the client was told since this was asked last. */
  String heard() {
    String heard = String.join(" ", told);
    told.clear();
    return heard;
  }

  /** What the server ran since this was asked last. */
  String ran() {
    String ran = String.join("; ", server.ran);
    server.ran.clear();
    return ran;
  }

  // What the session drives.

  @Override
  public void toServer(ByteBuf bytes) {
    reached.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    toServer.add(bytes);
  }

  @Override
  public void toClient(ByteBuf bytes) {
    received.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    unread.writeBytes(bytes);
    bytes.release();
    while (unread.readableBytes() >= 5
        && unread.getInt(unread.readerIndex() + 1) >= 4
        && unread.readableBytes() >= 1 + unread.getInt(unread.readerIndex() + 1)) {
      char type = (char) unread.readByte();
      ByteBuf body = unread.readSlice(unread.readInt() - 4);
      told.add(text(type, body));
    }
  }

  private static String text(char type, ByteBuf body) {
    return switch (type) {
      case 'Z' ->
          "Z" + body.readCharSequence(Math.min(1, body.readableBytes()), StandardCharsets.US_ASCII);
      case 'C' -> "C(" + cstring(body) + ")";
      case 'E' -> {
        byte[] error = new byte[5 + body.readableBytes()];
        body.readBytes(error, 5, body.readableBytes());
        yield "E" + Wire.errorField(error, 'C');
      }
      default -> String.valueOf(type);
    };
  }

  @Override
  public void pauseClient(boolean pause) {
    paused = pause;
  }

  @Override
  public void holdTurn(boolean hold) {
    turnHeld = hold;
  }

  @Override
  public void close() {
    closed = true;
    session.close();
    toServer.forEach(ByteBuf::release);
    toServer.clear();
  }

  @Override
  public void refused(SqlRefusal refusal) {
    refusals.add(refusal);
  }

  // The engine.

  @Override
  public boolean anyInFlight() {
    return inFlightFirst.isEmpty() ? inFlight : inFlightFirst.remove();
  }

  @Override
  public boolean mayKnowTraces() {
    return inFlight || knowsTraces;
  }

  @Override
  public String server(String database) {
    return identifier;
  }

  @Override
  public SqlBlock enlist(SqlBlockCall call, SqlBlockListener told) {
    calls.add(Block.text(call.name()) + " " + call.statement());
    branch = call.name() instanceof SqlBlockCall.Name.Branch ? Block.text(call.name()) : BRANCH;
    listener = told;
    switch (engine) {
      case ENLISTS -> enlisted();
      case PASSES -> told.passes(false);
      case NO_BRANCH -> told.passes(true);
      case REFUSES -> told.refused(new SqlRefusal("25000", "not in flight", ""));
      case WAITS -> {}
    }
    return new SqlBlock() {
      @Override
      public void preparing(String globalId) {
        blocks.add("preparing " + globalId);
      }

      @Override
      public void notPrepared() {
        blocks.add("notPrepared");
      }

      @Override
      public void prepared() {
        blocks.add("prepared");
      }

      @Override
      public void readOnly() {
        blocks.add("readOnly");
      }

      @Override
      public void rolledBack() {
        blocks.add("rolledBack");
      }

      @Override
      public void failed(String reason) {
        blocks.add("failed " + reason);
      }

      @Override
      public void lost(String reason) {
        blocks.add("lost");
      }

      @Override
      public List<String> lockNotGot() {
        return conflict == null ? List.of() : List.of(conflict);
      }
    };
  }

  Talk enlists() {
    enlisted();
    serve();
    return this;
  }

  Talk passes() {
    listener().passes(true);
    return serve();
  }

  Talk refuses(SqlRefusal refusal) {
    listener().refused(refusal);
    return serve();
  }

  private void enlisted() {
    listener().enlisted(new SqlEnlistment(1, branch, trace, 10_000, xid -> "hf1_" + xid));
  }

  Talk doom() {
    listener().doomed(new SqlRefusal("40000", "the branch was aborted", ""));
    serve();
    return this;
  }

  private SqlBlockListener listener() {
    if (listener == null) {
      throw new IllegalStateException("nothing was enlisted");
    }
    return listener;
  }

  @Override
  public void contextMissing() {
    missing++;
  }

  static ByteBuf message(char type, java.util.function.Consumer<ByteBuf> write) {
    ByteBuf out = Unpooled.buffer().writeByte(type).writeInt(0);
    write.accept(out);
    return out.setInt(1, out.writerIndex() - 1);
  }

  private static ByteBuf cstring(ByteBuf to, String text) {
    to.writeCharSequence(text, StandardCharsets.UTF_8);
    return to.writeByte(0);
  }

  /** To its end, or all there is of a server that talks nonsense. */
  private static String cstring(ByteBuf from) {
    int nul = from.bytesBefore((byte) 0);
    int size = nul < 0 ? from.readableBytes() : nul;
    return from.readCharSequence(size, StandardCharsets.UTF_8).toString();
  }
}
