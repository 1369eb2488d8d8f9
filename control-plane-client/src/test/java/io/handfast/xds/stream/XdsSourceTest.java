package io.handfast.xds.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource.ApiType;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService.GoogleGrpc;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import org.junit.jupiter.api.Test;

final class XdsSourceTest {

  private final ConfigErrors errors = new ConfigErrors();

  @Test
  void shouldNameEverythingThatIsWrong() {
    // Given
    ApiConfigSource.Builder source = ApiConfigSource.newBuilder().setApiType(ApiType.REST);
    source.addGrpcServicesBuilder();
    source.addGrpcServicesBuilder().getEnvoyGrpcBuilder().setClusterName("nowhere");
    GoogleGrpc.Builder target = source.addGrpcServicesBuilder().getGoogleGrpcBuilder();
    target.setTargetUri("h:1").setCredentialsFactoryName("x");
    target
        .getChannelArgsBuilder()
        .putArgs(
            "grpc.keepalive_time_ms",
            GoogleGrpc.ChannelArgs.Value.newBuilder().setIntValue(0).build());
    target
        .getChannelCredentialsBuilder()
        .getSslCredentialsBuilder()
        .getPrivateKeyBuilder()
        .setFilename("/no/key");
    source.getGrpcServicesBuilder(2).addInitialMetadata(HeaderValue.newBuilder().setKey("bad key"));

    // When
    assertThat(XdsSource.aggregated(source.build(), "ads_config", ClusterChannels.NONE, errors))
        .isEmpty();

    // Then
    assertThat(errors.list())
        .extracting(ConfigError::toString)
        .containsExactly(
            "ads_config.transport_api_version: AUTO (expected: V3)",
            "ads_config.api_type: REST (expected: GRPC, DELTA_GRPC, AGGREGATED_GRPC or"
                + " AGGREGATED_DELTA_GRPC)",
            "ads_config.grpc_services[0]: no target (expected: envoy_grpc or google_grpc)",
            "ads_config.grpc_services[1].envoy_grpc.cluster_name: nowhere (expected: a cluster of"
                + " static_resources that has endpoints)",
            "ads_config.grpc_services[2].initial_metadata[0].key: bad key (expected: a name of gRPC"
                + " metadata)",
            "ads_config.grpc_services[2].google_grpc.credentials_factory_name: is not supported"
                + " (expected: not set)",
            "ads_config.grpc_services[2].google_grpc.channel_args.args[\"grpc.keepalive_time_ms\"]"
                + ".int_value: 0 (expected: > 0 milliseconds)",
            "ads_config.grpc_services[2].google_grpc.channel_credentials.ssl_credentials.cert_chain:"
                + " missing (expected: private_key and cert_chain, or neither)");
  }

  @Test
  void shouldRefuseCertificatesThatCannotBeRead() {
    // Given
    ApiConfigSource.Builder source =
        ApiConfigSource.newBuilder()
            .setApiType(ApiType.DELTA_GRPC)
            .setTransportApiVersion(ApiVersion.V3);
    source
        .addGrpcServicesBuilder()
        .getGoogleGrpcBuilder()
        .setTargetUri("h:1")
        .getChannelCredentialsBuilder()
        .getSslCredentialsBuilder()
        .getRootCertsBuilder()
        .setFilename("/no/such/file");

    // When
    assertThat(XdsSource.aggregated(source.build(), "a", ClusterChannels.NONE, errors)).isEmpty();

    // Then
    assertThat(errors.list())
        .containsExactly(
            new ConfigError(
                "a.grpc_services[0].google_grpc.channel_credentials.ssl_credentials.root_certs"
                    + ".filename",
                "/no/such/file (expected: a file that can be read)"));
  }

  @Test
  void shouldCarryOneTypeUnlessAggregated() {
    // Given
    ApiConfigSource.Builder source =
        ApiConfigSource.newBuilder().setApiType(ApiType.GRPC).setTransportApiVersion(ApiVersion.V3);
    source.addGrpcServicesBuilder().getGoogleGrpcBuilder().setTargetUri("h:1");

    // When
    XdsSource own =
        XdsSource.ofType(
                source.build(), ResourceType.SECRET, "sds_config", ClusterChannels.NONE, errors)
            .orElseThrow();
    XdsSource all =
        XdsSource.aggregated(source.build(), "ads_config", ClusterChannels.NONE, errors)
            .orElseThrow();

    // Then
    assertThat(own.types()).isEqualTo(List.of(ResourceType.SECRET));
    assertThat(own.delta()).isFalse();
    assertThat(all.types()).isEqualTo(ResourceType.ALL);
    assertThat(all.servers()).extracting(XdsClient.Server::name).containsExactly("h:1");
  }

  @Test
  void shouldKnowAServiceOfEachType() {
    assertThat(ResourceType.ALL)
        .allSatisfy(type -> {
          assertThat(DiscoveryMethods.of(type).delta().getFullMethodName()).contains("/Delta");
          assertThat(DiscoveryMethods.of(type).sotw().getFullMethodName()).contains("/Stream");
        });
  }
}
