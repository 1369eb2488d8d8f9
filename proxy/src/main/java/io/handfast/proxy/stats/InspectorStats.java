package io.handfast.proxy.stats;

/**
 * What listener filters found on all listeners, in Envoy's names. Immutable; the handles are
 * thread-safe.
 */
public final class InspectorStats {

  /** {@code tls_inspector.tls_found}: began with a ClientHello. */
  public final Counter tlsFound;

  /** {@code tls_inspector.tls_not_found}: began with something else. */
  public final Counter tlsNotFound;

  /** {@code tls_inspector.sni_found}: named a server. */
  public final Counter sniFound;

  /** {@code tls_inspector.sni_not_found}: named none. */
  public final Counter sniNotFound;

  /** {@code tls_inspector.alpn_found}: offered protocols. */
  public final Counter alpnFound;

  /** {@code tls_inspector.alpn_not_found}: offered none. */
  public final Counter alpnNotFound;

  /** {@code tls_inspector.client_hello_too_large}: closed. */
  public final Counter clientHelloTooLarge;

  /** {@code tls_inspector.bytes_processed}: read to find out. */
  public final Histogram bytesProcessed;

  /** {@code http_inspector.http10_found}. */
  public final Counter http10Found;

  /** {@code http_inspector.http11_found}. */
  public final Counter http11Found;

  /** {@code http_inspector.http2_found}: by prior knowledge. */
  public final Counter http2Found;

  /** {@code http_inspector.http_not_found}: began with something else. */
  public final Counter httpNotFound;

  InspectorStats(Stats stats) {
    Names tls = new Names(stats, StatName.Group.PROCESS, "tls_inspector.");
    tlsFound = tls.counter("tls_found");
    tlsNotFound = tls.counter("tls_not_found");
    sniFound = tls.counter("sni_found");
    sniNotFound = tls.counter("sni_not_found");
    alpnFound = tls.counter("alpn_found");
    alpnNotFound = tls.counter("alpn_not_found");
    clientHelloTooLarge = tls.counter("client_hello_too_large");
    bytesProcessed = tls.histogram("bytes_processed");
    Names http = new Names(stats, StatName.Group.PROCESS, "http_inspector.");
    http10Found = http.counter("http10_found");
    http11Found = http.counter("http11_found");
    http2Found = http.counter("http2_found");
    httpNotFound = http.counter("http_not_found");
  }
}
