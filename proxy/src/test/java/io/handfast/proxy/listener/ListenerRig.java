package io.handfast.proxy.listener;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.InspectorStats;
import io.handfast.proxy.stats.ListenerStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A sidecar in this process with a listener "in" whose chains answer their own names. */
final class ListenerRig implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 20_000;

  private static final String ADMIN =
      "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n";

  static final String TLS_INSPECTOR = filter("tls_inspector", "TlsInspector", "");
  static final String HTTP_INSPECTOR = filter("http_inspector", "HttpInspector", "");

  private final Sidecar sidecar;

  private ListenerRig(String yaml) throws StartException {
    sidecar = Sidecars.start(ADMIN + yaml);
  }

  /**
   * A listener with those fields beside its chains.
   *
   * @param chains of {@link #chain}
   */
  static ListenerRig of(String fields, String... chains) throws StartException {
    return new ListenerRig(
        """
        static_resources:
          listeners:
          - name: in
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        """
            + fields.indent(4)
            + (chains.length == 0 ? "" : "    filter_chains:\n")
            + String.join("", chains).indent(4));
  }

  /** A listener filter, as an element of YAML's flow style. */
  static String filter(String folder, String type, String more) {
    return "{ name: %1$s, typed_config: { '@type': a/envoy.extensions.filters.listener.%1$s.v3.%2$s }%3$s }"
        .formatted(folder, type, more);
  }

  /**
   * An element of filter_chains that answers its name.
   *
   * @param match in YAML's flow style; empty for none
   */
  static String chain(String name, String match) {
    return "- " + body(name, match).indent(2).substring(2);
  }

  /** The same, as default_filter_chain. */
  static String byDefault(String name) {
    return "default_filter_chain:\n" + body(name, "").indent(2);
  }

  private static String body(String name, String match) {
    return """
    name: %1$s
    %2$s
    filters:
    - name: hcm
      typed_config:
        "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: %1$s
        route_config:
          virtual_hosts:
          - name: v
            domains: ["*"]
            routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: %1$s } } }]
        http_filters:
        - name: router
          typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router }
    """
        .formatted(name, match.isEmpty() ? "" : "filter_chain_match: { " + match + " }");
  }

  /** Lets what is in flight come to its end. */
  void drain() {
    sidecar.drain(Duration.ofMillis(READ_TIMEOUT_MS));
  }

  int port() {
    return sidecar.listenerAddress("in").orElseThrow().getPort();
  }

  ListenerStats stats() {
    return sidecar.stats().listener("127.0.0.1_0");
  }

  InspectorStats inspectors() {
    return sidecar.stats().inspectors();
  }

  /** How many connections the chain of that name was given. */
  long connections(String chain) {
    return sidecar.stats().http(chain).cxTotal.value();
  }

  Socket connect() {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
      socket.setSoTimeout(READ_TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void send(Socket socket, byte[]... pieces) {
    try {
      for (byte[] piece : pieces) {
        socket.getOutputStream().write(piece);
        socket.getOutputStream().flush();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void send(Socket socket, String text) {
    send(socket, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Everything up to the end of the connection. */
  static String readAll(Socket socket) {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** The name of the chain that answers a request on a connection of its own. */
  String ask() {
    try (Socket socket = connect()) {
      return ask(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The name of the chain that answers. */
  static String ask(Socket socket) {
    send(socket, "GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    String answer = readAll(socket);
    return answer.substring(answer.lastIndexOf('\n') + 1);
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
