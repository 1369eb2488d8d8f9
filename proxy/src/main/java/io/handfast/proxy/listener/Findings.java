package io.handfast.proxy.listener;

import io.handfast.proxy.config.listener.ConnectionFacts;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What listener filters have found out about a connection so far. Confined to its loop. */
final class Findings {
  private final SocketAddress remote;
  private final long acceptedEpochMillis;
  private final long acceptedNanos;
  private SocketAddress local;
  private @Nullable InetSocketAddress originalDestination;
  private String serverName = "";
  private String transportProtocol = ConnectionFacts.RAW_BUFFER;
  private List<String> applicationProtocols = List.of();

  /**
   * @param local of the socket
   * @param acceptedEpochMillis when
   * @param acceptedNanos when, on the loop's clock
   */
  Findings(
      SocketAddress local, SocketAddress remote, long acceptedEpochMillis, long acceptedNanos) {
    this.local = local;
    this.remote = remote;
    this.acceptedEpochMillis = acceptedEpochMillis;
    this.acceptedNanos = acceptedNanos;
  }

  /** The kernel redirected the connection, which was made to that address. */
  void restored(InetSocketAddress address) {
    local = address;
    originalDestination = address;
  }

  void isTls(String server, List<String> offered) {
    transportProtocol = ConnectionFacts.TLS;
    serverName = server;
    applicationProtocols = offered;
  }

  void isHttp(String protocol) {
    applicationProtocols = List.of(protocol);
  }

  long acceptedEpochMillis() {
    return acceptedEpochMillis;
  }

  long acceptedNanos() {
    return acceptedNanos;
  }

  SocketAddress local() {
    return local;
  }

  SocketAddress remote() {
    return remote;
  }

  /** Of the address that the client connected to; 0 where there are no ports. */
  int destinationPort() {
    return local instanceof InetSocketAddress internet ? internet.getPort() : 0;
  }

  @Nullable InetSocketAddress originalDestination() {
    return originalDestination;
  }

  String serverName() {
    return serverName;
  }

  boolean isTls() {
    return transportProtocol.equals(ConnectionFacts.TLS);
  }

  ConnectionFacts facts() {
    return new ConnectionFacts(local, remote, serverName, transportProtocol, applicationProtocols);
  }
}
