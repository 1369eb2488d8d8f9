package io.handfast.proxy.xds;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A sidecar in this process. */
final class LiveSidecar implements AutoCloseable {
  private static final String ADS =
      """
      node: { id: sidecar-1, cluster: shop }
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      dynamic_resources:
        ads_config:
          api_type: TYPE
          transport_api_version: V3
          grpc_services: [{ envoy_grpc: { cluster_name: control } }]
        cds_config: { ads: {}, resource_api_version: V3 }
        lds_config: { ads: {}, resource_api_version: V3 }
      static_resources:
        clusters:
        - name: control
          type: STRICT_DNS
          connect_timeout: 10s
          load_assignment:
            cluster_name: control
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: localhost, port_value: PORT } } }
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Sidecar sidecar;

  private LiveSidecar(String bootstrap, Optional<Path> configCacheDir) {
    try {
      sidecar = Sidecars.start(bootstrap, 2, Duration.ofSeconds(20), configCacheDir);
    } catch (StartException e) {
      throw new IllegalStateException(e);
    }
  }

  /** With that bootstrap. */
  static LiveSidecar of(String bootstrap) {
    return new LiveSidecar(bootstrap, Optional.empty());
  }

  /** On the stream of that server, and nothing else. */
  static LiveSidecar on(LiveServer server, String apiType) {
    return of(bootstrap(server, apiType));
  }

  /** On the stream of whoever is at that port. */
  static LiveSidecar on(int port, String apiType) {
    return of(bootstrap(port, apiType));
  }

  /** With that bootstrap, keeping in that directory what control planes send. */
  static LiveSidecar keeping(String bootstrap, Path configCacheDir) {
    return new LiveSidecar(bootstrap, Optional.of(configCacheDir));
  }

  static String bootstrap(LiveServer server, String apiType) {
    return bootstrap(server.port(), apiType);
  }

  static String bootstrap(int port, String apiType) {
    return ADS.replace("TYPE", apiType).replace("PORT", String.valueOf(port));
  }

  int adminPort() {
    return sidecar.adminAddress().getPort();
  }

  /** What administration answers: status and body. */
  String admin(String path) {
    try {
      var answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + sidecar.adminAddress().getPort() + path))
                  .build(),
              BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body().strip();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isReady() {
    return admin("/ready").startsWith("200");
  }

  /** A statistic, by its dotted name; empty if there is none. */
  Optional<Long> stat(String name) {
    return admin("/stats")
        .lines()
        .map(line -> line.replaceFirst("^200 ", ""))
        .filter(line -> line.startsWith(name + ": "))
        .map(line -> Long.parseLong(line.substring(name.length() + 2)))
        .findFirst();
  }

  /** A counter, read without asking administration. */
  long count(String name) {
    return sidecar.stats().counter(name).value();
  }

  Optional<Integer> port(String listener) {
    return sidecar.listenerAddress(listener).map(address -> address.getPort());
  }

  @Override
  public void close() {
    sidecar.close();
    http.close();
  }
}
