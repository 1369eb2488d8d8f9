package io.handfast.proxy.upgrade;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * A sidecar in this process, and the service behind it, which accepts when the test says so. The
 * listener {@code on} upgrades to WebSocket but on {@code /off}, the listener {@code off} only on
 * {@code /on}, the listener {@code idle} ends what is silent.
 */
final class UpgradeProxy implements Closeable {
  private static final int TIMEOUT_MS = 10_000;

  private final ServerSocket service;
  private final Sidecar sidecar;

  private UpgradeProxy(ServerSocket service, Sidecar sidecar) {
    this.service = service;
    this.sidecar = sidecar;
  }

  static UpgradeProxy start() throws IOException, StartException {
    ServerSocket service = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    service.setSoTimeout(TIMEOUT_MS);
    String both = "upgrade_configs: [{ upgrade_type: WebSocket }, { upgrade_type: tunnel/1 }]";
    String yaml =
        bootstrap(service.getLocalPort())
            + listener("on", both)
            + listener("off", "server_name: handfast")
            + listener("idle", both + "\n        stream_idle_timeout: 0.2s");
    return new UpgradeProxy(service, Sidecars.start(yaml));
  }

  private static String bootstrap(int servicePort) {
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    static_resources:
      clusters:
      - name: service
        load_assignment:
          cluster_name: service
          endpoints:
          - lb_endpoints:
            - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } }
      listeners:
    """
        .formatted(servicePort);
  }

  private static String listener(String name, String options) {
    return """
    - name: %s
      address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
      filter_chains:
      - filters:
        - name: hcm
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
            stat_prefix: upgrade
            route_config:
              virtual_hosts:
              - name: v
                domains: ["*"]
                routes:
                - match: { prefix: "/off" }
                  route: { cluster: service, upgrade_configs: [{ upgrade_type: websocket, enabled: false }] }
                - match: { prefix: "/on" }
                  route: { cluster: service, upgrade_configs: [{ upgrade_type: websocket }] }
                - match: { prefix: "/short" }
                  route: { cluster: service, timeout: 0.1s }
                - match: { prefix: "/limited" }
                  route: { cluster: service, max_stream_duration: { max_stream_duration: 0.2s } }
                - match: { prefix: "/" }
                  route: { cluster: service }
            http_filters:
            - name: router
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
            %s
    """
        .formatted(name, options)
        .indent(2);
  }

  int port(String listener) {
    return sidecar.listenerAddress(listener).orElseThrow().getPort();
  }

  Peer connect(String listener) throws IOException {
    return peer(new Socket(InetAddress.getLoopbackAddress(), port(listener)));
  }

  /** The proxy's next connection to the service. */
  Peer accept() throws IOException {
    return peer(service.accept());
  }

  private static Peer peer(Socket socket) throws IOException {
    socket.setSoTimeout(TIMEOUT_MS);
    socket.setTcpNoDelay(true);
    return new Peer(socket);
  }

  @Override
  public void close() throws IOException {
    sidecar.close();
    service.close();
  }
}
