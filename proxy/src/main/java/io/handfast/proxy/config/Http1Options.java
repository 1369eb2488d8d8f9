package io.handfast.proxy.config;

/**
 * Options of the HTTP/1 codec ({@code Http1ProtocolOptions}).
 *
 * @param allowAbsoluteUrl accept requests in absolute form
 * @param acceptHttp10 accept HTTP/1.0 requests, else they are answered 426
 * @param defaultHostForHttp10 the host of an HTTP/1.0 request without one; empty: such a request is
 *     answered 400
 * @param enableTrailers let trailers through; else they are dropped
 */
public record Http1Options(
    boolean allowAbsoluteUrl,
    boolean acceptHttp10,
    String defaultHostForHttp10,
    boolean enableTrailers) {

  public static final Http1Options DEFAULTS = new Http1Options(true, false, "", false);
}
