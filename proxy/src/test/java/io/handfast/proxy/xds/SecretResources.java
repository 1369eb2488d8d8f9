package io.handfast.proxy.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.tls.TestPki;
import io.handfast.xds.tree.ResourceTree;
import io.netty.pkitesting.X509Bundle;

/** Secrets, and what asks for them. */
final class SecretResources {

  private SecretResources() {}

  /** Which speaks TLS in its one filter chain. */
  static Listener secured(Listener listener, DownstreamTlsContext tls) {
    Listener.Builder secured = listener.toBuilder();
    secured.getFilterChainsBuilder(0).setTransportSocket(socket(tls));
    return secured.build();
  }

  static TransportSocket socket(Message tls) {
    return TransportSocket.newBuilder().setName("tls").setTypedConfig(Any.pack(tls)).build();
  }

  /** With the certificate of that secret. */
  static DownstreamTlsContext downstream(String secret) {
    DownstreamTlsContext.Builder tls = DownstreamTlsContext.newBuilder();
    tls.getCommonTlsContextBuilder().addTlsCertificateSdsSecretConfigs(secret(secret));
    return tls.build();
  }

  static SdsSecretConfig secret(String name) {
    return SdsSecretConfig.newBuilder().setName(name).setSdsConfig(ResourceTree.ADS).build();
  }

  static Secret certificate(String name, X509Bundle bundle) {
    Secret.Builder secret = Secret.newBuilder().setName(name);
    var certificate = secret.getTlsCertificateBuilder();
    certificate.getCertificateChainBuilder().setInlineString(bundle.getCertificatePathPEM());
    certificate.getPrivateKeyBuilder().setInlineString(bundle.getPrivateKeyPEM());
    return secret.build();
  }

  static Secret authority(String name, TestPki pki) {
    Secret.Builder secret = Secret.newBuilder().setName(name);
    secret
        .getValidationContextBuilder()
        .getTrustedCaBuilder()
        .setInlineString(pki.authority().getCertificatePEM());
    return secret.build();
  }
}
