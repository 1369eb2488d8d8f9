package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.compile.tls.TlsContextCompiler;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code transport_socket}s of listeners and clusters. */
final class TlsCompiler {

  private TlsCompiler() {}

  /** TLS of a filter chain; null if it has none, or a wrong one, which has been noted. */
  static TlsConfig.@Nullable Downstream downstream(
      TransportSocket socket, Compilation compilation, Scope scope) {
    Message message =
        unpack(socket, List.of(DownstreamTlsContext.getDefaultInstance()), compilation, scope);
    if (!(message instanceof DownstreamTlsContext proto)) {
      return null;
    }
    return TlsContextCompiler.downstream(proto, secrets(compilation), scope.field("typed_config"));
  }

  /** TLS of a cluster; null if it has none, or a wrong one, which has been noted. */
  static TlsConfig.@Nullable Upstream upstream(
      TransportSocket socket, Compilation compilation, Scope scope) {
    Scope here = scope.field("typed_config");
    Message message =
        unpack(
            socket,
            List.of(
                UpstreamTlsContext.getDefaultInstance(),
                UpstreamStartTlsConfig.getDefaultInstance()),
            compilation,
            scope);
    if (message instanceof UpstreamStartTlsConfig start) {
      TlsConfig.Upstream inner =
          upstream(start.getTlsSocketConfig(), compilation, here.field("tls_socket_config"));
      return inner == null ? null : inner.startingPlain();
    }
    return message instanceof UpstreamTlsContext proto ? upstream(proto, compilation, here) : null;
  }

  private static TlsConfig.@Nullable Upstream upstream(
      UpstreamTlsContext proto, Compilation compilation, Scope here) {
    TlsContextConfig common =
        TlsContextCompiler.common(
            proto.getCommonTlsContext(), secrets(compilation), here.field("common_tls_context"));
    if (common == null) {
      return null;
    }
    return here.build(() ->
        new TlsConfig.Upstream(
            common, proto.getSni(), proto.getAutoHostSni(), proto.getAutoSniSanValidation()));
  }

  private static Secrets secrets(Compilation compilation) {
    return new Secrets(name -> compilation.neighbours().find(ResourceType.SECRET, name));
  }

  /** The TLS context in a transport socket; null for plaintext and for what is wrong. */
  private static @Nullable Message unpack(
      TransportSocket socket, List<Message> expected, Compilation compilation, Scope scope) {
    Scope here = scope.field("typed_config");
    if (!socket.hasTypedConfig()) {
      here.error("missing (expected: the configuration of the transport socket)");
      return null;
    }
    Optional<Message> message = compilation.unpack(socket.getTypedConfig(), here);
    if (message.isEmpty() || message.get() instanceof RawBuffer) {
      return null;
    }
    if (expected.stream().noneMatch(type -> ExtensionTypes.sameType(message.get(), type))) {
      here.error(
          ExtensionTypes.nameOf(message.get()),
          expected.stream().map(ExtensionTypes::nameOf).collect(Collectors.joining(", "))
              + " or "
              + RawBuffer.getDescriptor().getFullName());
      return null;
    }
    return message.get();
  }
}
