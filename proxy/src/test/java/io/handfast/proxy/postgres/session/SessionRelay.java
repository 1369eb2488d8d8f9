package io.handfast.proxy.postgres.session;

import io.handfast.tx.interceptor.SqlBlock;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlBlockListener;
import io.handfast.tx.interceptor.SqlEnlistment;
import io.handfast.tx.interceptor.SqlInterceptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sessions on real sockets, in front of a real PostgreSQL, with an engine that enlists every block.
 * Thread-safe.
 */
final class SessionRelay implements SqlInterceptor, AutoCloseable {
  private static final int CANCEL = 80_877_102;
  private static final int SSL = 80_877_103;
  private static final int GSS = 80_877_104;

  /** What became of blocks. */
  final List<String> blocks = new CopyOnWriteArrayList<>();

  /** Of the server that would be asked to complete what is prepared; empty: not known. */
  volatile String identifier = "";

  final ConcurrentLinkedQueue<String> prepared = new ConcurrentLinkedQueue<>();
  private final ServerSocket listener;
  private final int port;
  private final String completes;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger count = new AtomicInteger();

  SessionRelay(int port) throws IOException {
    this(port, "postgres");
  }

  /**
   * @param completes the role that would complete what is prepared
   */
  SessionRelay(int port, String completes) throws IOException {
    this.port = port;
    this.completes = completes;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        client.setTcpNoDelay(true);
        sockets.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      server.setTcpNoDelay(true);
      sockets.add(server);
      DataInputStream in = new DataInputStream(client.getInputStream());
      DataOutputStream out = new DataOutputStream(server.getOutputStream());
      if (!startUp(in, client.getOutputStream(), out)) {
        return;
      }
      PgSession session =
          new PgSession(
              new PgRules("bank", false, completes, Set.of()),
              this,
              executor,
              new Sockets(client.getOutputStream(), out, client, server));
      Thread up = Thread.ofVirtual().start(() -> copy(server, executor, session, false));
      copy(client, executor, session, true);
      up.join();
    } catch (IOException e) {
      // The connection's end, which the driver sees.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean startUp(DataInputStream in, OutputStream client, DataOutputStream server)
      throws IOException {
    while (true) {
      int length = in.readInt();
      byte[] body = new byte[length - 4];
      in.readFully(body);
      int code = Unpooled.wrappedBuffer(body).getInt(0);
      if (code == SSL || code == GSS) {
        client.write('N');
        continue;
      }
      server.writeInt(length);
      server.write(body);
      server.flush();
      return code != CANCEL;
    }
  }

  private static void copy(
      Socket from, ExecutorService executor, PgSession session, boolean client) {
    byte[] bytes = new byte[8192];
    try {
      int size = from.getInputStream().read(bytes);
      while (size > 0) {
        ByteBuf buffer = Unpooled.copiedBuffer(bytes, 0, size);
        executor.execute(() -> {
          if (client) {
            session.fromClient(buffer);
          } else {
            session.fromServer(buffer);
          }
        });
        size = from.getInputStream().read(bytes);
      }
    } catch (IOException e) {
      // Told below.
    } catch (RejectedExecutionException e) {
      return;
    }
    executor.execute(client ? session::clientGone : session::serverGone);
  }

  private record Sockets(
      OutputStream toClientStream, OutputStream toServerStream, Socket client, Socket server)
      implements PgSession.Out {
    @Override
    public void toServer(ByteBuf bytes) {
      write(bytes, toServerStream);
    }

    @Override
    public void toClient(ByteBuf bytes) {
      write(bytes, toClientStream);
    }

    private static void write(ByteBuf bytes, OutputStream to) {
      try {
        bytes.readBytes(to, bytes.readableBytes());
      } catch (IOException e) {
        // It has gone, and who reads from it tells the session: nobody catches anything here.
      } finally {
        bytes.release();
      }
    }

    @Override
    public void pauseClient(boolean pause) {}

    @Override
    public void close() {
      try {
        client.close();
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public boolean anyInFlight() {
    return true;
  }

  @Override
  public String server(String database) {
    return identifier;
  }

  @Override
  public SqlBlock enlist(SqlBlockCall call, SqlBlockListener told) {
    int number = count.incrementAndGet();
    told.enlisted(
        new SqlEnlistment(1, Block.text(call.name()), 10_000, xid -> "hf1_" + number + "_" + xid));
    return new SqlBlock() {
      private String gid = "";

      @Override
      public void preparing(String globalId) {
        gid = globalId;
      }

      @Override
      public void notPrepared() {
        gid = "";
      }

      @Override
      public void prepared() {
        prepared.add(gid);
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
    };
  }

  @Override
  public void contextMissing() {}

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
