package io.handfast.k8s.controlplane;

import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
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
            : NettyServerBuilder.forAddress(
                settings.address(), ServerTls.credentials(tls.get(), background));
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
}
