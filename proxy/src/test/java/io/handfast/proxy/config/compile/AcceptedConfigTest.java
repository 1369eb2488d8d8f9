package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.CircuitBreakers;
import io.handfast.proxy.config.ClusterConfig.DiscoveryType;
import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import io.handfast.proxy.config.ClusterConfig.DnsOptions;
import io.handfast.proxy.config.ClusterConfig.Thresholds;
import io.handfast.proxy.config.ClusterConfig.UpstreamHttpOptions;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.Endpoint;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.FilterMetadata;
import io.handfast.proxy.config.Http1Options;
import io.handfast.proxy.config.Http2Options;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.ClientCertForwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.Forwarding;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HeaderLimits;
import io.handfast.proxy.config.HttpConnectionManagerConfig.HttpTimeouts;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.LocalityEndpoints;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.RouteAction.Forward;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.overload.OverloadConfig;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.xds.store.Compiled;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class AcceptedConfigTest {

  @Test
  void shouldGiveEveryDefaultWhenLittleIsSaid() {
    // When
    ConfigSnapshot snapshot = Bootstraps.accept(Bootstraps.BASE);

    // Then
    HttpConnectionManagerConfig http = Bootstraps.http(snapshot);
    assertThat(snapshot.admin()).isEqualTo(AdminConfig.DEFAULTS);
    assertThat(snapshot.listeners())
        .containsExactly(
            new ListenerConfig(
                "in",
                new NetworkAddress.Tcp("127.0.0.1", 8080),
                TrafficDirection.UNSPECIFIED,
                List.of(new FilterChainConfig(http)),
                snapshot.listeners().getFirst().source(),
                1 << 20));
    assertThat(http)
        .isEqualTo(HttpConnectionManagerConfig.of("in", http.routes(), http.httpFilters()));
    assertThat(http.routes().virtualHosts().getFirst().routes())
        .containsExactly(
            Route.of(RouteMatch.prefix("/"), new Forward("service", ForwardOptions.DEFAULTS)));
    assertThat(snapshot.clusters())
        .containsExactly(
            ClusterConfig.of(
                "service", 0, DiscoveryType.STATIC, List.of(Endpoint.of("127.0.0.1", 80))));
  }

  @Test
  void shouldBeginInPlainWhenTheClusterAsksForTlsAsPostgresqlDoes() {
    // When
    TlsConfig.Upstream tls =
        Bootstraps.accept(
                Bootstraps.with(
                    "CLUSTER",
                    """
                    transport_socket: { name: starttls, typed_config: {
                      "@type": a/envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig,
                      tls_socket_config: { sni: db.example, common_tls_context: {} } } }
                    """))
            .clusters()
            .getFirst()
            .tls()
            .orElseThrow();

    // Then
    assertThat(tls.startsPlain()).isTrue();
    assertThat(tls.sni()).isEqualTo("db.example");
    assertThat(tls.common().alpnProtocols()).containsExactly("postgresql");
  }

  @ParameterizedTest
  @CsvSource({
    "HTTP1, 'explicit_http_config: { http_protocol_options: {} }'",
    "HTTP2, 'explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 7 } }'",
    "DOWNSTREAM, 'use_downstream_protocol_config: { http2_protocol_options: { max_concurrent_streams: 7 } }'",
    "AUTO, 'auto_config: { http2_protocol_options: { max_concurrent_streams: 7 } }'"
  })
  void shouldSpeakWhatTheClusterSays(UpstreamProtocol protocol, String options) {
    // When
    UpstreamHttpOptions http =
        Bootstraps.accept(
                Bootstraps.with(
                    "CLUSTER",
                    """
                    transport_socket: { name: tls, typed_config: { "@type": a/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext } }
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions: { "@type": a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, OPTIONS }
                    """
                        .replace("OPTIONS", options)))
            .clusters()
            .getFirst()
            .http();

    // Then
    assertThat(http.protocol()).isEqualTo(protocol);
    assertThat(http.http2().maxConcurrentStreams())
        .isEqualTo(protocol == UpstreamProtocol.HTTP1 ? 1024 : 7);
  }

  @ParameterizedTest
  @EnumSource
  void shouldSpeakWhatTheListenerSays(CodecType codec) {
    // When
    ConfigSnapshot snapshot = Bootstraps.accept(Bootstraps.with("HCM", "codec_type: " + codec));

    // Then
    assertThat(Bootstraps.http(snapshot).codecType()).isEqualTo(codec);
  }

  @Test
  void shouldHonourEveryFieldOfAListenerAndItsConnectionManager() {
    // Given
    String yaml =
        Bootstraps.with(
            "HCM",
            """
            codec_type: HTTP1
            server_name: s
            max_request_headers_kb: 8
            common_http_protocol_options: { idle_timeout: 1s, max_headers_count: 7 }
            http_protocol_options: { allow_absolute_url: false, accept_http_10: true, default_host_for_http_10: h, enable_trailers: true }
            http2_protocol_options: { hpack_table_size: 1, max_concurrent_streams: 2, initial_stream_window_size: 65536, initial_connection_window_size: 65537, allow_connect: true, allow_metadata: false, max_outbound_frames: 5, max_outbound_control_frames: 6, max_consecutive_inbound_frames_with_empty_payload: 7, max_inbound_priority_frames_per_stream: 8, max_inbound_window_update_frames_per_data_frame_sent: 9, override_stream_error_on_invalid_http_message: true, connection_keepalive: { interval: 10s, timeout: 11s, interval_jitter: { value: 12 }, connection_idle_interval: 13s } }
            stream_idle_timeout: 2s
            delayed_close_timeout: 4s
            proxy_100_continue: true
            request_timeout: 3s
            request_headers_timeout: 0s
            use_remote_address: true
            generate_request_id: false
            preserve_external_request_id: true
            normalize_path: true
            merge_slashes: true
            access_log:
            - { name: a, typed_config: { "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /dev/stderr } }
            - { name: b, typed_config: { "@type": a/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /x, log_format: { text_format_source: { inline_string: "t" } } } }
            - { name: c, typed_config: { "@type": a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog, log_format: { json_format: { n: 1, b: true, m: { t: x } } } } }
            - { name: d, typed_config: { "@type": a/envoy.extensions.access_loggers.stream.v3.StderrAccessLog, log_format: { text_format: u } } }
            """,
            "LISTENER",
            """
            traffic_direction: INBOUND
            per_connection_buffer_limit_bytes: 9
            """);

    // When
    ConfigSnapshot snapshot = Bootstraps.accept(yaml);

    // Then
    ListenerConfig listener = snapshot.listeners().getFirst();
    HttpConnectionManagerConfig http = Bootstraps.http(snapshot);
    assertThat(listener)
        .isEqualTo(
            new ListenerConfig(
                "in",
                new NetworkAddress.Tcp("127.0.0.1", 8080),
                TrafficDirection.INBOUND,
                listener.filterChains(),
                listener.source(),
                9));
    assertThat(http)
        .isEqualTo(
            new HttpConnectionManagerConfig(
                "in",
                CodecType.HTTP1,
                http.routes(),
                http.httpFilters(),
                new HttpTimeouts(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    Duration.ZERO,
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4)),
                new HeaderLimits(8, 7),
                new Http1Options(false, true, "h", true),
                new Http2Options(
                    1,
                    2,
                    65_536,
                    65_537,
                    5,
                    6,
                    7,
                    8,
                    9,
                    true,
                    new Http2Options.Keepalive(
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(11),
                        12,
                        Duration.ofSeconds(13))),
                new Forwarding(true, 0, false, true, ClientCertForwarding.DEFAULTS),
                new PathOptions(true, true, EscapedSlashes.KEEP),
                "s",
                http.accessLogs()));
    assertThat(http.accessLogs())
        .containsExactly(
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stderr(),
                new AccessLogConfig.Format.Text(AccessLogConfig.DEFAULT_FORMAT)),
            new AccessLogConfig(
                new AccessLogConfig.Sink.File("/x"), new AccessLogConfig.Format.Text("t")),
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stdout(),
                new AccessLogConfig.Format.Json(
                    Map.of("n", 1.0, "b", true, "m", Map.of("t", "x")))),
            new AccessLogConfig(
                new AccessLogConfig.Sink.Stderr(), new AccessLogConfig.Format.Text("u")));
  }

  @Test
  void shouldHonourEveryFieldOfACluster() {
    // Given
    String yaml =
        Bootstraps.with(
                "CLUSTER",
                """
                type: STRICT_DNS
                connect_timeout: 0.25s
                per_connection_buffer_limit_bytes: 1024
                dns_refresh_rate: 7s
                dns_lookup_family: V4_PREFERRED
                upstream_bind_config: { source_address: { address: 127.0.0.6, port_value: 0 } }
                circuit_breakers: { thresholds: [{ priority: HIGH, max_connections: 9, track_remaining: true }, { max_connections: 1, max_pending_requests: 2, max_requests: 4294967295, max_retries: 4 }] }
                metadata: { filter_metadata: { handfast.transaction: { participant: true, trust: PLAINTEXT }, other: { x: 1 } } }
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": a/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    common_http_protocol_options: { idle_timeout: 9s, max_requests_per_connection: 5, max_connection_duration: 120s }
                    explicit_http_config: { http_protocol_options: { enable_trailers: true } }
                """)
            .replace(
                "- lb_endpoints:",
                "- locality: { region: r, zone: z, sub_zone: s }\n        lb_endpoints:")
            .replace("address: 127.0.0.1, port_value: 80 }", "address: db.local, port_value: 80 }");

    // When
    ClusterConfig cluster = Bootstraps.accept(yaml).clusters().getFirst();

    // Then
    ClusterPolicy policy =
        cluster.metadata().get("handfast.transaction", ClusterPolicy.class).orElseThrow();
    assertThat(policy.getParticipant()).isTrue();
    assertThat(cluster)
        .isEqualTo(
            new ClusterConfig(
                "service",
                0,
                DiscoveryType.STRICT_DNS,
                List.of(
                    new LocalityEndpoints(
                        new LocalityEndpoints.Locality("r", "z", "s"),
                        0,
                        0,
                        List.of(Endpoint.of("db.local", 80)))),
                LoadBalancing.DEFAULTS,
                Duration.ofMillis(250),
                new CircuitBreakers(
                    new Thresholds(1, 2, Integer.MAX_VALUE, 4, false),
                    new Thresholds(9, 1024, 1024, 3, true)),
                1024,
                new UpstreamHttpOptions(
                    Duration.ofSeconds(9),
                    Duration.ofMinutes(2),
                    5,
                    true,
                    UpstreamProtocol.HTTP1,
                    Http2Options.DEFAULTS),
                new DnsOptions(Duration.ofSeconds(7), DnsLookupFamily.V4_PREFERRED),
                new FilterMetadata(Map.of("handfast.transaction", policy)),
                Optional.empty(),
                Optional.of(new NetworkAddress.Tcp("127.0.0.6", 0))));
  }

  @Test
  void shouldHonourTheOverloadManager() {
    // Given
    String yaml =
        Bootstraps.with(
            "BOOTSTRAP",
            """
            overload_manager:
              refresh_interval: 0.25s
              resource_monitors:
              - { name: heap, typed_config: { "@type": a/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig, max_heap_size_bytes: 1000 } }
              - { name: connections, typed_config: { "@type": a/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig, max_active_downstream_connections: 7 } }
              actions:
              - { name: envoy.overload_actions.stop_accepting_requests, triggers: [{ name: heap, threshold: { value: 0.5 } }] }
            """);

    // When, Then
    assertThat(Bootstraps.accept(yaml).overload())
        .isEqualTo(
            new OverloadConfig(
                Duration.ofMillis(250),
                List.of(
                    new OverloadConfig.FixedHeap("heap", 1000),
                    new OverloadConfig.DownstreamConnections("connections", 7)),
                List.of(
                    new OverloadConfig.Action(
                        OverloadConfig.ActionKind.STOP_ACCEPTING_REQUESTS,
                        List.of(new OverloadConfig.Trigger("heap", 0.5))))));
  }

  @Test
  void shouldKnowEveryAddressOfAnEndpoint() {
    // Given
    String yaml =
        Bootstraps.with()
            .replace(
                "endpoint: { address:",
                "endpoint: { additional_addresses: [{ address: { socket_address: { address: \"::1\", port_value: 81 } } }], address:");

    // When
    ClusterConfig cluster = Bootstraps.accept(yaml).clusters().getFirst();

    // Then
    Endpoint endpoint = cluster.localities().getFirst().endpoints().getFirst();
    assertThat(endpoint.address()).isEqualTo(new NetworkAddress.Tcp("127.0.0.1", 80));
    assertThat(endpoint.additional()).containsExactly(new NetworkAddress.Tcp("::1", 81));
  }

  @Test
  void shouldHonourTheProcessAndListWhatOnlyObserves() {
    // Given
    String yaml =
        Bootstraps.with(
            "BOOTSTRAP",
            """
            node: { id: n, cluster: c, locality: { region: r, zone: z, sub_zone: s }, metadata: { a: 1 } }
            admin: { address: { socket_address: { address: 0.0.0.0, port_value: 9901 } }, access_log_path: /dev/null }
            stats_config: {}
            stats_flush_interval: 5s
            layered_runtime: { layers: [{ name: base, static_layer: { a: 1 } }, { name: admin, admin_layer: {} }] }
            cluster_manager: { local_cluster_name: c }
            """);

    // When
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);

    // Then
    assertThat(compiled.errors()).isEmpty();
    assertThat(compiled.snapshot().orElseThrow().admin())
        .isEqualTo(new AdminConfig(new NetworkAddress.Tcp("0.0.0.0", 9901)));
    assertThat(compiled.observed())
        .containsExactly(
            "admin.access_log_path",
            "cluster_manager.local_cluster_name",
            "layered_runtime.layers[0].static_layer",
            "layered_runtime.layers[1].admin_layer",
            "stats_config",
            "stats_flush_interval");
    assertThat(compiled.warnings())
        .containsExactly(
            "admin.address: 0.0.0.0:9901 can be reached from outside, and the administration server"
                + " asks nobody who he is (expected: a loopback address)");
  }
}
