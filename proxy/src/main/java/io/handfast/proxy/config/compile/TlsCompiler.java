package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.compile.tls.TlsContextCompiler;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code transport_socket}s of listeners and clusters. */
final class TlsCompiler {

  private TlsCompiler() {}

  /** TLS of a filter chain; null if it has none, or a wrong one, which has been noted. */
  static TlsConfig.@Nullable Downstream downstream(
      TransportSocket socket, Compilation compilation, Scope scope) {
    Message message = unpack(socket, DownstreamTlsContext.getDefaultInstance(), compilation, scope);
    if (!(message instanceof DownstreamTlsContext proto)) {
      return null;
    }
    Scope here = scope.field("typed_config");
    TlsContextConfig common =
        TlsContextCompiler.common(
            proto.getCommonTlsContext(), secrets(compilation), here.field("common_tls_context"));
    Duration timeout =
        here.field("session_timeout")
            .duration(
                proto.hasSessionTimeout(),
                proto.getSessionTimeout(),
                TlsConfig.Downstream.DEFAULT_SESSION_TIMEOUT);
    if (common == null) {
      return null;
    }
    return here.build(() ->
        new TlsConfig.Downstream(
            common,
            proto.getRequireClientCertificate().getValue(),
            proto.getRequireSni().getValue(),
            timeout));
  }

  /** TLS of a cluster; null if it has none, or a wrong one, which has been noted. */
  static TlsConfig.@Nullable Upstream upstream(
      TransportSocket socket, Compilation compilation, Scope scope) {
    Message message = unpack(socket, UpstreamTlsContext.getDefaultInstance(), compilation, scope);
    if (!(message instanceof UpstreamTlsContext proto)) {
      return null;
    }
    Scope here = scope.field("typed_config");
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
      TransportSocket socket, Message expected, Compilation compilation, Scope scope) {
    Scope here = scope.field("typed_config");
    if (!socket.hasTypedConfig()) {
      here.error("missing (expected: the configuration of the transport socket)");
      return null;
    }
    Optional<Message> message = compilation.unpack(socket.getTypedConfig(), here);
    if (message.isEmpty() || message.get() instanceof RawBuffer) {
      return null;
    }
    if (!ExtensionTypes.sameType(message.get(), expected)) {
      here.error(
          message.get().getDescriptorForType().getFullName(),
          expected.getDescriptorForType().getFullName()
              + " or "
              + RawBuffer.getDescriptor().getFullName());
      return null;
    }
    return message.get();
  }
}
