package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.xds.resource.ConfigError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Addresses that are Unix sockets. */
final class UnixSocketsConfigTest {
  private static final String ADDRESS = "static_resources.listeners[0].address";
  private static final String ENDPOINT =
      "static_resources.clusters[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint";
  private static final String LONGEST = "/tmp/" + "a".repeat(102);

  private static String yaml(String listener, String cluster) {
    return """
    static_resources:
      listeners:
      - %s
        filter_chains: [{ filters: [{ name: t, typed_config: {
          "@type": a/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: s, cluster: c } }] }]
      clusters:
      - { name: c, %s }
    """
        .formatted(listener, cluster);
  }

  private static String at(String pipe) {
    return "address: { pipe: { " + pipe + " } }";
  }

  private static String to(String endpoint) {
    return "load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ endpoint: { "
        + endpoint
        + " } }] }] }";
  }

  @Test
  void shouldTakeFilesAndNames() {
    // When
    ConfigSnapshot snapshot =
        Bootstraps.accept(
            yaml(
                at("path: " + LONGEST + ", mode: 432")
                    + "\n    additional_addresses: [{ address: { pipe: { path: '@' } } }]",
                to(at("path: '@up'"))));

    // Then
    assertThat(snapshot.listeners().getFirst().name()).isEqualTo(LONGEST);
    assertThat(snapshot.listeners().getFirst().allAddresses())
        .containsExactly(new NetworkAddress.Pipe(LONGEST, 0660), new NetworkAddress.Pipe("@", 0));
    assertThat(
            snapshot.clusters().getFirst().localities().getFirst().endpoints().getFirst().address())
        .isEqualTo(new NetworkAddress.Pipe("@up", 0));
  }

  static List<Arguments> refused() {
    String good = to(at("path: /up"));
    String other = "{ address: { socket_address: { address: 127.0.0.1, port_value: 1 } } }";
    return List.of(
        Arguments.of(
            yaml(at("path: " + LONGEST + "a"), good),
            List.of(
                ADDRESS
                    + ".pipe.path: "
                    + LONGEST
                    + "a, 108 bytes (expected: at most 107 bytes, none of them zero)")),
        Arguments.of(
            yaml(at("path: ''"), good),
            List.of(ADDRESS + ".pipe.path: '' (expected: a non-empty string)")),
        Arguments.of(
            yaml(at("path: /x, mode: 512"), good),
            List.of(ADDRESS + ".pipe.mode: 512 (expected: <= 511)")),
        Arguments.of(
            yaml(at("path: '@x', mode: 384"), good),
            List.of(ADDRESS + ".pipe.mode: 384 (expected: 0; a name with @ in front has no file)")),
        Arguments.of(
            yaml(at("path: /x") + "\n    bind_to_port: false", good),
            List.of(
                ADDRESS
                    + ": /x (expected: socket_address: no connection is redirected to a Unix socket)")),
        Arguments.of(
            yaml(at("path: /x") + "\n    use_original_dst: true", good),
            List.of(
                ADDRESS
                    + ": /x (expected: socket_address: a Unix socket has no original destination to be restored)")),
        Arguments.of(
            yaml(
                at("path: /x")
                    + "\n    listener_filters: [{ name: o, typed_config: { \"@type\": a/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } }]",
                good),
            List.of(
                ADDRESS
                    + ": /x (expected: socket_address: a Unix socket has no original destination to be restored)")),
        Arguments.of(
            yaml(
                at("path: /x")
                    + "\n    additional_addresses: [{ address: { pipe: { path: /x, mode: 1 } } }]",
                good),
            List.of(
                "static_resources.listeners[0].additional_addresses[0].address: /x (expected: an address of its own; static_resources.listeners[0] has /x)")),
        Arguments.of(
            yaml(at("path: /x"), "type: STRICT_DNS, " + good),
            List.of(
                ENDPOINT
                    + ".address.pipe: is no name to resolve (expected: socket_address, or the cluster's type: STATIC)")),
        Arguments.of(
            yaml(at("path: /x"), to(at("path: /up") + ", additional_addresses: [" + other + "]")),
            List.of(
                ENDPOINT
                    + ".additional_addresses[0]: a Unix socket is the only address of its endpoint (expected: none)")));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void shouldRefuseWhatCannotBe(String yaml, List<String> errors) {
    // Then
    assertThat(Bootstraps.validate(yaml).errors().stream().map(ConfigError::toString))
        .containsExactlyElementsOf(errors);
  }
}
