package io.handfast.proxy.config.tls;

import java.util.List;

/** What is offered by ALPN (RFC 7301). */
public final class Alpn {
  public static final String HTTP1 = "http/1.1";
  public static final String HTTP2 = "h2";

  /** PostgreSQL's protocol, from version 17 of the server on. */
  public static final String POSTGRESQL = "postgresql";

  public static final List<String> ONLY_HTTP1 = List.of(HTTP1);
  public static final List<String> ONLY_HTTP2 = List.of(HTTP2);
  public static final List<String> EITHER = List.of(HTTP2, HTTP1);

  private Alpn() {}
}
