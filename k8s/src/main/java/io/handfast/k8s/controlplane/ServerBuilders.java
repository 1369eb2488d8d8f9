package io.handfast.k8s.controlplane;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A server of gRPC with its bounds. */
final class ServerBuilders {

  /** Bound of a request; one that names ten thousand resources with their versions is a tenth. */
  private static final int MAX_REQUEST_BYTES = 16 << 20;

  /** Bound of the streams of a connection: a client needs one, or one for each type. */
  private static final int MAX_CONNECTION_STREAMS = 100;

  private static final long HANDSHAKE_SECONDS = 10;

  /** A silent connection is asked after so long whether it lives; half-open ones end by it. */
  private static final long KEEPALIVE_SECONDS = 30;

  private static final long KEEPALIVE_TIMEOUT_SECONDS = 20;

  /** Clients may ask so often; gRPC's own default of five minutes would end those that do. */
  private static final long CLIENT_KEEPALIVE_SECONDS = 5;

  private static final long IDLE_MINUTES = 5;

  /** How often files of certificates are looked at. */
  private static final long CERTIFICATE_SECONDS = 10;

  private ServerBuilders() {}

  /**
   * A builder without services.
   *
   * @param background looks at certificates
   * @throws IOException if certificates cannot be read or used
   */
  static NettyServerBuilder of(ServerSettings settings, ScheduledExecutorService background)
      throws IOException {
    Optional<ServerSettings.Tls> tls = settings.tls();
    NettyServerBuilder builder =
        tls.isEmpty()
            ? NettyServerBuilder.forAddress(settings.address())
            : NettyServerBuilder.forAddress(settings.address(), credentials(tls.get(), background));
    return builder
        .maxInboundMessageSize(MAX_REQUEST_BYTES)
        .maxConcurrentCallsPerConnection(MAX_CONNECTION_STREAMS)
        .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(CLIENT_KEEPALIVE_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxConnectionIdle(IDLE_MINUTES, TimeUnit.MINUTES);
  }

  private static ServerCredentials credentials(
      ServerSettings.Tls tls, ScheduledExecutorService background) throws IOException {
    try {
      AdvancedTlsX509KeyManager key = new AdvancedTlsX509KeyManager();
      key.updateIdentityCredentials(
          tls.certificate().toFile(),
          tls.privateKey().toFile(),
          CERTIFICATE_SECONDS,
          TimeUnit.SECONDS,
          background);
      TlsServerCredentials.Builder credentials = TlsServerCredentials.newBuilder().keyManager(key);
      if (tls.clientCa().isPresent()) {
        credentials
            .trustManager(trust(tls.clientCa().get(), background))
            .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
      }
      return credentials.build();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS: " + e.getMessage() + " (expected: PEM that can be used)", e);
    }
  }

  private static AdvancedTlsX509TrustManager trust(
      Path clientCa, ScheduledExecutorService background)
      throws IOException, GeneralSecurityException {
    AdvancedTlsX509TrustManager trust =
        AdvancedTlsX509TrustManager.newBuilder()
            .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
            .build();
    trust.updateTrustCredentials(
        clientCa.toFile(), CERTIFICATE_SECONDS, TimeUnit.SECONDS, background);
    return trust;
  }
}
