package io.handfast.xds.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.text.TreeMerger;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TypedStructTest {

  private static final TypeRegistry TYPES =
      TypeRegistry.of(
              List.of(
                  HttpConnectionManager.getDefaultInstance(),
                  DownstreamTlsContext.getDefaultInstance()))
          .reading(TreeMerger::read);

  @Test
  void shouldFindWhatAStructNamesM1() {
    // Given
    Listener.Builder listener = Listener.newBuilder();
    var chain = listener.addFilterChainsBuilder();
    chain
        .addFiltersBuilder()
        .setTypedConfig(
            xds(
                HttpConnectionManager.getDefaultInstance(),
                """
                { "rds": { "route_config_name": "r", "config_source": { "ads": {} } },
                  "http_filters": [ { "name": "f", "config_discovery": { "config_source": { "self": {} } } } ] }
                """));
    chain
        .getTransportSocketBuilder()
        .setTypedConfig(
            udpa(
                DownstreamTlsContext.getDefaultInstance(),
                """
                { "commonTlsContext": { "tlsCertificateSdsSecretConfigs": [ { "name": "s", "sdsConfig": { "ads": {} } } ] } }
                """));

    // When
    References found = References.of(listener.build(), TYPES);

    // Then
    assertThat(found.children())
        .extracting(each -> each.target().toString())
        .containsExactlyInAnyOrder("routes[r]", "extension_configs[f]", "secrets[s]");
  }

  @Test
  void shouldFindClustersOfRoutesWithinAStructM1() {
    // Given
    Any manager =
        xds(
            HttpConnectionManager.getDefaultInstance(),
            """
            { "route_config": { "virtual_hosts": [ { "routes": [ { "route": { "cluster": "c" } } ] } ] } }
            """);
    Listener.Builder listener = Listener.newBuilder();
    listener.addFilterChainsBuilder().addFiltersBuilder().setTypedConfig(manager);

    // When, Then
    assertThat(References.of(listener.build(), TYPES).clusters()).containsExactly("c");
  }

  @Test
  void shouldNameThePathInsideOfAStructM1() {
    // Given
    ConfigErrors errors = new ConfigErrors();
    Any manager = xds(HttpConnectionManager.getDefaultInstance(), "{ \"stat_prefx\": \"x\" }");

    // When
    assertThat(TYPES.unpack(manager, "filters[0].typed_config", errors)).isEmpty();

    // Then
    assertThat(errors.list())
        .extracting(Object::toString)
        .hasSize(1)
        .first()
        .asString()
        .startsWith("filters[0].typed_config.stat_prefx: unknown field");
    assertThat(TYPES.typeUrlIn(manager)).endsWith("HttpConnectionManager");
  }

  @Test
  void shouldRefuseAStructWithinAStructAndGarbageM1() {
    // Given
    ConfigErrors errors = new ConfigErrors();
    Any twice = xds(com.github.xds.type.v3.TypedStruct.getDefaultInstance(), "{}");
    Any garbage =
        twice.toBuilder()
            .setValue(com.google.protobuf.ByteString.copyFrom(new byte[] {(byte) 0xff}))
            .build();

    // When, Then
    assertThat(TYPES.unpack(twice, "a", errors)).isEmpty();
    assertThat(TYPES.unpack(garbage, "b", errors)).isEmpty();
    assertThat(errors.list())
        .extracting(Object::toString)
        .satisfiesExactly(
            first -> assertThat(first).startsWith("a.type_url: "),
            second -> assertThat(second).contains("a valid encoding of that message"));
  }

  private static Any xds(Message type, String json) {
    return Any.pack(
        com.github.xds.type.v3.TypedStruct.newBuilder()
            .setTypeUrl(Any.pack(type).getTypeUrl())
            .setValue(struct(json))
            .build());
  }

  private static Any udpa(Message type, String json) {
    return Any.pack(
        com.github.udpa.udpa.type.v1.TypedStruct.newBuilder()
            .setTypeUrl(Any.pack(type).getTypeUrl())
            .setValue(struct(json))
            .build());
  }

  private static Struct struct(String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
    return struct.build();
  }
}
