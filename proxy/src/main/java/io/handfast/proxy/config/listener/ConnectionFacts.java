package io.handfast.proxy.config.listener;

import java.net.SocketAddress;
import java.util.List;

/**
 * What is known of a connection when its filter chain is chosen. Immutable.
 *
 * @param local the address that the client connected to, before any redirection
 * @param remote the client
 * @param serverName by SNI, in lower case; empty if there is none
 * @param transportProtocol {@link #TLS} or {@link #RAW_BUFFER}
 * @param applicationProtocols those that the client offers, in its order
 */
public record ConnectionFacts(
    SocketAddress local,
    SocketAddress remote,
    String serverName,
    String transportProtocol,
    List<String> applicationProtocols) {

  public static final String TLS = "tls";
  public static final String RAW_BUFFER = "raw_buffer";

  public ConnectionFacts {
    applicationProtocols = List.copyOf(applicationProtocols);
  }

  /** What is known without looking at its bytes. */
  public static ConnectionFacts of(SocketAddress local, SocketAddress remote) {
    return new ConnectionFacts(local, remote, "", RAW_BUFFER, List.of());
  }
}
