package io.handfast.proxy.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.text.TreeMerger;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RedactionTest {
  private static final TypeRegistry TYPES =
      TypeRegistry.of(List.of(DownstreamTlsContext.getDefaultInstance())).reading(TreeMerger::read);

  @Test
  void shouldKeepBackWhatIsSecretInAStructM1() throws InvalidProtocolBufferException {
    // Given
    Struct.Builder value = Struct.newBuilder();
    JsonFormat.parser()
        .merge(
            """
            { "common_tls_context": { "tls_certificates": [
              { "certificate_chain": { "inline_string": "public" },
                "private_key": { "inline_string": "confidential" } } ] } }
            """,
            value);

    // When
    Any shown = redacted(value.build());

    // Then
    DownstreamTlsContext tls = shown.unpack(DownstreamTlsContext.class);
    var certificate = tls.getCommonTlsContext().getTlsCertificates(0);
    assertThat(certificate.getCertificateChain().getInlineString()).isEqualTo("public");
    assertThat(certificate.getPrivateKey().getInlineString()).isEqualTo("[redacted]");
  }

  @Test
  void shouldShowTheTypeAloneWhenAStructDoesNotFitM1() throws InvalidProtocolBufferException {
    // Given
    Struct value =
        Struct.newBuilder()
            .putFields(
                "nonsense",
                com.google.protobuf.Value.newBuilder().setStringValue("confidential").build())
            .build();

    // When
    Any shown = redacted(value);

    // Then
    assertThat(shown.unpack(TypedStruct.class))
        .isEqualTo(
            TypedStruct.newBuilder()
                .setTypeUrl(Any.pack(DownstreamTlsContext.getDefaultInstance()).getTypeUrl())
                .build());
  }

  /** What is refused for its depth is shown too. */
  @Test
  void shouldShowTheTypeAloneWhenItIsNestedDeep() throws InvalidProtocolBufferException {
    // Given
    TypeRegistry types =
        TypeRegistry.of(List.of(Listener.getDefaultInstance(), TypedStruct.getDefaultInstance()));
    Listener listener = Listener.newBuilder().setName("inmost").build();
    for (int i = 0; i < 5_000; i++) {
      Listener.Builder outer = Listener.newBuilder();
      outer.addFilterChainsBuilder().getTransportSocketBuilder().setTypedConfig(Any.pack(listener));
      listener = outer.build();
    }

    // When
    Listener shown = Redaction.redact(listener, types);

    // Then
    int depth = 0;
    Any inner = config(shown);
    for (; inner.is(Listener.class); depth++) {
      inner = config(inner.unpack(Listener.class));
    }
    assertThat(depth).isBetween(20, 100);
    assertThat(inner.unpack(TypedStruct.class).getTypeUrl())
        .isEqualTo(Any.pack(listener).getTypeUrl());
  }

  private static Any config(Listener listener) {
    return listener.getFilterChains(0).getTransportSocket().getTypedConfig();
  }

  private static Any redacted(Struct value) {
    Listener.Builder listener = Listener.newBuilder();
    listener
        .addFilterChainsBuilder()
        .getTransportSocketBuilder()
        .setTypedConfig(
            Any.pack(
                TypedStruct.newBuilder()
                    .setTypeUrl(Any.pack(DownstreamTlsContext.getDefaultInstance()).getTypeUrl())
                    .setValue(value)
                    .build()));
    return Redaction.redact(listener.build(), TYPES)
        .getFilterChains(0)
        .getTransportSocket()
        .getTypedConfig();
  }
}
