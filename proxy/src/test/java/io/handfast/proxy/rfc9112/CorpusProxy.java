package io.handfast.proxy.rfc9112;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.util.Map;
import java.util.stream.Collectors;

/** A sidecar in this process with a listener for each way to be configured. */
final class CorpusProxy implements AutoCloseable {
  private static final Map<String, String> LISTENERS =
      Map.of(
          "main", "http_protocol_options: { enable_trailers: true }",
          "plain", "http_protocol_options: {}",
          "http10",
              "http_protocol_options: { accept_http_10: true, default_host_for_http_10: default }",
          "normalize", "normalize_path: true",
          "merge", "{ normalize_path: true, merge_slashes: true }",
          "reject-slash", "path_with_escaped_slashes_action: REJECT_REQUEST",
          "forward-slash",
              "{ normalize_path: true, path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD }",
          "redirect-slash",
              "{ normalize_path: true, path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT }");

  private final Sidecar sidecar;

  private CorpusProxy(Sidecar sidecar) {
    this.sidecar = sidecar;
  }

  static CorpusProxy before(int servicePort) throws StartException {
    String listeners =
        LISTENERS.entrySet().stream()
            .map(entry -> listener(entry.getKey(), lines(entry.getValue())).indent(2))
            .collect(Collectors.joining());
    return new CorpusProxy(Sidecars.start(bootstrap(servicePort) + listeners));
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
            stat_prefix: corpus
            codec_type: HTTP1
            generate_request_id: false
            route_config:
              virtual_hosts:
              - name: v
                domains: ["*"]
                routes:
                - { match: { prefix: "/secret" }, direct_response: { status: 403 } }
                - { match: { prefix: "/" }, route: { cluster: service } }
                - { match: { path: "*" }, route: { cluster: service } }
            http_filters:
            - name: router
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
            %s
    """
        .formatted(name, options);
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

  /** A flow mapping as lines of a block. */
  private static String lines(String options) {
    return options.startsWith("{")
        ? options.substring(2, options.length() - 2).replace(", ", "\n        ")
        : options;
  }

  int port(String listener) {
    return sidecar
        .listenerAddress(listener)
        .orElseThrow(() ->
            new IllegalArgumentException(listener + " (expected: " + LISTENERS.keySet() + ")"))
        .getPort();
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
