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
            "overload_manager: { loadshed_points: [{ name: p }], resource_monitors: [{ name: c, typed_config: { '@type': a/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 5 } }, { name: h, typed_config: { '@type': a/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1 } }], actions: [{ name: envoy.overload_actions.shrink_heap, triggers: [{ name: h, threshold: { value: 2 } }] }, { name: envoy.overload_actions.stop_accepting_requests, triggers: [{ name: c, threshold: { value: 0.5 } }] }, { name: envoy.overload_actions.stop_accepting_requests }, { name: envoy.overload_actions.disable_http_keepalive, triggers: [{ name: h, scaled: { scaling_threshold: 0.5, saturation_threshold: 0.9 } }] }] }",
            "overload_manager.loadshed_points: is not supported and would change traffic (expected: not set; use actions)",
            "overload_manager.actions[0].name: envoy.overload_actions.shrink_heap (expected: one of envoy.overload_actions.disable_http_keepalive, envoy.overload_actions.stop_accepting_requests, envoy.overload_actions.reject_incoming_connections)",
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
                + ".http_filters[0].config_discovery.type_urls: 0 entries (expected: at least 1)"),
        // Route tables.
        bad(
            "TABLE",
            "typed_per_filter_config: { rooter: { '@type': a/handfast.transaction.v1.TransactionPerRoute } }",
            Bootstraps.HCM
                + ".route_config.typed_per_filter_config[\"rooter\"]: no filter of that name in http_filters (expected: one of [router]; did you mean 'router'?)"),
        bad(
            "HOST",
            "typed_per_filter_config: { router: { '@type': a/handfast.transaction.v1.TransactionPerRoute } }",
            Bootstraps.HOST
                + ".typed_per_filter_config[\"router\"]: handfast.transaction.v1.TransactionPerRoute (expected: nothing; this filter has no configuration per route)"),
        bad(
            "HOSTS",
            "- { name: all, domains: ['*', 'A.com', a.com, 'a*b', '', '**'] }",
            Bootstraps.HCM
                + ".route_config.virtual_hosts[1].name: all (expected: a name of its own; "
                + Bootstraps.HOST
                + " has it)",
            Bootstraps.HCM
                + ".route_config.virtual_hosts[1].domains[0]: * (expected: each domain once in a route table; "
                + Bootstraps.HOST
                + ".domains[0] has it)",
            Bootstraps.HOST
                + ".domains[2]: a.com (expected: each domain once in a route table; "
                + Bootstraps.HOST
                + ".domains[1] has it)",
            Bootstraps.HOST + ".domains[3]: 'a*b' (expected: a host, *.host, host.* or *)",
            Bootstraps.HOST + ".domains[4]: '' (expected: a host, *.host, host.* or *)",
            Bootstraps.HOST + ".domains[5]: '**' (expected: a host, *.host, host.* or *)"),
        bad(
            "HOST",
            "require_tls: ALL",
            Bootstraps.HOST
                + ".require_tls: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, max_stream_duration: { grpc_timeout_header_max: -1s, max_stream_duration: -2s } } }",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.grpc_timeout_header_max: -1s (expected: 0s to 315360000s)",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.max_stream_duration: -2s (expected: 0s to 315360000s)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, max_stream_duration: { grpc_timeout_header_offset: 1s } } }",
            Bootstraps.ROUTE
                + ".route.max_stream_duration.grpc_timeout_header_offset: without grpc_timeout_header_max (expected: both; 0s is no maximum)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, grpc_timeout_offset: 1s } }",
            Bootstraps.ROUTE
                + ".route.grpc_timeout_offset: without max_grpc_timeout (expected: both, or max_stream_duration)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, upgrade_configs: [{ upgrade_type: websocket, connect_config: {} }, { upgrade_type: CONNECT, connect_config: { allow_post: true, proxy_protocol_config: {} } }] } }",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[0].connect_config: set with upgrade_type websocket (expected: CONNECT)",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[1].connect_config.allow_post: true (expected: one of [false]; a POST is no CONNECT)",
            Bootstraps.ROUTE
                + ".route.upgrade_configs[1].connect_config.proxy_protocol_config: is not supported and would change traffic (expected: not set; the PROXY protocol is not built yet)"),
        bad(
            "ROUTE",
            "- { match: {}, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.path_specifier: missing (expected: one of prefix, path, safe_regex, connect_matcher, path_separated_prefix)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / } }",
            Bootstraps.ROUTE
                + ".action: missing (expected: one of route, redirect, direct_response)"),
        bad(
            "ROUTE",
            "- { match: { safe_regex: { regex: '(' } }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.safe_regex.regex: ( (expected: RE2 syntax: missing closing ))"),
        bad(
            "ROUTE",
            "- { match: { path_separated_prefix: /a/ }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.path_separated_prefix: /a/ (expected: it starts with '/' and does not end with one)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, headers: [{ name: x, range_match: { start: 2, end: 2 } }, { name: '' }] }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.headers[0].range_match: [2, 2) (expected: start less than end)",
            Bootstraps.ROUTE + ".match.headers[1].name: '' (expected: a non-empty string)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, tls_context: {} }, route: { cluster: service } }",
            Bootstraps.ROUTE
                + ".match.tls_context: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: /, runtime_fraction: { default_value: { numerator: 1 }, runtime_key: 3 } }, route: { cluster: service, auto_host_rewrite: true } }",
            Bootstraps.ROUTE + ".route.auto_host_rewrite: true (expected: one of [false])"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, prefix_rewrite: /a, regex_rewrite: { pattern: { regex: (a) }, substitution: '\\2' } } }",
            Bootstraps.ROUTE
                + ".route.regex_rewrite: excludes prefix_rewrite, which is set too (expected: one of them)",
            Bootstraps.ROUTE
                + ".route.regex_rewrite.substitution: \\2 (expected: after a backslash the number of a group of the regex, up to 1, or another backslash)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, redirect: { regex_rewrite: { pattern: { regex: '(' }, substitution: x } } }",
            Bootstraps.ROUTE
                + ".redirect.regex_rewrite.pattern.regex: ( (expected: RE2 syntax: missing closing ))"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: servise } }",
            Bootstraps.ROUTE
                + ".route.cluster: servise (expected: a cluster of this configuration; did you mean 'service'?)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster_specifier_plugin: x } }",
            Bootstraps.ROUTE
                + ".route.cluster_specifier_plugin: is not supported and would change traffic (expected: not set)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: service, weight: 0 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters: weight sum 0 (expected: 1 to 4294967295)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { clusters: [{ name: service, weight: 4294967295 }, { name: service, weight: 1 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters: weight sum 4294967296 (expected: 1 to 4294967295)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { weighted_clusters: { total_weight: 9, clusters: [{ name: service, weight: 3 }, { weight: 1 }, { name: x, weight: 1 }] } } }",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters[1].name: missing (expected: the name of a cluster)",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.clusters[2].name: x (expected: a cluster of this configuration)",
            Bootstraps.ROUTE
                + ".route.weighted_clusters.total_weight: 9 (expected: the sum of the weights, 4)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service, retry_policy: { retry_on: 'connect-failure,5xx' } } }",
            Bootstraps.ROUTE
                + ".route.retry_policy.retry_on: connect-failure,5xx (expected: connect-failure; other conditions are not built yet)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, direct_response: { status: 99 } }",
            Bootstraps.ROUTE + ".direct_response.status: 99 (expected: >= 200)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: '"
                + "x".repeat(4097)
                + "' } } }",
            Bootstraps.ROUTE
                + ".direct_response.body: larger than 4096 bytes (expected: less; max_direct_response_body_size_bytes of the table sets the limit)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, redirect: { port_redirect: 70000 } }",
            Bootstraps.ROUTE + ".redirect.port_redirect: 70000 (expected: 0 to 65535)"),
        bad(
            "ROUTE",
            "- { match: { prefix: / }, route: { cluster: service }, request_headers_to_remove: [Host], request_headers_to_add: [{ header: { key: a b, value: x } }, { header: { key: a, value: '%NONSENSE%' } }] }",
            Bootstraps.ROUTE
                + ".request_headers_to_remove[0]: Host (expected: a header that a route may change; for the host use host_rewrite_literal, for the path prefix_rewrite)",
            Bootstraps.ROUTE
                + ".request_headers_to_add[0].header.key: 'a b' (expected: a header name)",
            Bootstraps.ROUTE
                + ".request_headers_to_add[1].header.value: %NONSENSE% (expected: a known command operator)"),
        // Clusters.
        bad(
            "CLUSTER",
            "typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, common_http_protocol_options: { max_headers_count: 3 }, explicit_http_config: { http_protocol_options: { accept_http_10: true } } } }",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"].common_http_protocol_options.max_headers_count: is not supported in a cluster (expected: not set)",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"envoy.extensions.upstreams.http.v3.HttpProtocolOptions\"].explicit_http_config.http_protocol_options.accept_http_10: is not supported in a cluster (expected: not set)"),
        bad(
            "CLUSTER",
            "upstream_bind_config: { source_address: { address: here.local, port_value: 0 }, freebind: true }",
            Bootstraps.CLUSTER
                + ".upstream_bind_config.freebind: true (expected: one of [false]; binding to an address that this machine has not is not built)",
            Bootstraps.CLUSTER
                + ".upstream_bind_config.source_address.address: here.local (expected: an IP address to bind, such as 127.0.0.1 or 0.0.0.0)"),
        bad(
            "CLUSTER",
            "type: EDS",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; a control plane brings them, as the type says)",
            Bootstraps.CLUSTER
                + ".eds_cluster_config.eds_config: missing (expected: where the endpoints come from, such as ads: {})"),
        bad(
            "CLUSTER",
            "type: ORIGINAL_DST",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; clients bring them, as the type says)",
            Bootstraps.CLUSTER
                + ".lb_policy: ROUND_ROBIN (expected: CLUSTER_PROVIDED, for ORIGINAL_DST)"),
        bad(
            "CLUSTER",
            "lb_policy: CLUSTER_PROVIDED",
            Bootstraps.CLUSTER
                + ".lb_policy: CLUSTER_PROVIDED (expected: another; only the type ORIGINAL_DST provides one)"),
        bad(
            "CLUSTER",
            "type: ORIGINAL_DST\nlb_policy: CLUSTER_PROVIDED\ncleanup_interval: 0s\noriginal_dst_lb_config: { upstream_port_override: 0, metadata_key: { key: k, path: [{ key: p }] } }",
            Bootstraps.CLUSTER
                + ".original_dst_lb_config.metadata_key: is not supported and would change traffic (expected: not set; an address in metadata is not built)",
            Bootstraps.CLUSTER + ".cleanup_interval: 0s (expected: > 0s)",
            Bootstraps.CLUSTER
                + ".load_assignment: endpoints (expected: not set; clients bring them, as the type says)",
            Bootstraps.CLUSTER
                + ".original_dst_lb_config.upstream_port_override: 0 (expected: 1 to 65535)"),
        bad(
            "CLUSTER",
            "lb_policy: MAGLEV",
            Bootstraps.CLUSTER
                + ".lb_policy: MAGLEV (expected: one of [ROUND_ROBIN, LEAST_REQUEST, RANDOM, CLUSTER_PROVIDED, LOAD_BALANCING_POLICY_CONFIG]; other load balancers are not built yet)"),
        bad(
            "CLUSTER",
            "lb_policy: LOAD_BALANCING_POLICY_CONFIG",
            Bootstraps.CLUSTER
                + ".load_balancing_policy: missing (expected: set, as lb_policy says that it is)"),
        bad(
            "CLUSTER",
            "load_balancing_policy: { policies: [{ typed_extension_config: { name: x, typed_config: { '@type': a/envoy.extensions.filters.http.router.v3.Router } } }] }",
            Bootstraps.CLUSTER
                + ".load_balancing_policy.policies[0].typed_extension_config.typed_config: envoy.extensions.filters.http.router.v3.Router (expected: a RoundRobin, Random or LeastRequest)"),
        bad(
            "CLUSTER",
            "least_request_lb_config: { choice_count: 1 }",
            Bootstraps.CLUSTER + ".least_request_lb_config.choice_count: 1 (expected: >= 2)"),
        bad(
            "CLUSTER",
            "common_lb_config: { healthy_panic_threshold: { value: 101 }, zone_aware_lb_config: {} }",
            Bootstraps.CLUSTER
                + ".common_lb_config.zone_aware_lb_config: is not supported and would change traffic (expected: not set; zone awareness is not built; without local_cluster_name Envoy has none either)",
            Bootstraps.CLUSTER
                + ".common_lb_config.healthy_panic_threshold.value: 101.0 (expected: <= 100.0)"),
        bad(
            "CLUSTER",
            "round_robin_lb_config: { slow_start_config: {} }",
            Bootstraps.CLUSTER
                + ".round_robin_lb_config.slow_start_config: is not supported and would change traffic (expected: not set; slow start is not built yet)"),
        bad(
            "CLUSTER",
            "connect_timeout: 0s",
            Bootstraps.CLUSTER + ".connect_timeout: 0s (expected: > 0s)"),
        bad(
            "CLUSTER",
            "outlier_detection: {}",
            Bootstraps.CLUSTER
                + ".outlier_detection: is not supported and would change traffic (expected: not set; outlier detection is not built yet)"),
        bad(
            "CLUSTER",
            "circuit_breakers: { thresholds: [{ max_requests: 1 }, { priority: HIGH }, { retry_budget: {} }] }",
            Bootstraps.CLUSTER
                + ".circuit_breakers.thresholds[2].retry_budget: is not supported and would change traffic (expected: not set)",
            Bootstraps.CLUSTER
                + ".circuit_breakers.thresholds[2]: a second entry of priority DEFAULT (expected: one)"),
        bad(
            "CLUSTER",
            "typed_extension_protocol_options: { x: { '@type': a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http3_protocol_options: {} } } }",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"x\"].explicit_http_config.http3_protocol_options: is not supported and would change traffic (expected: not set)",
            Bootstraps.CLUSTER
                + ".typed_extension_protocol_options[\"x\"]: is not supported (expected: envoy.extensions.upstreams.http.v3.HttpProtocolOptions)"),
        bad(
            "CLUSTER",
            "metadata: { filter_metadata: { handfast.transaction: { participent: true } } }",
            Bootstraps.CLUSTER
                + ".metadata.filter_metadata[\"handfast.transaction\"].participent: unknown field (expected: a field of handfast.transaction.v1.ClusterPolicy; did you mean 'participant'?)"),
        bad(
            "CLUSTER",
            "metadata: { typed_filter_metadata: { handfast.transaction: { '@type': a/handfast.transaction.v1.Transaction } } }",
            Bootstraps.CLUSTER
                + ".metadata.typed_filter_metadata[\"handfast.transaction\"]: a/handfast.transaction.v1.Transaction (expected: handfast.transaction.v1.ClusterPolicy)"));
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
