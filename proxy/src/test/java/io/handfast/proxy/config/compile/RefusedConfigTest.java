package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.store.Compiled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RefusedConfigTest {

  /** What is put where, and every error that must come of it. */
  record Case(String mark, String text, List<String> errors) {
    @Override
    public String toString() {
      return mark + ": " + text;
    }
  }

  static List<Case> cases() {
    return List.of(
        // The process.
        bad(
            "BOOTSTRAP",
            "dynamic_resources: { lds_config: { ads: {} }, lds_resources_locator: l }",
            "dynamic_resources.lds_resources_locator: is not supported and would change traffic (expected: not set; use lds_config, which asks for all)"),
        bad(
            "BOOTSTRAP",
            "overload_manager: { refresh_interval: 0s, resource_monitors: [{ name: x }, { name: c, typed_config: &c { '@type': a/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 5 } }, { name: c, typed_config: *c }, { name: h, typed_config: { '@type': a/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig } }, { name: i, typed_config: { '@type': a/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig } }] }",
            "overload_manager.refresh_interval: 0s (expected: at least 0.001s)",
            "overload_manager.resource_monitors[0].typed_config: missing (expected: the configuration of the resource)",
            "overload_manager.resource_monitors[2].name: c (expected: each resource once)",
            "overload_manager.resource_monitors[3].typed_config.max_heap_size_bytes: 0 (expected: > 0)",
            "overload_manager.resource_monitors[4].typed_config.@type: a/envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig is not known here (expected: a type of docs/CONFIG.md)",
            "overload_manager.resource_monitors[4].typed_config: missing (expected: the configuration of the resource)"),
        bad(
            "BOOTSTRAP",
            "overload_manager: { loadshed_points: [{ name: p }], resource_monitors: [{ name: c, typed_config: { '@type': a/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 5 } }, { name: h, typed_config: { '@type': a/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1 } }], actions: [{ name: envoy.overload_actions.reduce_timeouts, triggers: [{ name: h, threshold: { value: 2 } }] }, { name: envoy.overload_actions.stop_accepting_requests, triggers: [{ name: c, threshold: { value: 0.5 } }] }, { name: envoy.overload_actions.stop_accepting_requests }, { name: envoy.overload_actions.disable_http_keepalive, triggers: [{ name: h, scaled: { scaling_threshold: 0.5, saturation_threshold: 0.9 } }] }] }",
            "overload_manager.loadshed_points: is not supported and would change traffic (expected: not set; use actions)",
            "overload_manager.actions[0].name: envoy.overload_actions.reduce_timeouts (expected: one of envoy.overload_actions.shrink_heap, envoy.overload_actions.disable_http_keepalive, envoy.overload_actions.stop_accepting_requests, envoy.overload_actions.reject_incoming_connections)",
            "overload_manager.actions[0].triggers[0].threshold.value: 2.0 (expected: <= 1.0)",
            "overload_manager.actions[1].triggers[0].name: c (expected: the name of one of resource_monitors; not of the connections, whose bound acts by itself)",
            "overload_manager.actions[2].name: envoy.overload_actions.stop_accepting_requests (expected: each action once)",
            "overload_manager.actions[2].triggers: 0 entries (expected: at least 1)",
            "overload_manager.actions[3].triggers[0].scaled: is not supported and would change traffic (expected: not set; no action is done by degrees; use threshold)"),
        bad(
            "BOOTSTRAP",
            "layered_runtime: { layers: [{ name: a, disk_layer: { symlink_root: /x } }] }",
            "layered_runtime.layers[0].disk_layer: is not supported and would change traffic (expected: not set; runtime keys from files are not built)"),
        bad(
            "BOOTSTRAP",
            "layered_runtime: { layers: [{ static_layer: {} }] }",
            "layered_runtime.layers[0].name: '' (expected: a non-empty string)"),
        bad(
            "BOOTSTRAP",
            "admin: { address: { socket_address: { address: localhost, port_value: 1 } } }",
            "admin.address.socket_address.address: localhost (expected: an IP address to bind, such as 127.0.0.1 or 0.0.0.0)"),
        bad(
            "BOOTSTRAP",
            "admin: { address: { socket_address: { address: 127.0.0.1, port_value: 8080 } } }",
            "static_resources.listeners[0].address: 127.0.0.1:8080 (expected: an address of its own; admin has 127.0.0.1:8080)"),
        bad(
            "BOOTSTRAP",
            "admin: { address: { pipe: { path: /x } } }",
            "admin.address.pipe: a Unix socket is not supported here (expected: socket_address)"),
        bad(
            "BOOTSTRAP",
            "bootstrap_extensions: [{ name: x, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } }]",
            "bootstrap_extensions[0].typed_config: envoy.extensions.filters.http.router.v3.Router is not a bootstrap extension (expected: one of docs/CONFIG.md)"),
        bad(
            "BOOTSTRAP",
            "bootstrap_extensions: [{ name: x }]",
            "bootstrap_extensions[0].typed_config: missing (expected: it is required)"),
        bad(
            "BOOTSTRAP",
            """
            bootstrap_extensions:
            - { name: x, typed_config: { '@type': a/handfast.transaction.v1.TransactionManager } }
            - { name: y, typed_config: { '@type': a/handfast.transaction.v1.TransactionManager } }
            """,
            "bootstrap_extensions[1].typed_config: handfast.transaction.v1.TransactionManager (expected: each extension once; bootstrap_extensions[0].typed_config has it)"),
        bad(
            "STATIC",
            "secrets: [{ name: x }]",
            "static_resources.secrets[0]: x: TYPE_NOT_SET (expected: tls_certificate or validation_context)"),
        // Listeners.
        bad(
            "LISTENER",
            "listener_filters: [{ name: x }, { name: y, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } }, { name: z, config_discovery: { type_urls: [x] } }]",
            Bootstraps.LISTENER
                + ".listener_filters[2].config_discovery: is not supported and would change traffic (expected: not set; listener filters by ECDS are not built yet)",
            Bootstraps.LISTENER
                + ".listener_filters[0].typed_config: missing (expected: the configuration of the filter)",
            Bootstraps.LISTENER
                + ".listener_filters[1].typed_config: envoy.extensions.filters.http.router.v3.Router (expected: an OriginalDst, TlsInspector or HttpInspector)",
            Bootstraps.LISTENER
                + ".listener_filters[2].typed_config: missing (expected: the configuration of the filter)"),
        bad(
            "LISTENER",
            "listener_filters_timeout: -1s",
            Bootstraps.LISTENER + ".listener_filters_timeout: -1s (expected: 0s to 315360000s)"),
        bad(
            "LISTENER",
            "trafic_direction: INBOUND",
            Bootstraps.LISTENER
                + ".trafic_direction: unknown field (expected: a field of envoy.config.listener.v3.Listener; did you mean 'traffic_direction'?)"),
        bad(
            "LISTENER",
            "per_connection_buffer_limit_bytes: 0",
            Bootstraps.LISTENER
                + ".per_connection_buffer_limit_bytes: 0 (expected: 1 to 2147483647)"),
        bad(
            "CHAIN",
            "filter_chain_match: { server_names: ['*', '*.', 'w*.example', '*.*.example'] }",
            Bootstraps.MATCH
                + ".server_names[0]: '*' (expected: a name, or one with '*.' in front; every name: no server_names)",
            Bootstraps.MATCH
                + ".server_names[1]: '*.' (expected: a name, or one with '*.' in front; every name: no server_names)",
            Bootstraps.MATCH
                + ".server_names[2]: 'w*.example' (expected: a name, or one with '*.' in front; every name: no server_names)",
            Bootstraps.MATCH
                + ".server_names[3]: '*.*.example' (expected: a name, or one with '*.' in front; every name: no server_names)"),
        bad(
            "CHAIN",
            "filter_chain_match: { prefix_ranges: [{ address_prefix: h }], source_prefix_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 33 }], transport_protocol: quic, source_ports: [0], destination_port: 65536, address_suffix: x }",
            Bootstraps.MATCH + ".destination_port: 65536 (expected: <= 65535)",
            Bootstraps.MATCH + ".source_ports[0]: 0 (expected: >= 1)",
            Bootstraps.MATCH
                + ".address_suffix: is not supported and would change traffic (expected: not set; Envoy does not match it either)",
            Bootstraps.MATCH
                + ".transport_protocol: quic (expected: tls or raw_buffer; or not set)",
            Bootstraps.MATCH + ".prefix_ranges[0].address_prefix: h (expected: an IP address)",
            Bootstraps.MATCH + ".source_prefix_ranges[0].prefix_len: 33 (expected: 0 to 32)"),
        bad(
            "CHAIN",
            "filters: []\n",
            "--config-yaml: line 11, column 7: 'filters' twice in one mapping (expected: once)"),
        // The connection manager.
        bad(
            "HCM",
            "codec_type: HTTP3",
            Bootstraps.HCM
                + ".codec_type: HTTP3 (expected: one of [AUTO, HTTP1, HTTP2]; HTTP/3 is not built yet)"),
        bad(
            "HCM",
            "http2_protocol_options: { max_concurrent_streams: 0, initial_stream_window_size: 65534, allow_metadata: true, custom_settings_parameters: [{ identifier: 9, value: 1 }], connection_keepalive: { interval: 1s, timeout: 0s, interval_jitter: { value: 101 } } }",
            Bootstraps.HCM
                + ".http2_protocol_options.allow_metadata: true (expected: one of [false]; METADATA frames are not built)",
            Bootstraps.HCM
                + ".http2_protocol_options.custom_settings_parameters: is not supported and would change traffic (expected: not set)",
            Bootstraps.HCM
                + ".http2_protocol_options.connection_keepalive.interval_jitter.value: 101.0 (expected: <= 100.0)",
            Bootstraps.HCM
                + ".http2_protocol_options.connection_keepalive.timeout: 0s (expected: >= 0.001s)",
            Bootstraps.HCM + ".http2_protocol_options.max_concurrent_streams: 0 (expected: >= 1)",
            Bootstraps.HCM
                + ".http2_protocol_options.initial_stream_window_size: 65534 (expected: >= 65535)"),
        bad(
            "HCM",
            "upgrade_configs: [{ upgrade_type: CONNECT-UDP }]",
            Bootstraps.HCM
                + ".upgrade_configs[0].upgrade_type: CONNECT-UDP (expected: another protocol; this one is not built)"),
        bad(
            "HCM",
            "upgrade_configs: [{ enabled: true }]",
            Bootstraps.HCM
                + ".upgrade_configs[0].upgrade_type: missing (expected: a protocol, such as websocket)"),
        bad(
            "HCM",
            "upgrade_configs: [{ upgrade_type: a }, { upgrade_type: A }]",
            Bootstraps.HCM + ".upgrade_configs[1].upgrade_type: A (expected: each type once)"),
        bad(
            "HCM",
            "stream_idle_timeout: -1s",
            Bootstraps.HCM + ".stream_idle_timeout: -1s (expected: 0s to 315360000s)"),
        bad(
            "HCM",
            "request_timeout: 1000000000s",
            Bootstraps.HCM + ".request_timeout: 1000000000s (expected: 0s to 315360000s)"),
        bad(
            "HCM",
            "max_request_headers_kb: 8193",
            Bootstraps.HCM + ".max_request_headers_kb: 8193 (expected: <= 8192)"),
        bad(
            "HCM",
            "common_http_protocol_options: { max_headers_count: 0, max_requests_per_connection: 3, max_connection_duration: 1s, max_stream_duration: 1s }",
            Bootstraps.HCM
                + ".common_http_protocol_options.max_stream_duration: is not supported and would change traffic (expected: not set)",
            Bootstraps.HCM + ".common_http_protocol_options.max_headers_count: 0 (expected: >= 1)",
            Bootstraps.HCM
                + ".common_http_protocol_options.max_requests_per_connection: is not supported in a connection manager (expected: not set)",
            Bootstraps.HCM
                + ".common_http_protocol_options.max_connection_duration: is not supported in a connection manager (expected: not set)"),
        bad(
            "HCM",
            "strip_matching_host_port: true\nstrip_any_host_port: true",
            Bootstraps.HCM
                + ".strip_matching_host_port: excludes strip_any_host_port, which is set too (expected: one of them)"),
        bad(
            "HCM",
            "upgrade_configs: [{ upgrade_type: connect-udp }, { upgrade_type: CONNECT-UDP }]",
            Bootstraps.HCM
                + ".upgrade_configs[0].upgrade_type: connect-udp (expected: another protocol; this one is not built)",
            Bootstraps.HCM
                + ".upgrade_configs[1].upgrade_type: CONNECT-UDP (expected: another protocol; this one is not built)"),
        bad(
            "HCM",
            "rds: { route_config_name: x, config_source: { ads: {} } }",
            Bootstraps.HCM
                + ".route_config: excludes rds, which is set too (expected: one of them)"),
        bad(
            "HCM",
            "access_log: [{ name: x, typed_config: { '@type': a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /x, format: '%NONSENSE%' } }]",
            Bootstraps.HCM
                + ".access_log[0].typed_config.format: %NONSENSE% (expected: a known command operator)"),
        bad(
            "HCM",
            "access_log: [{ name: x, typed_config: { '@type': a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog, log_format: { json_format: { a: { b: '%NONSENSE%' }, c: [1, '%NONSENSE%'] } } } }]",
            Bootstraps.HCM
                + ".access_log[0].typed_config.log_format.json_format.fields[\"a\"].fields[\"b\"]: %NONSENSE% (expected: a known command operator)",
            Bootstraps.HCM
                + ".access_log[0].typed_config.log_format.json_format.fields[\"c\"].values[1]: %NONSENSE% (expected: a known command operator)"),
        bad(
            "HCM",
            "access_log: [{ name: x, filter: { runtime_filter: { runtime_key: x } }, typed_config: { '@type': a/envoy.extensions.access_loggers.file.v3.FileAccessLog } }]",
            Bootstraps.HCM
                + ".access_log[0].filter.runtime_filter: is not supported and would change traffic (expected: not set; logging a share of the requests is not built)",
            Bootstraps.HCM + ".access_log[0].typed_config.path: '' (expected: a non-empty string)"),
        bad(
            "HCM",
            "access_log: [{ name: x, filter: { and_filter: { filters: [{ response_flag_filter: { flags: [XX] } }] } }, typed_config: { '@type': a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog } }, { name: y, filter: {}, typed_config: { '@type': a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog } }]",
            Bootstraps.HCM
                + ".access_log[0].filter.and_filter.filters[0].response_flag_filter.flags[0]: XX (expected: one of [LH, UH, UT, LR, UR, UF, UC, UO, NR, DI, FI, RL, UAEX, RLSE, DC, URX, SI, IH, DPE, UMSDR, RFCF, NFCF, DT, UPE, NC, OM, DF, DO, DR, UDO])",
            Bootstraps.HCM
                + ".access_log[0].filter.and_filter.filters: 1 entries (expected: at least 2)",
            Bootstraps.HCM
                + ".access_log[1].filter.filter_specifier: missing (expected: one of status_code_filter, duration_filter, not_health_check_filter, and_filter, or_filter, header_filter, response_flag_filter, grpc_status_filter, log_type_filter)"),
        bad(
            "HCM",
            "access_log: [{ name: x, typed_config: { '@type': a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: \"a\\0b\" } }]",
            Bootstraps.HCM
                + ".access_log[0].typed_config.path: 'a\0b' (expected: a path of this host)"),
        bad(
            "HCM",
            "access_log: [{ name: x }, { name: y, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } }]",
            Bootstraps.HCM
                + ".access_log[0].typed_config: missing (expected: the configuration of the access log)",
            Bootstraps.HCM
                + ".access_log[1].typed_config: envoy.extensions.filters.http.router.v3.Router (expected: a FileAccessLog, StdoutAccessLog or StderrAccessLog)"),
        bad(
            "HCM",
            "drain_timeout: 1s",
            Bootstraps.HCM
                + ".drain_timeout: is not supported and would change traffic (expected: not set; not built yet; --drain-time-s bounds the drain of the process)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { idle_timeout: -4s, weighted_clusters: { clusters: [{ name: service, weight: 1, request_headers_to_remove: [':path'] }] } } }",
            Bootstraps.ROUTE + ".route.idle_timeout: -4s (expected: 0s to 315360000s)",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters[0].request_headers_to_remove[0]: :path (expected: a header that a route may change; for the host use host_rewrite_literal, for the path prefix_rewrite)"),
        // The filter chain.
        bad(
            "FILTER",
            "- name: first\n  typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router }",
            Bootstraps.HCM + ".http_filters[0].name: first (expected: the router stands last)"),
        bad(
            "FILTER",
            "- name: router\n  typed_config: { '@type': a/handfast.transaction.v1.Transaction }",
            Bootstraps.HCM
                + ".http_filters[1].name: router (expected: a name of its own in the chain, for routes refer to it)"),
        bad(
            "FILTER",
            "- name: x\n  typed_config: { '@type': a/envoy.extensions.filters.http.lua.v3.Lua }",
            Bootstraps.HCM
                + ".http_filters[0].typed_config.@type: a/envoy.extensions.filters.http.lua.v3.Lua is not known here (expected: a type of docs/CONFIG.md)",
            Bootstraps.HCM
                + ".http_filters[0].typed_config: missing (expected: the configuration of the filter)"),
        bad(
            "FILTER",
            "- name: x\n  typed_config: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: {} } }",
            Bootstraps.HCM
                + ".http_filters[0].typed_config: envoy.extensions.upstreams.http.v3.HttpProtocolOptions is not an HTTP filter (expected: one of [envoy.extensions.filters.http.router.v3.Router, handfast.transaction.v1.Transaction])"),
        bad(
            "FILTER",
            "- name: x\n  typed_config: { '@type': a/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: x }",
            Bootstraps.HCM
                + ".http_filters[0].typed_config.token_bucket: missing (expected: a bucket; without, nothing is limited)",
            Bootstraps.HCM
                + ".http_filters[0].typed_config: envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit is not an HTTP filter (expected: one of [envoy.extensions.filters.http.router.v3.Router, handfast.transaction.v1.Transaction])"),
        bad(
            "FILTER",
            "- name: x\n  config_discovery: {}",
            Bootstraps.HCM
                + ".http_filters[0].config_discovery.config_source: missing (expected: it is required)",
            Bootstraps.HCM
                + ".http_filters[0].config_discovery.type_urls: 0 entries (expected: at least 1)"));
  }

  static Case bad(String mark, String text, String... errors) {
    return new Case(mark, text, List.of(errors));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldNameEveryFieldThatIsWrong(Case given) {
    assertRefused(given);
  }

  static void assertRefused(Case given) {
    // When
    Compiled<ConfigSnapshot> compiled =
        Bootstraps.validate(Bootstraps.with(given.mark(), given.text()));

    // Then
    assertThat(compiled.errors())
        .extracting(ConfigError::toString)
        .containsExactlyInAnyOrderElementsOf(given.errors());
    assertThat(compiled.snapshot()).isEmpty();
  }

  @Test
  void shouldHoldEnoughCasesEachWithAPath() {
    // Given
    List<Case> all = new ArrayList<>(cases());
    all.addAll(RefusedTlsConfigTest.cases());
    all.addAll(RefusedRouteConfigTest.cases());
    all.addAll(RefusedClusterConfigTest.cases());

    // Then
    assertThat(all).hasSizeGreaterThanOrEqualTo(60).doesNotHaveDuplicates();
    assertThat(all)
        .allSatisfy(each ->
            assertThat(each.errors())
                .isNotEmpty()
                .allMatch(error -> error.matches("(?s)([a-z_]+[.\\[:]|--config-yaml: line ).*")));
  }

  @Test
  void shouldRefuseResourcesThatClash() {
    // Given
    String yaml =
        """
        static_resources:
          listeners:
          - { name: a, address: &any { socket_address: { address: 0.0.0.0, port_value: 8080 } }, filter_chains: &chains [{ filters: [{ name: h, typed_config: { "@type": a/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: s, route_config: {}, http_filters: [{ name: r, typed_config: { "@type": a/envoy.extensions.filters.http.router.v3.Router } }] } }] }] }
          - { name: b, address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }, filter_chains: *chains }
          - { name: a, address: { socket_address: { address: 127.0.0.1, port_value: 99999 } }, filter_chains: *chains }
          - { name: c, filter_chains: [] }
          - { name: d, address: { socket_address: { address: 127.0.0.1, port_value: 0 } }, filter_chains: [{}] }
          clusters:
          - { name: "" , load_assignment: { cluster_name: x } }
          - { name: c, load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ endpoint: { address: &a { socket_address: { address: h, port_value: 1 } } } }] }] } }
          - { name: c, type: STRICT_DNS, load_assignment: { cluster_name: c, endpoints: [{ priority: 1, lb_endpoints: [{ endpoint: { address: *a, additional_addresses: [{ address: *a }] } }, { endpoint: { address: *a }, load_balancing_weight: 2 }, { endpoint: { address: { socket_address: { address: h, port_value: 0 } } }, health_status: UNHEALTHY }] }] } }
          - { name: d, type: STRICT_DNS }
        """;

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);

    // Then
    assertThat(compiled.errors())
        .extracting(ConfigError::toString)
        .containsExactlyInAnyOrder(
            "static_resources.listeners[1].address: 127.0.0.1:8080 (expected: an address of its own; static_resources.listeners[0] has 0.0.0.0:8080)",
            "static_resources.listeners[2].name: a (expected: a name of its own; static_resources.listeners[0] has it)",
            "static_resources.listeners[2].address.socket_address.port_value: 99999 (expected: <= 65535)",
            "static_resources.listeners[3].address.socket_address.address: missing (expected: a host)",
            "static_resources.listeners[3].filter_chains: [] (expected: at least one)",
            "static_resources.listeners[4].filter_chains[0].filters: [] (expected: at least a terminal one, such as the HTTP connection manager)",
            "static_resources.clusters[0].name: '' (expected: a non-empty string)",
            "static_resources.clusters[1].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: h (expected: an IP address; a name needs the cluster's type: STRICT_DNS)",
            "static_resources.clusters[2].name: c (expected: a name of its own; static_resources.clusters[1] has it)",
            "static_resources.clusters[2].load_assignment.endpoints[0].lb_endpoints[0].endpoint.additional_addresses[0]: is not supported for names (expected: a cluster of type STATIC)",
            "static_resources.clusters[2].load_assignment.endpoints[0].lb_endpoints[1].endpoint.address: h:1 (expected: each address once in a cluster)",
            "static_resources.clusters[2].load_assignment.endpoints[0].lb_endpoints[2].endpoint.address.socket_address.port_value: 0 (expected: 1 to 65535)",
            "static_resources.clusters[3].load_assignment: missing (expected: the endpoints of the cluster)");
  }
}
