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
final class PostgresFilter extends ChannelDuplexHandler implements PgSession.Out, Greeting.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresFilter.class);

  /** As {@code authentication_timeout} of a server by default. */
  static final Duration STARTUP_LIMIT = Duration.ofSeconds(60);

  private enum Phase {
    STARTUP,
    SECURING,
    SESSION,
    PASSING,
    OVER
  }

  private final PostgresFilterConfig config;
  private final PgRules rules;
  private final NetworkConnection connection;
  private final SqlInterceptor sql;
  private final @Nullable TlsContext tls;
  private final PostgresStats stats;
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private final Greeting greeting;
  private Phase phase = Phase.STARTUP;

  private @Nullable ChannelHandlerContext context;
  private @Nullable PgSession session;
  private @Nullable Authentication authentication;

  /** The end of the server's direction, if it came before the client has said what it wants. */
  private @Nullable ChannelPromise heldEnd;

  private boolean secured;
  private boolean serverSpoke;
  private boolean reading;
  private boolean writing;
  private boolean turnQueued;
  private boolean turnHeld;
  private boolean holding;
  private boolean paused;
  private boolean readWanted;

  /**
   * @param tls for clients that ask for it; null: they are told that there is none
   */
  PostgresFilter(
      PostgresFilterConfig config,
      PgRules rules,
      NetworkConnection connection,
      SqlInterceptor sql,
      @Nullable TlsContext tls,
      PostgresStats stats) {
    this.config = config;
    this.rules = rules;
    this.connection = connection;
    this.sql = sql;
    this.tls = tls;
    this.stats = stats;
    this.secured = connection.info().tls() != null;
    this.greeting = new Greeting(this, tls != null && !secured);
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
      case STARTUP, SECURING -> greeting.feed(bytes, ctx.alloc());
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
      case SESSION -> {
        if (holding) {
          turnHeld = true;
        } else {
          ctx.fireChannelReadComplete();
        }
      }
      case PASSING, OVER -> ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void answer(char one) {
    ChannelHandlerContext ctx = context();
    ctx.writeAndFlush(ctx.alloc().buffer(1).writeByte(one), ctx.voidPromise());
  }

  @Override
  public void secure(ByteBuf hello) {
    TlsContext with = tls;
    if (with == null) {
      throw new IllegalStateException("TLS: none (expected: one, for it was offered)");
    }
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
              greeting.secured();
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

  @Override
  public void cancel(ByteBuf packet) {
    timer.cancel();
    stats.cancelRequests.inc();
    phase = Phase.PASSING;
    context().fireChannelRead(packet);
    releaseEnd();
  }

  @Override
  public void begin(StartupPacket.Startup startup, ByteBuf packet, ByteBuf rest) {
    timer.cancel();
    stats.sessions.inc();
    (secured ? stats.sessionsEncrypted : stats.sessionsUnencrypted).inc();
    if (heldEnd != null) {
      packet.release();
      rest.release();
      loginFailed(new Authentication.Failure("08006", notReached()));
      fail("08006", notReached());
      return;
    }
    authentication = new Authentication();
    context().fireChannelRead(packet);
    if (startup.replicates()) {
      stats.sessionsReplication.inc();
      phase = Phase.PASSING;
    } else {
      phase = Phase.SESSION;
      session = new PgSession(rules, sql, connection.loop(), this);
    }
    if (!rest.isReadable()) {
      rest.release();
    } else if (phase == Phase.SESSION) {
      fromClient(rest);
    } else {
      context().fireChannelRead(rest);
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

  @Override
  public void refuse(String sqlState, String message) {
    if (phase != Phase.STARTUP && phase != Phase.SECURING) {
      return;
    }
    stats.startupErrors.inc();
    LOG.debug("PostgreSQL's client refused: {} {}", context().channel(), message);
    fail(sqlState, message);
  }

  private String notReached() {
    return "the PostgreSQL server of the database '"
        + config.database()
        + "' was not reached by the sidecar";
  }

  /** Ends it with an error of PostgreSQL's. */
  private void fail(String sqlState, String message) {
    timer.cancel();
    phase = Phase.OVER;
    greeting.close();
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
      Authentication.Failure failure = asked.takeFailure();
      if (failure != null) {
        loginFailed(failure);
      }
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

  /** The service is told after this, and what it makes of it comes later. */
  private void loginFailed(Authentication.Failure failure) {
    LOG.info(
        "login failed: database={} reason={} {}",
        config.database(),
        failure.sqlState(),
        failure.message());
    sql.loginFailed(config.database(), failure.sqlState(), failure.message());
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
      loginFailed(new Authentication.Failure("08006", notReached()));
      ctx.write(FatalError.message(ctx.alloc(), "08006", notReached()), ctx.voidPromise());
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
  public void holdTurn(boolean hold) {
    holding = hold;
    if (!hold && turnHeld) {
      turnHeld = false;
      endTurnLater();
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
    greeting.close();
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
