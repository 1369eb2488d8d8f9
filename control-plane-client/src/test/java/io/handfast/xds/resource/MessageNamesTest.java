package io.handfast.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MessageNamesTest {

  static Stream<Message> messages() {
    return Stream.of(
        SocketAddress.getDefaultInstance(),
        HttpConnectionManager.getDefaultInstance(),
        HealthCheck.HttpHealthCheck.getDefaultInstance(), // nested: X.Y, and X$Y in Java
        TypedStruct.getDefaultInstance(),
        com.github.udpa.udpa.type.v1.TypedStruct.getDefaultInstance(),
        Any.getDefaultInstance());
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldSayTheNameThatTheDescriptorHas(Message message) {
    assertThat(MessageNames.of(message)).isEqualTo(message.getDescriptorForType().getFullName());
  }
}
