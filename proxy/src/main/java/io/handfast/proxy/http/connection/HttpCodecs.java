package io.handfast.proxy.http.connection;

import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.h1.H1ServerConfig;
import io.handfast.proxy.http.h1.H1ServerConnection;
import io.handfast.proxy.http.h2.H2ServerConfig;
import io.handfast.proxy.http.h2.H2ServerConnection;
import io.handfast.proxy.http.manager.ConnectionManager;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.network.TerminalFilter;
import io.handfast.proxy.runtime.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * Makes the codec of one connection.
 *
 * @param http as it is when the connection is accepted
 * @param handler takes its requests
 * @param loop its event loop
 * @param bufferLimit bytes that may wait to be sent on it
 */
record HttpCodecs(
    ConnectionManager http, RequestHandler handler, Dispatcher loop, int bufferLimit) {

  /**
   * The codec of a connection: behind TLS what ALPN has agreed on says which, in place of the first
   * bytes.
   */
  TerminalFilter choose(@Nullable TlsInfo tls) {
    String agreed = tls == null ? "" : tls.applicationProtocol();
    return switch (http.config().codecType()) {
      case HTTP1 -> http1();
      case HTTP2 -> http2();
      case AUTO ->
          switch (agreed) {
            case "h2" -> http2();
            case "http/1.1" -> http1();
            default -> sniffed();
          };
    };
  }

  private TerminalFilter sniffed() {
    return TerminalFilter.of(
        new ProtocolSniffer(
            http.config().timeouts(), http.stats(), loop, isHttp2 -> isHttp2 ? http2() : http1()));
  }

  private TerminalFilter http1() {
    http.stats().cxHttp1Total.inc();
    return TerminalFilter.of(
        new H1ServerConnection(new H1ServerConfig(http.config(), handler, loop, http.stats())));
  }

  private TerminalFilter http2() {
    http.stats().cxHttp2Total.inc();
    return TerminalFilter.of(
        new H2ServerConnection(
            new H2ServerConfig(http.config(), handler, loop, http.stats(), bufferLimit)));
  }
}
