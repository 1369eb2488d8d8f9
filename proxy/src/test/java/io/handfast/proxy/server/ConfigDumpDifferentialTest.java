package io.handfast.proxy.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code /config_dump} beside Envoy's, of the same bootstrap and the same discovered resources: the
 * sections in their order, and in each object the same keys in the same order.
 */
@Tag("full")
final class ConfigDumpDifferentialTest {

  /** What is said here and not there: Envoy's protos have it, Envoy leaves it empty. */
  private static final Set<String> OURS = Set.of("client_status", "version_info", "last_updated");

  /** What Envoy says of itself, and what it finds in the name of an endpoint. */
  private static final Set<String> THEIRS =
      Set.of("user_agent_name", "user_agent_build_version", "extensions", "metadata");

  private static final String ROUTER =
      """
      name: router
      typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
      """;

  private static final String BOOTSTRAP =
      """
      node: { id: node-1, cluster: shop }
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: ${admin} } } }
      dynamic_resources:
        lds_config: { path_config_source: { path: "${dir}/lds.yaml" } }
        cds_config: { path_config_source: { path: "${dir}/cds.yaml" } }
      static_resources:
        secrets:
        - name: own
          tls_certificate:
            certificate_chain: { filename: "${dir}/cert.pem" }
            private_key: { filename: "${dir}/key.pem" }
        - name: authority
          validation_context: { trusted_ca: { filename: "${dir}/cert.pem" } }
        clusters:
        - name: fixed
          connect_timeout: 1s
          load_assignment:
            cluster_name: fixed
            endpoints:
            - lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9 } } } } ]
        listeners:
        - name: in
          address: { socket_address: { address: 127.0.0.1, port_value: ${in} } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: in
                route_config:
                  name: inline
                  virtual_hosts:
                  - { name: all, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: fixed } } ] }
                http_filters:
                - name: router
                  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
            transport_socket:
              name: tls
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                common_tls_context:
                  tls_certificate_sds_secret_configs: [ { name: own } ]
                  validation_context_sds_secret_config: { name: authority }
                require_client_certificate: true
      """;

  private static final String LDS =
      """
      version_info: "7"
      resources:
      - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
        name: dynamic
        address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: dynamic
              rds: { route_config_name: r1, config_source: { path_config_source: { path: "${dir}/rds.yaml" } } }
              http_filters:
              - name: router
                config_discovery:
                  config_source: { path_config_source: { path: "${dir}/ecds.yaml" } }
                  type_urls: [ type.googleapis.com/envoy.extensions.filters.http.router.v3.Router ]
          transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                tls_certificate_sds_secret_configs:
                - { name: told, sds_config: { path_config_source: { path: "${dir}/sds.yaml" } } }
      """;

  private static final String CDS =
      """
      version_info: "5"
      resources:
      - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
        name: eds
        type: EDS
        connect_timeout: 1s
        eds_cluster_config: { eds_config: { path_config_source: { path: "${dir}/eds.yaml" } } }
      """;

  private static final String EDS =
      """
      version_info: "6"
      resources:
      - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
        cluster_name: eds
        endpoints:
        - lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9 } } } } ]
      """;

  private static final String RDS =
      """
      version_info: "8"
      resources:
      - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
        name: r1
        virtual_hosts: [ { name: v, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: eds } } ] } ]
      """;

  private static final String SDS =
      """
      version_info: "4"
      resources:
      - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
        name: told
        tls_certificate:
          certificate_chain: { inline_string: "${cert}" }
          private_key: { inline_string: "${key}" }
      """;

  @TempDir Path directory;

  @BeforeEach
  void write() throws Exception {
    X509Bundle own =
        new CertificateBuilder()
            .subject("CN=own")
            .addSanDnsName("own.example")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(directory.resolve("cert.pem"), own.getCertificatePEM());
    Files.writeString(directory.resolve("key.pem"), own.getPrivateKeyPEM());
    write("lds", LDS);
    write("cds", CDS);
    write("eds", EDS);
    write("rds", RDS);
    write(
        "sds",
        SDS.replace("${cert}", own.getCertificatePEM().replace("\\n", "\\\\n"))
            .replace("${key}", own.getPrivateKeyPEM().replace("\\n", "\\\\n")));
    write(
        "ecds",
        """
        version_info: "9"
        resources:
        - "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
        """
            + ROUTER.indent(2));
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(
        directory.resolve(name + ".yaml"), text.replace("${dir}", directory.toString()));
  }

  @Test
  void shouldHaveTheSectionsAndKeysOfEnvoyInItsOrder() throws Exception {
    compare(BOOTSTRAP);
  }

  @Test
  void shouldHaveThemWhenEverythingIsStatic() throws Exception {
    compare(BOOTSTRAP.replaceAll("(?s)dynamic_resources:.*?static_resources", "static_resources"));
  }

  private void compare(String bootstrap) throws Exception {
    // Given
    int in = Envoy.freePort();
    int admin = Envoy.freePort();
    JsonNode theirs;
    try (Envoy _ = Envoy.start(text(bootstrap, in, admin), in, directory)) {
      theirs = settled(admin);
    }

    // When
    JsonNode ours;
    try (Sidecar sidecar = Sidecars.start(text(bootstrap, 0, 0))) {
      ours = settled(sidecar.adminAddress().getPort());
    }

    // Then
    assertThat(sections(ours)).isEqualTo(sections(theirs)).hasSizeGreaterThan(6);
    Map<String, List<String>> envoys = keys(theirs);
    Map<String, List<String>> own = keys(ours);
    assertThat(own.keySet()).containsExactlyElementsOf(envoys.keySet());
    envoys.forEach((path, expected) -> {
      List<String> found = new ArrayList<>(own.get(path));
      found.removeIf(key -> OURS.contains(key) && !expected.contains(key));
      expected.removeIf(key -> THEIRS.contains(key) && !found.contains(key));
      assertThat(found).as(path).containsExactlyElementsOf(expected);
    });
  }

  /** Envoy is ready before what is discovered is shown. */
  private static JsonNode settled(int admin) throws Exception {
    ObjectMapper json = new ObjectMapper();
    Set<String> seen = new LinkedHashSet<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + admin + "/config_dump?include_eds"))
              .build();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> !seen.add(client.send(request, HttpResponse.BodyHandlers.ofString()).body()));
    }
    return json.readTree(seen.toArray(String[]::new)[seen.size() - 1]);
  }

  private static List<String> sections(JsonNode dump) {
    List<String> sections = new ArrayList<>();
    dump.get("configs").forEach(config -> sections.add(config.get("@type").asText()));
    return sections;
  }

  /** The keys of every object, in their order, by its path; what Envoy says of itself left out. */
  private static Map<String, List<String>> keys(JsonNode dump) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    dump.get("configs")
        .forEach(config -> {
          String type = config.get("@type").asText();
          collect(all, type.substring(type.lastIndexOf('.') + 1), config);
        });
    return all;
  }

  private static void collect(Map<String, List<String>> all, String path, JsonNode node) {
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        collect(all, path + "[" + i + "]", node.get(i));
      }
    } else if (node.isObject()) {
      List<String> keys = new ArrayList<>();
      node.fieldNames().forEachRemaining(keys::add);
      all.put(path, keys);
      keys.stream()
          .filter(key -> !THEIRS.contains(key))
          .forEach(key -> collect(all, path + "." + key, node.get(key)));
    }
  }

  private String text(String bootstrap, int in, int admin) {
    return bootstrap
        .replace("${dir}", directory.toString())
        .replace("${in}", Integer.toString(in))
        .replace("${admin}", Integer.toString(admin));
  }
}
