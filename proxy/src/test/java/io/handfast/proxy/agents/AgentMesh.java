package io.handfast.proxy.agents;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/**
 * Two sidecars in this process: {@code front}, at whose route transactions begin, before a service
 * that a test brings; and {@code bank}, which takes part by callbacks, before a service here that
 * writes down what reaches it. Thread-safe.
 */
final class AgentMesh implements AutoCloseable {

  /** How the two sidecars' services speak. */
  enum Wire {
    HTTP,
    GRPC
  }

  /**
   * What reached the bank's service, or whom is called outside of the mesh.
   *
   * @param path with the query
   * @param headers by their names in lower case
   */
  record Seen(String path, Map<String, String> headers) {

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /** The transaction in which its sidecar says that it is, or nothing. */
    String tx() {
      String context = header("tx-context");
      return context.isEmpty() ? "" : context.substring(3, 35);
    }

    String branch() {
      return header("tx-context").substring(36, 52);
    }
  }

  private static final String HTTP2 =
      "typed_extension_protocol_options:"
          + " { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { \"@type\":"
          + " type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,"
          + " explicit_http_config: { http2_protocol_options: {} } } }";

  private static final String PER_ROUTE =
      "typed_per_filter_config: { handfast.transaction: { \"@type\":"
          + " type.googleapis.com/handfast.transaction.v1.TransactionPerRoute, %s } } }";

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final List<String> completions = new CopyOnWriteArrayList<>();
  private final HttpServer http;
  private final Sidecar bank;
  private final Sidecar front;

  /**
   * A mesh that runs.
   *
   * @param service on which port the service behind {@code front} listens
   * @param grpcBank on which port the bank's service of gRPC does; unused for HTTP
   */
  AgentMesh(Path directory, Wire wire, int service, int grpcBank) throws Exception {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().toString();
            if (path.startsWith("/confirm/") || path.startsWith("/cancel/")) {
              completions.add(path);
            } else {
              Map<String, String> headers = new TreeMap<>();
              exchange
                  .getRequestHeaders()
                  .forEach((name, values) ->
                      headers.put(
                          name.toLowerCase(java.util.Locale.ROOT), String.join(",", values)));
              saw(new Seen(path, headers));
            }
            byte[] body = "reserved".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    http.start();
    String http2 = wire == Wire.GRPC ? HTTP2 : "";
    int plain = http.getAddress().getPort();
    bank =
        Sidecars.start(
            yaml(
                Map.of(
                    "name",
                    "bank",
                    "journal",
                    directory.resolve("bank").toString(),
                    "routes",
                    route(
                        "/",
                        "participant: { callback: { confirm: { path: '/confirm/{branch.id}' },"
                            + " cancel: { path: '/cancel/{branch.id}' } } }"),
                    "outbound",
                    "",
                    "clusters",
                    "",
                    "http2",
                    http2,
                    "service",
                    String.valueOf(wire == Wire.GRPC ? grpcBank : plain),
                    "completions",
                    String.valueOf(plain))));
    int inbound = bank.listenerAddress("inbound").orElseThrow().getPort();
    front =
        Sidecars.start(
            yaml(
                Map.of(
                    "name",
                    "front",
                    "journal",
                    directory.resolve("front").toString(),
                    "routes",
                    route("/late-", boundary("0.5s")) + route("/", boundary("20s")),
                    "outbound",
                    listener("to-bank", "bank", "propagation: MANDATORY")
                        + listener("outside", "outside", "propagation: SUPPORTS"),
                    "clusters",
                    cluster("bank", inbound, http2, true) + cluster("outside", plain, "", false),
                    "http2",
                    http2,
                    "service",
                    String.valueOf(service),
                    "completions",
                    String.valueOf(plain))));
  }

  void saw(Seen request) {
    seen.add(request);
  }

  private static String boundary(String timeout) {
    return "boundary: { timeout: " + timeout + " }, participant: { read_only: {} }";
  }

  private static String route(String prefix, String policy) {
    return "              - { match: { prefix: %s }, route: { cluster: service, timeout: 30s }, "
            .formatted(prefix)
        + PER_ROUTE.formatted(policy)
        + "\n";
  }

  private static String listener(String name, String cluster, String policy) {
    return """
      - name: %s
        traffic_direction: OUTBOUND
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: out
              route_config:
                virtual_hosts:
                - name: v
                  domains: ["*"]
                  routes:
                  - { match: { prefix: / }, route: { cluster: %s }, %s
              http_filters:
              - { name: handfast.transaction, typed_config: { "@type": type.googleapis.com/handfast.transaction.v1.Transaction } }
              - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
    """
        .formatted(name, cluster, PER_ROUTE.formatted(policy));
  }

  private static String cluster(String name, int port, String http2, boolean participant) {
    return """
      - name: %1$s
        %2$s
        %3$s
        load_assignment:
          cluster_name: %1$s
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %4$d } } } }] }]
    """
        .formatted(
            name,
            http2,
            participant
                ? "metadata: { filter_metadata: { handfast.transaction: { participant: true, trust:"
                    + " PLAINTEXT } } }"
                : "",
            port);
  }

  private static String yaml(Map<String, String> values) throws IOException {
    String text;
    try (InputStream yaml = requireNonNull(AgentMesh.class.getResourceAsStream("sidecar.yaml"))) {
      text = new String(yaml.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    return text;
  }

  /** The port of a listener of {@code front}: {@code inbound}, {@code to-bank}, {@code outside}. */
  int port(String listener) {
    return front.listenerAddress(listener).orElseThrow().getPort();
  }

  /** What {@code front} has counted. */
  double count(String meter) {
    return front.stats().meters().counter(meter).count();
  }

  /** What came to the bank, or outside, for that key. */
  List<Seen> seen(String key) {
    return seen.stream().filter(it -> it.path().endsWith("key=" + key)).toList();
  }

  /** What came to the bank for that key: once, and confirmed as a branch of that transaction. */
  Seen joined(String key, String tx) {
    assertThat(seen(key)).as(key).hasSize(1);
    Seen call = seen(key).getFirst();
    assertThat(call.tx()).isEqualTo(tx);
    String confirm = "/confirm/" + call.branch();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(completions).contains(confirm));
    assertThat(completions).doesNotContain("/cancel/" + call.branch());
    return call;
  }

  @Override
  public void close() {
    front.close();
    bank.close();
    http.stop(0);
  }
}
