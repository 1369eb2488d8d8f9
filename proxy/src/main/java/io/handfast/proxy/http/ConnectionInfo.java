package io.handfast.proxy.http;

import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.tls.TlsInfo;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Facts about a downstream connection; immutable.
 *
 * @param id unique in this process
 * @param remote the peer's address
 * @param local the address it connected to
 * @param listener name of the listener
 * @param direction of the listener
 * @param tls facts about its TLS, the peer's identity among them; null for plaintext
 */
public record ConnectionInfo(
    long id,
    SocketAddress remote,
    SocketAddress local,
    String listener,
    TrafficDirection direction,
    @Nullable TlsInfo tls) {

  /** A connection in plaintext. */
  public ConnectionInfo(
      long id,
      SocketAddress remote,
      SocketAddress local,
      String listener,
      TrafficDirection direction) {
    this(id, remote, local, listener, direction, null);
  }

  /** The same connection, now that TLS has been negotiated on it. */
  public ConnectionInfo withTls(TlsInfo negotiated) {
    return new ConnectionInfo(id, remote, local, listener, direction, negotiated);
  }
}
