package io.handfast.proxy.tls;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.ListenerStats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A sidecar in this process with a listener "in" and what a client sees of it. */
final class TlsSidecar implements AutoCloseable {
  private static final int READ_TIMEOUT_MS = 20_000;

  private static final String ADMIN =
      "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }\n";

  static final String DIRECT =
      "{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: hi } } }";

  private final Sidecar sidecar;

  TlsSidecar(String yaml) throws StartException {
    sidecar = Sidecars.start(ADMIN + yaml);
  }

  /** A sidecar that answers by itself, over that TLS context, in YAML's flow style. */
  static TlsSidecar answering(String downstream) throws StartException {
    return new TlsSidecar(listener(downstream, "", "", DIRECT));
  }

  static String listener(String downstream, String chain, String manager, String route) {
    return """
    static_resources:
      listeners:
      - name: in
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: ingress
              %3$s
              route_config:
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes: [%4$s]
              http_filters:
              - name: router
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          %2$s
          transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              %1$s
    """
        .formatted(downstream, chain, manager, route);
  }

  int port() {
    return sidecar.listenerAddress("in").orElseThrow().getPort();
  }

  ListenerStats listenerStats() {
    return sidecar.stats().listener("127.0.0.1_0");
  }

  ClusterStats clusterStats() {
    return sidecar.stats().cluster("service");
  }

  Sidecar sidecar() {
    return sidecar;
  }

  /** A connection of the JDK's; the handshake is still to come. */
  SSLSocket connect(SSLContext context) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port());
    socket.setSoTimeout(READ_TIMEOUT_MS);
    return socket;
  }

  /** A connection with those parameters changed. */
  SSLSocket connect(SSLContext context, Consumer<SSLParameters> change) throws IOException {
    SSLSocket socket = connect(context);
    SSLParameters parameters = socket.getSSLParameters();
    change.accept(parameters);
    socket.setSSLParameters(parameters);
    return socket;
  }

  /** One request and its answer, head and body; the connection stays open. */
  static String get(SSLSocket socket, String... headers) throws IOException {
    StringBuilder request = new StringBuilder("GET / HTTP/1.1\r\nhost: test\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    request.append("\r\n");
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("the end after: " + head);
      }
      head.append((char) next);
    }
    int at =
        head.toString().toLowerCase(Locale.ROOT).indexOf("content-length: ")
            + "content-length: ".length();
    int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
    byte[] body = socket.getInputStream().readNBytes(length);
    return head + new String(body, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
