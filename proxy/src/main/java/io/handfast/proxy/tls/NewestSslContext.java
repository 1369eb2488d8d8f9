package io.handfast.proxy.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** Stands for whatever context is the newest, where a library keeps one for good. Thread-safe. */
final class NewestSslContext extends SslContext {
  private final TlsContext newest;

  NewestSslContext(TlsContext newest) {
    this.newest = newest;
  }

  private <T> T with(Function<SslContext, T> use) {
    SslContext context = newest.retained();
    if (context == null) {
      throw new IllegalStateException("TLS context: no certificates (expected: loaded)");
    }
    try {
      return use.apply(context);
    } finally {
      ReferenceCountUtil.release(context);
    }
  }

  @Override
  public boolean isClient() {
    return with(SslContext::isClient);
  }

  @Override
  public List<String> cipherSuites() {
    return with(SslContext::cipherSuites);
  }

  @Override
  @SuppressWarnings("deprecation") // what gRPC asks whether h2 is spoken
  public io.netty.handler.ssl.ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return with(SslContext::applicationProtocolNegotiator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc) {
    return with(context -> context.newEngine(alloc));
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator alloc, String peerHost, int peerPort) {
    return with(context -> context.newEngine(alloc, peerHost, peerPort));
  }

  @Override
  public SSLSessionContext sessionContext() {
    return with(SslContext::sessionContext);
  }
}
