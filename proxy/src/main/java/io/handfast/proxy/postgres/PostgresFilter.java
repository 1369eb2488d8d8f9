package io.handfast.proxy.postgres;

import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.network.NetworkConnection;
import io.handfast.proxy.postgres.session.PgRules;
import io.handfast.proxy.postgres.session.PgSession;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.tls.Handshake;
import io.handfast.proxy.tls.TlsContext;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A service's connection to its PostgreSQL server, between the client's TLS and {@code tcp_proxy}:
 * answers what comes before a session, and has a {@link PgSession} look at the rest.
 *
 * <pre>
 * STARTUP ──StartupMessage──► SESSION ──either side ends──► OVER
 *  ▲ │ └────CancelRequest, or StartupMessage of replication──► PASSING, bytes only
 *  │ └──SSLRequest or ClientHello──► SECURING ──handshake──┐
 *  └────────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>Confined to the connection's loop. Bounds: a packet of {@link StartupPacket#MAX_LENGTH} within
 * {@link #STARTUP_LIMIT}; what a session holds while the engine is asked is what was read.
 */
final class PostgresFilter extends ChannelDuplexHandler implements PgSession.Out {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresFilter.class);

  /** As {@code authentication_timeout} of a server by default. */
  static final Duration STARTUP_LIMIT = Duration.ofSeconds(60);

  /** The first byte of TLS: no packet of PostgreSQL's that is short enough begins so. */
  private static final byte CLIENT_HELLO = 0x16;

  private enum Phase {
    STARTUP,
    SECURING,
    SESSION,
    PASSING,
    OVER
  }

  private final PostgresFilterConfig config;
  private final NetworkConnection connection;
  private final SqlInterceptor sql;
  private final @Nullable TlsContext tls;
  private final PostgresStats stats;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private Phase phase = Phase.STARTUP;

  /** What has come of a packet. */
  private ByteBuf collected = Unpooled.EMPTY_BUFFER;

  private @Nullable ChannelHandlerContext context;
  private @Nullable PgSession session;
  private @Nullable Authentication authentication;

  /** The end of the server's direction, if it came before the client has said what it wants. */
  private @Nullable ChannelPromise heldEnd;

  private boolean secured;
  private boolean sslAnswered;
  private boolean gssAnswered;
  private boolean serverSpoke;
  private boolean reading;
  private boolean writing;
  private boolean turnQueued;
  private boolean paused;
  private boolean readWanted;

  /**
   * @param tls for clients that ask for it; null: they are told that there is none
   */
  PostgresFilter(
      PostgresFilterConfig config,
      NetworkConnection connection,
      SqlInterceptor sql,
      @Nullable TlsContext tls,
      PostgresStats stats) {
    this.config = config;
    this.connection = connection;
    this.sql = sql;
    this.tls = tls;
    this.stats = stats;
    this.secured = connection.info().tls() != null;
  }

  private ChannelHandlerContext context() {
    ChannelHandlerContext known = context;
    if (known == null) {
      throw new IllegalStateException("channel: none (expected: handler added)");
    }
    return known;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    timer =
        connection
            .loop()
            .schedule(
                STARTUP_LIMIT,
                () ->
                    refuse(
                        "08P01", "no startup packet within " + STARTUP_LIMIT.toSeconds() + " s"));
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    reading = true;
    switch (phase) {
      case STARTUP, SECURING -> collect(bytes);
      case PASSING -> ctx.fireChannelRead(bytes);
      case SESSION -> fromClient(bytes);
      case OVER -> bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    switch (phase) {
      case STARTUP -> ctx.read();
      case SECURING -> {} // it asks itself
      case SESSION, PASSING, OVER -> ctx.fireChannelReadComplete();
    }
  }

  private void collect(ByteBuf bytes) {
    if (collected.isReadable()) {
      ByteBuf before = collected;
      collected = context().alloc().buffer(before.readableBytes() + bytes.readableBytes());
      collected.writeBytes(before).writeBytes(bytes);
      before.release();
      bytes.release();
    } else {
      collected.release();
      collected = bytes;
    }
    while (phase == Phase.STARTUP && collected.isReadable()) {
      if (tls != null && !secured && !sslAnswered && isClientHello()) {
        secure(tls, takeCollected());
        return;
      }
      int start = collected.readerIndex();
      StartupPacket packet = StartupPacket.read(collected);
      if (packet == null) {
        return;
      }
      onPacket(packet, start);
    }
  }

  private boolean isClientHello() {
    return collected.getByte(collected.readerIndex()) == CLIENT_HELLO;
  }

  private ByteBuf takeCollected() {
    ByteBuf taken = collected;
    collected = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  private void onPacket(StartupPacket packet, int start) {
    switch (packet) {
      case StartupPacket.SslRequest _ -> onSslRequest();
      case StartupPacket.GssRequest _ -> onGssRequest();
      case StartupPacket.CancelRequest _ -> {
        stats.cancelRequests.inc();
        pass(start);
      }
      case StartupPacket.Startup startup -> begin(startup, start);
      case StartupPacket.Malformed malformed -> refuse(malformed.sqlState(), malformed.message());
    }
  }

  private void onSslRequest() {
    if (sslAnswered) {
      refuse("08P01", "a second SSLRequest (expected: a StartupMessage)");
      return;
    }
    sslAnswered = true;
    if (tls == null || secured) {
      answer('N');
    } else if (collected.isReadable()) {
      // Anybody on the way may have put it there, to be taken for what was sent by TLS.
      refuse("08P01", "received unencrypted data after SSL request");
    } else {
      answer('S');
      secure(tls, takeCollected());
    }
  }

  private void onGssRequest() {
    if (gssAnswered) {
      refuse("08P01", "a second GSSENCRequest (expected: a StartupMessage)");
    } else {
      gssAnswered = true;
      answer('N');
    }
  }

  private void answer(char one) {
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte(one), ctx.voidPromise());
  }

  /**
   * Puts TLS in front of this.
   *
   * @param hello what has come of it, taken over
   */
  private void secure(TlsContext with, ByteBuf hello) {
    phase = Phase.SECURING;
    ChannelHandlerContext ctx = context();
    Handshake.serverInFront(
        ctx.channel(),
        with,
        STARTUP_LIMIT,
        stats.tls,
        new Handshake.Listener() {
          @Override
          public void onSecured(TlsInfo info) {
            if (phase == Phase.SECURING) {
              secured = true;
              stats.sessionsTerminatedSsl.inc();
              phase = Phase.STARTUP;
              ctx.read();
            }
          }

          @Override
          public void onFailed(boolean timedOut, String reason) {
            LOG.debug("TLS with a client of PostgreSQL failed: {} {}", ctx.channel(), reason);
          }
        });
    if (hello.isReadable()) {
      ctx.pipeline().fireChannelRead(hello);
      ctx.pipeline().fireChannelReadComplete();
    } else {
      hello.release();
    }
  }

  /** Everything is the server's, as it is. */
  private void pass(int start) {
    timer.cancel();
    phase = Phase.PASSING;
    context().fireChannelRead(takeCollected().readerIndex(start));
    releaseEnd();
  }

  private void begin(StartupPacket.Startup startup, int start) {
    timer.cancel();
    stats.sessions.inc();
    (secured ? stats.sessionsEncrypted : stats.sessionsUnencrypted).inc();
    if (heldEnd != null) {
      refuseUnreached();
      return;
    }
    authentication = new Authentication();
    ByteBuf all = takeCollected();
    if (startup.replicates()) {
      stats.sessionsReplication.inc();
      phase = Phase.PASSING;
      context().fireChannelRead(all.readerIndex(start));
      return;
    }
    phase = Phase.SESSION;
    PgSession made =
        new PgSession(
            new PgRules(config.database(), config.mandatory()), sql, connection.loop(), this);
    session = made;
    int end = all.readerIndex();
    ByteBuf rest = all.readRetainedSlice(all.readableBytes());
    context().fireChannelRead(all.setIndex(start, end));
    if (rest.isReadable()) {
      fromClient(rest);
    } else {
      rest.release();
    }
  }

  private void fromClient(ByteBuf bytes) {
    PgSession known = session;
    if (known == null) {
      bytes.release();
    } else {
      known.fromClient(bytes);
    }
  }

  /** Ends it with an error of PostgreSQL's. */
  private void refuse(String sqlState, String message) {
    if (phase != Phase.STARTUP && phase != Phase.SECURING) {
      return;
    }
    stats.startupErrors.inc();
    LOG.debug("PostgreSQL's client refused: {} {}", context().channel(), message);
    fail(sqlState, message);
  }

  private void refuseUnreached() {
    fail(
        "08006",
        "the PostgreSQL server of the database '"
            + config.database()
            + "' was not reached by the sidecar");
  }

  private void fail(String sqlState, String message) {
    timer.cancel();
    phase = Phase.OVER;
    takeCollected().release();
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(FatalError.message(ctx.alloc(), sqlState, message))
        .addListener(ChannelFutureListener.CLOSE);
    releaseEnd();
  }

  private void releaseEnd() {
    ChannelPromise end = heldEnd;
    if (end != null) {
      heldEnd = null;
      context().writeAndFlush(Unpooled.EMPTY_BUFFER, end);
    }
  }

  @Override
  public void read(ChannelHandlerContext ctx) {
    switch (phase) {
      case STARTUP, SECURING -> {} // asked for already
      case SESSION -> {
        if (paused) {
          readWanted = true;
        } else {
          ctx.read();
        }
      }
      case PASSING, OVER -> ctx.read();
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ByteBuf bytes = (ByteBuf) message;
    if (!bytes.isReadable() && !promise.isVoid()) {
      bytes.release();
      onServerEnd(ctx, promise);
      return;
    }
    serverSpoke = true;
    Authentication asked = authentication;
    ByteBuf passed = bytes;
    if (asked != null) {
      passed = asked.fromServer(bytes, ctx.alloc());
      if (asked.isOver()) {
        authentication = null;
      }
    }
    if (passed != null) {
      writing = true;
      fromServer(ctx, passed);
      writing = false;
    }
    if (!promise.isVoid()) {
      promise.trySuccess();
    }
  }

  private void fromServer(ChannelHandlerContext ctx, ByteBuf bytes) {
    PgSession known = session;
    if (known == null) {
      ctx.write(bytes, ctx.voidPromise());
    } else {
      known.fromServer(bytes);
    }
  }

  /** Everything that the server sent has been written. */
  private void onServerEnd(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (phase == Phase.STARTUP || phase == Phase.SECURING) {
      heldEnd = promise; // the client is told why, when it has said what it wants
      return;
    }
    if (!serverSpoke && phase == Phase.SESSION) {
      ctx.write(
          FatalError.message(
              ctx.alloc(),
              "08006",
              "the PostgreSQL server of the database '"
                  + config.database()
                  + "' was not reached by the sidecar"),
          ctx.voidPromise());
    }
    PgSession known = session;
    if (known != null) {
      writing = true;
      known.serverGone();
      writing = false;
    }
    ctx.write(Unpooled.EMPTY_BUFFER, promise);
  }

  @Override
  public void toServer(ByteBuf bytes) {
    context().fireChannelRead(bytes);
    if (!reading) {
      endTurnLater();
    }
  }

  @Override
  public void toClient(ByteBuf bytes) {
    ChannelHandlerContext ctx = context();
    ctx.write(bytes, ctx.voidPromise());
    if (!writing) {
      endTurnLater();
    }
  }

  /** What was sent outside of a turn that somebody else ends goes out at the end of this one. */
  private void endTurnLater() {
    if (!turnQueued) {
      turnQueued = true;
      connection
          .loop()
          .execute(() -> {
            turnQueued = false;
            context().fireChannelReadComplete();
            context().flush();
          });
    }
  }

  @Override
  public void pauseClient(boolean pause) {
    paused = pause;
    if (!pause && readWanted) {
      readWanted = false;
      context().read();
    }
  }

  @Override
  public void refused(SqlRefusal refusal) {
    stats.refused.inc();
    LOG.info(
        "SQL refused: database={} sqlState={} reason={}",
        config.database(),
        refusal.sqlState(),
        refusal.message());
  }

  @Override
  public void close() {
    if (phase != Phase.OVER) {
      phase = Phase.OVER;
      context().fireChannelReadComplete();
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      if (phase == Phase.SESSION && session != null) {
        session.clientGone(); // what it sent goes first; the session says when it is over
        return;
      }
      if (phase == Phase.STARTUP) {
        timer.cancel();
        phase = Phase.OVER;
        releaseEnd();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  /** Asked for by what stands behind: the server's connection broke, or the proxy ends. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    end();
    ctx.close(promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end();
    ctx.fireChannelInactive();
  }

  private void end() {
    timer.cancel();
    phase = Phase.OVER;
    takeCollected().release();
    if (authentication != null) {
      authentication.close();
      authentication = null;
    }
    if (session != null) {
      session.close();
    }
    ChannelPromise held = heldEnd;
    if (held != null) {
      heldEnd = null;
      held.tryFailure(new ClosedChannelException());
    }
  }
}
