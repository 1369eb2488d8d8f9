package io.handfast.proxy.datapath;

import static org.awaitility.Awaitility.await;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import io.handfast.proxy.stats.ClusterStats;
import io.handfast.proxy.stats.TcpStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A sidecar in this process with one listener, "in", that passes TCP on to one cluster, "up". */
final class TcpSidecar implements AutoCloseable {
  private final Sidecar sidecar;
  private final Path log;

  private TcpSidecar(String yaml, Path log, int concurrency) {
    this.log = log;
    try {
      sidecar = Sidecars.start(yaml, concurrency, Duration.ofSeconds(1));
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A configuration that changes little by little, in YAML's flow style. */
  record Config(String listen, String tcp, String chain, String cluster, String endpoint) {

    /** To that port of this host. */
    static Config to(int port) {
      return new Config(socket(0), "", "", "", lbEndpoint(socket(port)));
    }

    /** More fields of {@code tcp_proxy}. */
    Config tcp(String fields) {
      return new Config(listen, ", " + fields, chain, cluster, endpoint);
    }

    /** More fields of the filter chain. */
    Config chain(String fields) {
      return new Config(listen, tcp, ", " + fields, cluster, endpoint);
    }

    /** More fields of the cluster. */
    Config cluster(String fields) {
      return new Config(listen, tcp, chain, ", " + fields, endpoint);
    }

    /** At another address. */
    Config listen(String address) {
      return new Config(address, tcp, chain, cluster, endpoint);
    }

    /** To another address. */
    Config endpoint(String address) {
      return new Config(listen, tcp, chain, cluster, lbEndpoint(address));
    }

    /** With no endpoint at all. */
    Config nowhere() {
      return new Config(listen, tcp, chain, cluster, "");
    }

    private static String lbEndpoint(String address) {
      return "{ endpoint: { address: %s } }".formatted(address);
    }

    static String pipe(String path) {
      return "{ pipe: { path: '%s' } }".formatted(path);
    }

    static String socket(int port) {
      return "{ socket_address: { address: 127.0.0.1, port_value: %d } }".formatted(port);
    }

    String yaml(Path log) {
      return """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: in
          address: %1$s
          filter_chains:
          - { filters: [{ name: tcp, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy,
                stat_prefix: in, cluster: up,
                access_log: [{ name: file, typed_config: {
                  "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: %6$s,
                  log_format: { text_format_source: { inline_string: "%%UPSTREAM_CLUSTER%% %%PROTOCOL%% %%RESPONSE_CODE%% %%RESPONSE_FLAGS%% %%BYTES_RECEIVED%% %%BYTES_SENT%% %%UPSTREAM_HOST%% %%UPSTREAM_REQUEST_ATTEMPT_COUNT%%\\n" } } } }]
                %2$s } }] %3$s }
        clusters:
        - { name: up, load_assignment: { cluster_name: up, endpoints: [{ lb_endpoints: [%5$s] }] } %4$s }
      """
          .formatted(listen, tcp, chain, cluster, endpoint, log);
    }
  }

  static TcpSidecar of(Config config, Path directory) {
    Path log = directory.resolve("access.log");
    return new TcpSidecar(config.yaml(log), log, 1);
  }

  /** With several event loops, and more fields of the listener. */
  static TcpSidecar of(Config config, Path directory, int concurrency, String listenerFields) {
    Path log = directory.resolve("access.log");
    String yaml =
        config.yaml(log).replace("- name: in\n", "- name: in\n    " + listenerFields + "\n");
    return new TcpSidecar(yaml, log, concurrency);
  }

  int port() {
    return sidecar.listenerAddress("in").orElseThrow().getPort();
  }

  RawConnection connect() {
    return RawConnection.to(port());
  }

  Sidecar sidecar() {
    return sidecar;
  }

  TcpStats stats() {
    return sidecar.stats().tcp("in");
  }

  ClusterStats cluster() {
    return sidecar.stats().cluster("up");
  }

  /** The only record of the access log, when it is there. */
  String logged() {
    return await().until(() -> Files.exists(log) ? read() : "", text -> text.endsWith("\n"));
  }

  private String read() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    sidecar.close();
  }
}
