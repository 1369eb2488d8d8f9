package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.xds.bootstrap.BootstrapLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every configuration of an extension may come as a struct, at every depth. */
final class TypedStructConfigTest {

  private final ConfigLoader loader = new ConfigLoader(TestExtensions.extensions());
  private final TypeRegistry types = loader.types();
  private int structs;

  @ParameterizedTest
  @ValueSource(strings = {"transfers", "bank-a", "bank-b", "audit"})
  void shouldMeanTheSameWhenEveryAnyIsATypedStructM1(String service) {
    // Given
    ConfigErrors errors = new ConfigErrors();
    Bootstrap plain =
        new BootstrapLoader(types)
            .load(
                BootstrapSource.ofFile(Path.of("../examples/bank/mesh/" + service + ".yaml")),
                errors);
    assertThat(errors.list()).isEmpty();
    ConfigSnapshot expected = compile(plain).snapshot().orElseThrow();

    // When
    Compiled<ConfigSnapshot> compiled = compile((Bootstrap) structured(plain));

    // Then
    assertThat(structs).isGreaterThan(10);
    assertThat(compiled.errors()).isEmpty();
    ConfigSnapshot snapshot = compiled.snapshot().orElseThrow();
    assertThat(chains(snapshot)).isEqualTo(chains(expected));
    assertThat(snapshot.clusters()).isEqualTo(expected.clusters());
  }

  @Test
  void shouldReadThemFromAFileAndNameThePathInsideM1() {
    // When
    Compiled<ConfigSnapshot> compiled =
        loader.validate(
            BootstrapSource.ofYaml(
                """
                admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
                static_resources:
                  listeners:
                  - name: in
                    address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
                    filter_chains:
                    - filters:
                      - name: http
                        typed_config:
                          "@type": type.googleapis.com/xds.type.v3.TypedStruct
                          type_url: type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          value:
                            stat_prefix: in
                            server_nam: x
                            codec_type: HTTP9
                            route_config: { virtual_hosts: [] }
                            http_filters:
                            - name: router
                              typed_config:
                                "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                                type_url: envoy.extensions.filters.http.router.v3.Router
                                value: { dynamic_stat: true }
                      - name: none
                        typed_config: { "@type": type.googleapis.com/xds.type.v3.TypedStruct, value: {} }
                      - name: unknown
                        typed_config: { "@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: a.b/C, value: {} }
                """));

    // Then
    String filters = "static_resources.listeners[0].filter_chains[0].filters";
    assertThat(compiled.errors())
        .extracting(Object::toString)
        .anyMatch(text -> text.startsWith(filters + "[0].typed_config.server_nam: unknown field"))
        .anyMatch(text ->
            text.startsWith(filters + "[0].typed_config.codec_type: 'HTTP9' (expected: one of"))
        .anyMatch(
            text -> text.startsWith(filters + "[1].typed_config.type_url: missing (expected: "))
        .anyMatch(text -> text.startsWith(filters + "[2].typed_config: a.b/C is not known here"));
  }

  @Test
  void shouldHoldAStructAgainstTheTableOfFieldsM1() {
    // When
    Compiled<ConfigSnapshot> compiled =
        loader.validate(
            BootstrapSource.ofYaml(
                """
                admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
                static_resources:
                  listeners:
                  - name: in
                    address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
                    filter_chains:
                    - filters:
                      - name: tcp
                        typed_config:
                          "@type": type.googleapis.com/udpa.type.v1.TypedStruct
                          type_url: type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                          value: { statPrefix: t, cluster: c, on_demand: {} }
                  clusters: [{ name: c, type: STATIC }]
                """));

    // Then
    assertThat(compiled.errors())
        .extracting(Object::toString)
        .hasSize(1)
        .first()
        .asString()
        .startsWith(
            "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.on_demand: ");
  }

  private static List<FilterChainConfig> chains(ConfigSnapshot snapshot) {
    return snapshot.listeners().stream().flatMap(ListenerConfig::allFilterChains).toList();
  }

  private Compiled<ConfigSnapshot> compile(Bootstrap bootstrap) {
    return loader.compiler().compile(1, ResourceSet.of(bootstrap));
  }

  /** The message with each Any in it, and in those, as a struct: of xds and of udpa in turns. */
  private Message structured(Message message) {
    if (message instanceof Any any) {
      return struct(any);
    }
    Message.Builder builder = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (field.isRepeated()) {
        builder.clearField(field);
        for (Object value : (List<?>) entry.getValue()) {
          builder.addRepeatedField(field, structured((Message) value));
        }
      } else {
        builder.setField(field, structured((Message) entry.getValue()));
      }
    }
    return builder.build();
  }

  private Any struct(Any any) {
    ConfigErrors errors = new ConfigErrors();
    Message inner = structured(types.unpack(any, "", errors).orElseThrow());
    Struct.Builder value = Struct.newBuilder();
    try {
      JsonFormat.parser()
          .merge(JsonFormat.printer().usingTypeRegistry(registry()).print(inner), value);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
    return structs++ % 2 == 0
        ? Any.pack(
            com.github.xds.type.v3.TypedStruct.newBuilder()
                .setTypeUrl(any.getTypeUrl())
                .setValue(value)
                .build())
        : Any.pack(
            com.github.udpa.udpa.type.v1.TypedStruct.newBuilder()
                .setTypeUrl(any.getTypeUrl())
                .setValue(value)
                .build());
  }

  private JsonFormat.TypeRegistry registry() {
    JsonFormat.TypeRegistry.Builder registry = JsonFormat.TypeRegistry.newBuilder();
    types
        .names()
        .forEach(name ->
            types.find(name).ifPresent(known -> registry.add(known.getDescriptorForType())));
    return registry.build();
  }
}
