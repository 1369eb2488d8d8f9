package io.handfast.proxy.xds;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A piece of network between a sidecar and its control plane, which fails as networks do.
 * Thread-safe.
 */
final class Relay implements AutoCloseable {
  private static final int BUFFER = 8192;

  private final ServerSocket server;
  private volatile int target;
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private final AtomicLong toClients = new AtomicLong();
  private volatile boolean swallowing;

  /**
   * @param target port that it leads to
   */
  Relay(int target) {
    this.target = target;
    try {
      server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** Connections that come from now on lead to another port; those that are there are reset. */
  void lead(int port) {
    target = port;
    reset();
  }

  /** How many connections it has taken. */
  int connections() {
    return links.size();
  }

  /** Bytes that clients were sent. */
  long toClients() {
    return toClients.get();
  }

  /** Whatever comes on the connections that are there vanishes from now on; they stay open. */
  void blackhole() {
    links.forEach(link -> link.swallowing = true);
  }

  /** Connections that come are taken, and nothing ever comes of them. */
  void silence(boolean silent) {
    swallowing = silent;
  }

  /** Clients get so many bytes more, then their connections are reset. */
  void resetAfter(long bytes) {
    links.forEach(link -> link.left.set(bytes));
  }

  /** Resets the connections that are there. */
  void reset() {
    links.forEach(Link::reset);
  }

  /** Clients get these bytes, between what the server sends. */
  void inject(byte... bytes) {
    links.forEach(link -> link.inject(bytes));
  }

  private void accept() {
    while (true) {
      try {
        links.add(new Link(server.accept()));
      } catch (IOException closed) {
        return;
      }
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    reset();
  }

  private final class Link {
    private final Socket client;
    private final Socket upstream = new Socket();
    private volatile boolean swallowing;
    private final AtomicLong left = new AtomicLong(Long.MAX_VALUE);

    Link(Socket client) throws IOException {
      this.client = client;
      this.swallowing = Relay.this.swallowing;
      Thread.ofVirtual().start(this::run);
    }

    private void run() {
      try {
        if (!swallowing) {
          upstream.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
          Thread.ofVirtual().start(() -> forward(upstream, client, true));
        }
        forward(client, upstream, false);
      } catch (IOException refused) {
        reset();
      }
    }

    private void forward(Socket from, Socket to, boolean counted) {
      byte[] buffer = new byte[BUFFER];
      try {
        InputStream in = from.getInputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (swallowing) {
            continue;
          }
          if (!counted) {
            to.getOutputStream().write(buffer, 0, read);
          } else if (!toClient(buffer, read)) {
            return;
          }
        }
        if (!swallowing) {
          to.shutdownOutput();
        }
      } catch (IOException over) {
        reset();
      }
    }

    private boolean toClient(byte[] buffer, int read) throws IOException {
      int part = (int) Math.min(read, left.get());
      synchronized (this) {
        client.getOutputStream().write(buffer, 0, part);
      }
      toClients.addAndGet(part);
      if (left.addAndGet(-part) <= 0) {
        reset();
        return false;
      }
      return true;
    }

    void inject(byte[] bytes) {
      try {
        synchronized (this) {
          client.getOutputStream().write(bytes);
        }
      } catch (IOException over) {
        reset();
      }
    }

    synchronized void reset() {
      if (client.isClosed()) {
        return;
      }
      try {
        client.setSoLinger(true, 0);
        client.close();
        upstream.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
