package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.http.ClientConnection;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.runtime.Dispatcher;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Connections that the test makes, fails and closes. */
final class FakeConnector implements ClientConnector {
  final List<Attempt> attempts = new ArrayList<>();

  @Override
  public void connect(Dispatcher loop, Cluster cluster, Host host, Wire wire, Listener listener) {
    attempts.add(new Attempt(host, wire, listener));
  }

  Attempt last() {
    return attempts.getLast();
  }

  /** One connection, from its attempt on. */
  static final class Attempt implements ClientConnection {
    final Host host;
    private final Wire wire;
    private final ClientConnector.Listener listener;
    boolean closed;
    int limit = 1;
    int streams;

    /** What TLS has agreed on, where that counts. */
    HttpProtocol agreed = HttpProtocol.HTTP_1_1;

    private boolean draining;

    Attempt(Host host, Wire wire, ClientConnector.Listener listener) {
      this.host = host;
      this.wire = wire;
      this.listener = listener;
    }

    void connected() {
      listener.onConnected(this);
    }

    void failed(boolean timedOut) {
      listener.onFailed(timedOut, "refused");
    }

    void streamBegins() {
      if (freeStreams() == 0) {
        throw new IllegalStateException(
            "streams: " + streams + " (expected: fewer than " + limit + ")");
      }
      streams++;
    }

    void responseEnded() {
      streams--;
      if (draining && streams == 0) {
        close();
      } else {
        listener.onStreamsAvailable();
      }
    }

    /** As a peer's SETTINGS do. */
    void moreStreams() {
      listener.onStreamsAvailable();
    }

    /** As a peer's GOAWAY does. */
    void peerGoesAway() {
      draining = true;
    }

    void closedByPeer() {
      closed = true;
      listener.onClosed(true);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        listener.onClosed(false);
      }
    }

    @Override
    public HttpStream.Client newStream(HttpStream.ClientEvents events) {
      throw new IllegalStateException("streams are not of interest here");
    }

    @Override
    public HttpProtocol protocol() {
      return switch (wire) {
        case HTTP2 -> HttpProtocol.HTTP_2;
        case HTTP1, RAW -> HttpProtocol.HTTP_1_1;
        case AUTO -> agreed;
      };
    }

    @Override
    public int openStreams() {
      return streams;
    }

    @Override
    public int freeStreams() {
      return closed || draining ? 0 : Math.max(limit - streams, 0);
    }

    @Override
    public void drain() {
      draining = true;
      if (streams == 0) {
        close();
      }
    }

    @Override
    public SocketAddress local() {
      return host.address();
    }

    @Override
    public SocketAddress remote() {
      return host.address();
    }
  }
}
