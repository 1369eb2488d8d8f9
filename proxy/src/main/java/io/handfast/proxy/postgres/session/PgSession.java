package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlInterceptor;
import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.Executor;

/**
 * One connection of a service to its PostgreSQL server, after its StartupMessage has been
 * forwarded: everything from the server's first answer on, the authentication too, goes through.
 * Protocol 3.0 and 3.2. Not for connections of replication, and not for cancel requests.
 *
 * <p>Confined to the connection's executor. It may be handed bytes in any cut. After {@link #close}
 * or {@link Out#close} it ignores what comes, and releases it.
 */
public final class PgSession {
  private final Conversation c;

  /**
   * What a session does. Called on the connection's executor, from within the session's methods or
   * from what the engine tells; never asks back into the session.
   */
  public interface Out {
    /** The buffer is the receiver's. */
    void toServer(ByteBuf bytes);

    /** The buffer is the receiver's. */
    void toClient(ByteBuf bytes);

    /**
     * Whether to stop reading from the client: its messages wait for the engine or the database.
     * What was read already may still be handed in.
     */
    void pauseClient(boolean pause);

    /**
     * Whether what is sent to the server may wait for more: the engine is asked, and what it says
     * is followed by bytes of the same pipeline.
     */
    default void holdTurn(boolean hold) {}

    /** Both connections are to end, after what was given to them has left. */
    void close();

    /** The client is being told this in the place of an answer: for logs and counters. */
    default void refused(SqlRefusal refusal) {}
  }

  /**
   * @param rules of the configuration
   * @param sql the engine
   * @param executor the connection's own; the engine tells on it
   * @param out what this session drives
   */
  public PgSession(PgRules rules, SqlInterceptor sql, Executor executor, Out out) {
    this.c = new Conversation(rules, sql, executor, out);
  }

  /** Bytes of the client, in any cut. The buffer is this session's from here on. */
  public void fromClient(ByteBuf bytes) {
    c.client.feed(bytes);
    c.settle();
  }

  /** Bytes of the server, in any cut. The buffer is this session's from here on. */
  public void fromServer(ByteBuf bytes) {
    c.server.feed(bytes);
    c.settle();
  }

  /**
   * The client's connection has ended, orderly or not. A block that takes part is rolled back, or
   * has failed if something that the client had sent was not carried out yet, which may be its
   * COMMIT, or if the server had said that it ends the connection. Then the connection to the
   * server ends by {@link Out#close}, at once or, if the block is being prepared, when the server
   * has answered.
   */
  public void clientGone() {
    if (c.closed) {
      return;
    }
    if (c.block.preparing) {
      c.clientGone = true;
      return;
    }
    c.left();
    c.out.close();
  }

  /**
   * The server's connection has ended. What it sent before has been handed in. A block that takes
   * part has failed, for nobody has asked for its rollback and its COMMIT may be on its way, unless
   * the client had said Terminate.
   */
  public void serverGone() {
    if (!c.closed) {
      c.over("the connection to the database ended");
      c.out.close();
    }
  }

  /**
   * Ends it from outside, such as when either connection broke, or the listener drains too long.
   * Tells blocks, as {@link #serverGone} does; idempotent.
   */
  public void close() {
    c.over("the sidecar closed the connection");
  }
}
