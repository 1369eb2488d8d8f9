package io.handfast.proxy.tls;

import io.handfast.proxy.config.tls.TlsConfig;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One TLS context of the configuration, with the newest certificates that could be read for it.
 * Thread-safe. Connections keep what they were made with; a renewal is for those to come.
 */
public final class TlsContext {
  private final TlsConfig config;
  private volatile @Nullable SslContext current;

  TlsContext(TlsConfig config) {
    this.config = config;
  }

  /** What it was configured to be. */
  public TlsConfig config() {
    return config;
  }

  /** Puts new certificates to use; takes over the reference. One thread at a time. */
  void renew(@Nullable SslContext fresh) {
    SslContext old = current;
    current = fresh;
    ReferenceCountUtil.release(old);
  }

  /** The newest context, to be released; null if the certificates could not be read. */
  @Nullable SslContext retained() {
    for (SslContext context = current; context != null; context = current) {
      try {
        ReferenceCountUtil.retain(context);
        return context;
      } catch (IllegalReferenceCountException renewed) {
        // between the read and now
      }
    }
    return null;
  }

  /**
   * A handler for one connection; null if the certificates could not be read.
   *
   * @param peerHost what a server is asked for: a name, or an address for which no name is sent;
   *     null on the server's side, and for a Unix socket that has no name
   */
  @Nullable SslHandler newHandler(ByteBufAllocator alloc, @Nullable String peerHost, int peerPort) {
    SslContext context = retained();
    if (context == null) {
      return null;
    }
    try {
      SslHandler handler =
          peerHost == null
              ? context.newHandler(alloc)
              : context.newHandler(alloc, peerHost, peerPort);
      if (context instanceof JdkSslContext && !config.common().parameters().groups().isEmpty()) {
        SSLParameters parameters = handler.engine().getSSLParameters();
        parameters.setNamedGroups(SslContexts.javaGroups(config.common().parameters()));
        handler.engine().setSSLParameters(parameters);
      }
      return handler;
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  /**
   * The same for blocking sockets; of a context of the JDK, such as {@link
   * TlsContexts#halfClosing}. Names that the certificate must have are compared if some are
   * configured; whether it is for the host is left to the caller.
   */
  public SSLSocketFactory forSockets() {
    return new NewestSocketFactory(this);
  }

  /** The same for gRPC: every connection it makes has the newest certificates. */
  public SslContext forGrpc() {
    return new NewestSslContext(this);
  }
}
