package io.handfast.proxy.http;

import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.tls.TlsInfo;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Facts about a downstream connection; immutable.
 *
 * @param id unique in this process
 * @param remote the peer's address
 * @param local the address it connected to, before any redirection
 * @param listener name of the listener
 * @param direction of the listener
 * @param originalDestination {@code local}, if that is not the socket's own address because the
 *     kernel redirected the connection; null if it did not
 * @param requestedServerName by SNI, if a listener filter has read it; else empty
 * @param tls facts about its TLS, the peer's identity among them; null for plaintext
 */
public record ConnectionInfo(
    long id,
    SocketAddress remote,
    SocketAddress local,
    String listener,
    TrafficDirection direction,
    @Nullable InetSocketAddress originalDestination,
    String requestedServerName,
    @Nullable TlsInfo tls) {

  /** A connection in plaintext that was not redirected. */
  public ConnectionInfo(
      long id,
      SocketAddress remote,
      SocketAddress local,
      String listener,
      TrafficDirection direction) {
    this(id, remote, local, listener, direction, null, "", null);
  }

  /** The same connection, now that TLS has been negotiated on it. */
  public ConnectionInfo withTls(TlsInfo negotiated) {
    return new ConnectionInfo(
        id,
        remote,
        local,
        listener,
        direction,
        originalDestination,
        requestedServerName,
        negotiated);
  }
}
