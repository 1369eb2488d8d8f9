package io.handfast.proxy.transaction.manager;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.compile.tls.TlsContextCompiler;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.ControlTls;
import io.handfast.transaction.v1.TransactionManager;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compiles {@code control_tls}: one context for both sides of the control service. Pure. */
final class ControlTlsParser {
  private static final String EXPECTED =
      "a "
          + CommonTlsContext.getDescriptor().getFullName()
          + " with one certificate and a"
          + " validation_context with trusted_ca; or control_trust: PLAINTEXT, on a network that"
          + " only sidecars reach";

  private ControlTlsParser() {}

  /** Null if something is wrong, which has been noted. */
  static @Nullable ControlTls parse(TransactionManager manager, Scope scope) {
    if (!manager.hasControlTls()) {
      scope.error("missing (expected: " + EXPECTED + ")");
      return null;
    }
    if (!manager.getControlTls().is(CommonTlsContext.class)) {
      scope.error(manager.getControlTls().getTypeUrl(), EXPECTED);
      return null;
    }
    TlsContextConfig common;
    try {
      common =
          TlsContextCompiler.common(
              manager.getControlTls().unpack(CommonTlsContext.class), Secrets.NONE, scope);
    } catch (InvalidProtocolBufferException e) {
      scope.error("cannot be read (expected: " + EXPECTED + ")");
      return null;
    }
    if (common == null) {
      return null;
    }
    if (!common.isComplete()) {
      scope.error("a secret of a control plane (expected: certificates in files)");
      return null;
    }
    if (common.certificates().size() != 1
        || common.validation().flatMap(PeerValidation::trustedCa).isEmpty()) {
      scope.error(
          common.certificates().size()
              + " certificates"
              + (common.validation().isEmpty() ? ", no validation_context" : ""),
          EXPECTED);
      return null;
    }
    TlsContextConfig http2 =
        new TlsContextConfig(
            common.parameters(), common.certificates(), common.validation(), List.of("h2"));
    return new ControlTls(
        new TlsConfig.Downstream(http2, true, false, TlsConfig.Downstream.DEFAULT_SESSION_TIMEOUT),
        new TlsConfig.Upstream(http2, "", false, false));
  }
}
