package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.listener.CidrRange;
import io.handfast.proxy.config.listener.FilterChainMatch;
import io.handfast.proxy.config.listener.ListenerFilterConfig;
import io.handfast.proxy.config.listener.ListenerFilterConfig.Disabled;
import io.handfast.proxy.config.listener.ListenerInspection;
import io.handfast.proxy.config.listener.SourceType;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.store.Compiled;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FilterChainsTest {

  private static final String FILTERS =
      "filters: [{ name: h, typed_config: { '@type': a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, route_config: {}, http_filters: [{ name: r, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } }] } }]";

  private static String listener(String fields, String... matches) {
    StringBuilder chains = new StringBuilder();
    for (String match : matches) {
      chains.append("\n    - { %s filter_chain_match: { %s } }".formatted(FILTERS + ",", match));
    }
    return """
    static_resources:
      listeners:
      - name: in
        address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
        FIELDS
        filter_chains:\
    """
            .replace("FIELDS", fields.replace("\n", "\n    "))
        + chains
        + "\n";
  }

  @Test
  void shouldReadEveryFieldOfAMatch() {
    // When
    ListenerConfig listener =
        Bootstraps.accept(
                listener(
                    "",
                    "destination_port: 80, prefix_ranges: [{ address_prefix: 10.9.0.0, prefix_len: 8 }], server_names: [A.example, '*.B.example'], transport_protocol: tls, application_protocols: [h2], direct_source_prefix_ranges: [{ address_prefix: '::1', prefix_len: 128 }], source_type: EXTERNAL, source_prefix_ranges: [{ address_prefix: 1.2.3.4 }], source_ports: [1, 65535]"))
            .listeners()
            .getFirst();

    // Then
    assertThat(listener.filterChains().getFirst().match())
        .isEqualTo(
            new FilterChainMatch(
                OptionalInt.of(80),
                List.of(new CidrRange(InetAddress.ofLiteral("10.0.0.0"), 8)),
                List.of("a.example", "*.b.example"),
                "tls",
                List.of("h2"),
                List.of(new CidrRange(InetAddress.ofLiteral("::1"), 128)),
                SourceType.EXTERNAL,
                List.of(new CidrRange(InetAddress.ofLiteral("0.0.0.0"), 0)),
                List.of(1, 65535)));
    assertThat(listener.inspection().filters())
        .containsExactly(new ListenerFilterConfig.TlsInspector(Disabled.NEVER));
  }

  @Test
  void shouldReadListenerFilters() {
    // When
    ListenerConfig listener =
        Bootstraps.accept(
                listener(
                    """
                    listener_filters:
                    - { name: a, typed_config: { '@type': a/envoy.extensions.filters.listener.original_dst.v3.OriginalDst } }
                    - { name: b, filter_disabled: { destination_port_range: { start: 3306, end: 3307 } }, typed_config: { '@type': a/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }
                    - { name: c, filter_disabled: { any_match: true }, typed_config: { '@type': a/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector } }
                    listener_filters_timeout: 0s
                    continue_on_listener_filters_timeout: true
                    use_original_dst: true
                    bind_to_port: false\
                    """
                        .indent(0)
                        .strip(),
                    "transport_protocol: tls"))
            .listeners()
            .getFirst();

    // Then
    assertThat(listener.inspection())
        .isEqualTo(
            new ListenerInspection(
                List.of(
                    new ListenerFilterConfig.OriginalDst(Disabled.NEVER),
                    new ListenerFilterConfig.TlsInspector(new Disabled.Ports(3306, 3307)),
                    new ListenerFilterConfig.HttpInspector(new Disabled.All(List.of()))),
                Duration.ZERO,
                true));
    assertThat(listener.useOriginalDst()).isTrue();
    assertThat(listener.bindToPort()).isFalse();
    assertThat(listener.inspection().filters())
        .extracting(filter -> filter.disabled().matches(3306))
        .containsExactly(false, true, true);
    assertThat(listener.inspection().filters())
        .extracting(filter -> filter.disabled().matches(3307))
        .containsExactly(false, false, true);
  }

  @Test
  void shouldWaitFifteenSecondsForListenerFiltersByDefault() {
    // When
    ListenerConfig listener = Bootstraps.accept(listener("", "")).listeners().getFirst();

    // Then
    assertThat(listener.inspection())
        .isEqualTo(new ListenerInspection(List.of(), Duration.ofSeconds(15), false));
  }

  @Test
  void shouldIgnoreTheMatchOfTheDefault() {
    // When
    ConfigSnapshot snapshot =
        Bootstraps.accept(
            listener(
                "default_filter_chain: { "
                    + FILTERS
                    + ", filter_chain_match: { destination_port: 1 } }",
                ""));

    // Then
    assertThat(snapshot.listeners().getFirst().defaultFilterChain()).isPresent();
    assertThat(snapshot.listeners().getFirst().allFilterChains()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | ''",
        "destination_port: 80 | destination_port: 80",
        "server_names: [a.example, B.example] | server_names: ['*.example', b.EXAMPLE]"
      })
  void shouldRefuseTwoChainsForTheSameConnections(String first, String second) {
    // When
    Compiled<ConfigSnapshot> compiled =
        Bootstraps.validate(listener("", first, "destination_port: 81", second));

    // Then
    assertThat(compiled.errors())
        .extracting(ConfigError::toString)
        .containsExactly(
            "static_resources.listeners[0].filter_chains[2].filter_chain_match: the same connections as filter_chains[0] (expected: a match of its own)");
  }

  @Test
  void shouldRefuseAPortOfTheKernelsChoiceWhereNobodyBinds() {
    // When
    Compiled<ConfigSnapshot> compiled =
        Bootstraps.validate(listener("bind_to_port: false", "").replace("8080", "0"));

    // Then
    assertThat(compiled.errors())
        .extracting(ConfigError::toString)
        .containsExactly(
            "static_resources.listeners[0].address: 127.0.0.1:0 (expected: a port: one that nobody binds cannot be chosen by the kernel)");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, false, true",
    "127.0.0.1, false, false",
    "0.0.0.0, true, false",
    "127.0.0.1, true, false"
  })
  void shouldLetAListenerThatNobodyBindsHaveAnAddressBehindAWildcard(
      String other, boolean bound, boolean accepted) {
    // Given
    String yaml =
        listener("", "")
            + """
              - name: other
                address: { socket_address: { address: %s, port_value: 8080 } }
                bind_to_port: %s
                filter_chains: [{ %s }]
            """
                .formatted(other, bound, FILTERS);

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);

    // Then
    assertThat(compiled.errors().isEmpty()).isEqualTo(accepted);
  }
}
