package io.handfast.proxy.transaction.manager;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.compile.tls.TlsContextCompiler;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles TLS towards a server that the manager itself connects to: etcd, a database. Pure. */
final class ClientTlsParser {
  private static final String EXPECTED =
      "a "
          + CommonTlsContext.getDescriptor().getFullName()
          + " with a validation_context with trusted_ca, and at most one certificate";

  private ClientTlsParser() {}

  /**
   * Null if something is wrong, which has been noted.
   *
   * @param protocol what is offered by ALPN
   */
  static TlsConfig.@Nullable Upstream parse(Any tls, String protocol, Scope scope) {
    if (!tls.is(CommonTlsContext.class)) {
      scope.error(tls.getTypeUrl(), EXPECTED);
      return null;
    }
    TlsContextConfig common;
    try {
      common = TlsContextCompiler.common(tls.unpack(CommonTlsContext.class), Secrets.NONE, scope);
    } catch (InvalidProtocolBufferException e) {
      scope.error("cannot be read (expected: " + EXPECTED + ")");
      return null;
    }
    if (common == null) {
      return null;
    }
    if (!common.isComplete()
        || common.certificates().size() > 1
        || common.validation().flatMap(PeerValidation::trustedCa).isEmpty()) {
      scope.error(common.certificates().size() + " certificates", EXPECTED);
      return null;
    }
    return new TlsConfig.Upstream(
        new TlsContextConfig(
            common.parameters(), common.certificates(), common.validation(), List.of(protocol)),
        "",
        false,
        false);
  }
}
