package io.handfast.proxy.cluster.pool;

import io.handfast.proxy.config.tls.Alpn;
import java.util.List;

/** What is spoken on the connections of a pool. */
public enum Wire {
  HTTP1,
  /** By prior knowledge, or agreed on by TLS. */
  HTTP2,
  /** One of these, as TLS agrees on it with each connection; HTTP/1.1 if it does not. */
  AUTO,
  /** Nothing: bytes for one request, and then it is over. */
  RAW;

  /** What TLS offers by ALPN, unless its configuration says. */
  public List<String> offered() {
    return switch (this) {
      case HTTP1 -> Alpn.ONLY_HTTP1;
      case HTTP2 -> Alpn.ONLY_HTTP2;
      case AUTO -> Alpn.EITHER;
      case RAW -> List.of();
    };
  }
}
