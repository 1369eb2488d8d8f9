package io.handfast.xds.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.metrics.v3.StatsMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.TypeRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TreeMergerTest {

  private static final TypeRegistry TYPES =
      TypeRegistry.of(
          List.of(
              SocketAddress.getDefaultInstance(),
              com.google.protobuf.Duration.getDefaultInstance()));

  private final ConfigErrors errors = new ConfigErrors();

  @Test
  void shouldReadEveryKindOfFieldWhenWrittenAsProtobufsJson() throws Exception {
    // Given
    String yaml =
        """
        node: { id: 7, metadata: { a: [1, true, ~, x, { b: 0.5 }] } }
        statsFlushInterval: 0.250s
        stats_server_version_override: 18446744073709551615
        enable_dispatcher_stats: true
        node_context_params: [one, "2"]
        static_resources:
          clusters:
          - { name: c, type: STRICT_DNS, dns_lookup_family: 2, connect_timeout: 1.5s, max_requests_per_connection: 3,
              metadata: { filter_metadata: { k: { v: 1 } } } }
        bootstrap_extensions:
        - name: n
          typed_config: { "@type": type.googleapis.com/envoy.config.core.v3.SocketAddress, port_value: 80 }
        - typed_config: { "@type": a/google.protobuf.Duration, value: 3s }
        """;

    // When
    Bootstrap bootstrap = merge(yaml);

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(bootstrap.getNode().getId()).isEqualTo("7");
    assertThat(
            bootstrap.getNode().getMetadata().getFieldsOrThrow("a").getListValue().getValuesList())
        .hasSize(5);
    assertThat(bootstrap.getStatsFlushInterval()).isEqualTo(Durations.fromMillis(250));
    assertThat(bootstrap.getStatsServerVersionOverride().getValue()).isEqualTo(-1L);
    assertThat(bootstrap.getEnableDispatcherStats()).isTrue();
    assertThat(bootstrap.getNodeContextParamsList()).containsExactly("one", "2");
    assertThat(bootstrap.getStaticResources().getClusters(0).getConnectTimeout())
        .isEqualTo(Durations.fromMillis(1500));
    assertThat(bootstrap.getStaticResources().getClusters(0).getMetadata().getFilterMetadataMap())
        .containsKey("k");
    assertThat(bootstrap.getStaticResources().getClusters(0).getDnsLookupFamily().getNumber())
        .isEqualTo(2);
    assertThat(unpack(bootstrap.getBootstrapExtensions(0).getTypedConfig(), SocketAddress.class))
        .isEqualTo(SocketAddress.newBuilder().setPortValue(80).build());
    assertThat(
            unpack(
                bootstrap.getBootstrapExtensions(1).getTypedConfig(),
                com.google.protobuf.Duration.class))
        .isEqualTo(Durations.fromSeconds(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "private_key: { inline_bytes: KEY }",
        "private_key: KEY",
        "private_key: { watched_directory: KEY }",
        "certificate_chain: { inline_bytes: KEY }",
        "{ certificate_chain: KEY }",
        "password: { inline_bytes: !!str KEY }",
      })
  void shouldNotRepeatAPrivateKeyWhenItStandsInTheWrongField(String certificate) throws Exception {
    // Given
    String key = "-----BEGIN PRIVATE KEY-----\\nMIGHAgEAMBMGByqGSM49AgEGCCq\\n-----END-----\\n";
    String yaml = certificate.replace("KEY", '"' + key + '"');
    Tree tree = YamlReader.read(yaml, 10_000).orElseThrow();

    // When
    new TreeMerger(TYPES, errors).merge(tree, TlsCertificate.newBuilder(), "");

    // Then
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> assertThat(error.toString()).doesNotContain("MIGH"));
    if (!certificate.contains("certificate_chain")) {
      assertThat(errors.list().getFirst().problem())
          .startsWith("a text of " + key.translateEscapes().length() + " characters (");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nod: {}|nod: unknown field (expected: a field of envoy.config.bootstrap.v3.Bootstrap; did you mean 'node'?)",
        "xyzzy: {}|xyzzy: unknown field (expected: a field of envoy.config.bootstrap.v3.Bootstrap)",
        "node: { 'ID': x }|node.ID: unknown field (expected: a field of envoy.config.core.v3.Node; did you mean 'id'?)",
        "node: 7|node: 7 (expected: a mapping with fields of envoy.config.core.v3.Node)",
        "node: { id: [a] }|node.id: a list (expected: a string)",
        "node: { metadata: 1 }|node.metadata: 1 (expected: a mapping)",
        "node_context_params: a|node_context_params: 'a' (expected: a list)",
        "node_context_params: [a, ~]|node_context_params[1]: null (expected: a string)",
        "enable_dispatcher_stats: yes|enable_dispatcher_stats: 'yes' (expected: true or false)",
        "stats_flush_interval: 5|stats_flush_interval: 5 (expected: a duration in seconds such as '5s' or '0.250s')",
        "stats_flush_interval: 5m|stats_flush_interval: '5m' (expected: a duration in seconds such as '5s' or '0.250s')",
        "stats_server_version_override: -1|stats_server_version_override: -1 (expected: an integer from 0 to 18446744073709551615)",
        "stats_server_version_override: 1e999999999|stats_server_version_override: 1e999999999 (expected: an integer from 0 to 18446744073709551615)",
        "stats_server_version_override: 1.5|stats_server_version_override: 1.5 (expected: an integer from 0 to 18446744073709551615)",
        "stats_flush_interval: 1s\\nstatsFlushInterval: 2s|stats_flush_interval: given twice, in snake and in camel case (expected: once)",
        "static_resources: { clusters: [{ type: STRICT_DN }] }|static_resources.clusters[0].type: 'STRICT_DN' (expected: one of [STATIC, STRICT_DNS, LOGICAL_DNS, EDS, ORIGINAL_DST]; did you mean 'STRICT_DNS'?)",
        "static_resources: { clusters: [{ type: EDS, cluster_type: {} }] }|static_resources.clusters[0].cluster_type: excludes type, which is set too (expected: one of them)",
        "static_resources: { clusters: [{ metadata: { filter_metadata: { k: 1 } } }] }|static_resources.clusters[0].metadata.filter_metadata[\"k\"]: 1 (expected: a mapping)",
        "bootstrap_extensions: [{ typed_config: {} }]|bootstrap_extensions[0].typed_config.@type: missing (expected: the type URL of a message, such as type.googleapis.com/package.Message)",
        "bootstrap_extensions: [{ typed_config: 1 }]|bootstrap_extensions[0].typed_config: 1 (expected: a mapping with '@type' and the fields of that message)",
        "bootstrap_extensions: [{ typed_config: { '@type': envoy.config.core.v3.SocketAdress } }]|bootstrap_extensions[0].typed_config.@type: envoy.config.core.v3.SocketAdress is not known here (expected: a type of docs/CONFIG.md; did you mean 'envoy.config.core.v3.SocketAddress'?)",
        "bootstrap_extensions: [{ typed_config: { '@type': x/google.protobuf.Duration } }]|bootstrap_extensions[0].typed_config.value: missing (expected: '@type' and 'value', for google.protobuf.Duration is not written as a mapping)",
        "[]|a list (expected: a mapping with fields of envoy.config.bootstrap.v3.Bootstrap)"
      })
  void shouldNameTheFieldWhenItDoesNotFit(String yaml, String expected) throws Exception {
    // When
    merge(yaml.replace("\\n", "\n"));

    // Then
    assertThat(errors.list()).extracting(ConfigError::toString).containsExactly(expected);
  }

  @Test
  void shouldTellAllErrorsWhenThereAreSeveral() throws Exception {
    // When
    merge("{ nod: 1, stats_flush_interval: x, enable_dispatcher_stats: 3, node: { id: ok } }");

    // Then
    assertThat(errors.list())
        .extracting(ConfigError::path)
        .containsExactly("nod", "stats_flush_interval", "enable_dispatcher_stats");
  }

  @Test
  void shouldAgreeWithTheUntypedFormWhenReadBack() {
    // Given
    StatsMatcher.Builder typed = StatsMatcher.newBuilder();
    com.google.protobuf.Struct untyped =
        com.google.protobuf.Struct.newBuilder()
            .putFields(
                "reject_all", com.google.protobuf.Value.newBuilder().setBoolValue(true).build())
            .build();

    // When
    new TreeMerger(TYPES, errors).merge(Trees.of(untyped), typed, "here");

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(typed.getRejectAll()).isTrue();
  }

  private Bootstrap merge(String yaml) throws InvalidConfigException {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    new TreeMerger(TYPES, errors).merge(YamlReader.read(yaml, 10_000).orElseThrow(), bootstrap, "");
    return bootstrap.build();
  }

  private static <M extends Message> M unpack(Any any, Class<M> type)
      throws InvalidProtocolBufferException {
    return any.unpack(type);
  }
}
