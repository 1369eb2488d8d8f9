package io.handfast.proxy.config;

import java.time.Duration;
import java.util.List;

/**
 * HTTP on a listener ({@code HttpConnectionManager}).
 *
 * @param statPrefix prefix of its statistics
 * @param codecType which HTTP versions are spoken
 * @param routes the inline route table
 * @param httpFilters in order of the request; the last one is the router, no other is
 * @param timeouts of streams and connections
 * @param limits of request heads
 * @param http1 options of the HTTP/1 codec
 * @param http2 options of the HTTP/2 codec
 * @param forwarding what is trusted and added about the client
 * @param paths how paths are normalised before anything looks at them
 * @param serverName the {@code server} response header
 * @param accessLogs in order; one record per stream in each
 * @param hosts what is taken off the host of a request before anything looks at it
 */
public record HttpConnectionManagerConfig(
    String statPrefix,
    CodecType codecType,
    RouteTable routes,
    List<HttpFilterConfig> httpFilters,
    HttpTimeouts timeouts,
    HeaderLimits limits,
    Http1Options http1,
    Http2Options http2,
    Forwarding forwarding,
    PathOptions paths,
    String serverName,
    List<AccessLogConfig> accessLogs,
    HostOptions hosts)
    implements NetworkFilterConfig {

  public static final String DEFAULT_SERVER_NAME = "handfast";

  /** Which HTTP is spoken; {@code HTTP3} is refused until it is built. */
  public enum CodecType {
    /** HTTP/2 if the connection begins with its preface, else HTTP/1. */
    AUTO,
    HTTP1,
    /** By prior knowledge. */
    HTTP2
  }

  /**
   * Zero means: no such limit.
   *
   * @param streamIdle no byte either way on a stream
   * @param request from the first byte of the request to its end
   * @param requestHeaders from the first byte of the request head to its end
   * @param connectionIdle a connection without a stream
   * @param delayedClose how long a client that is still sending is listened to after the last
   *     response, so that it can read it; zero: the connection closes as soon as it is sent
   */
  public record HttpTimeouts(
      Duration streamIdle,
      Duration request,
      Duration requestHeaders,
      Duration connectionIdle,
      Duration delayedClose) {

    public static final HttpTimeouts DEFAULTS =
        new HttpTimeouts(
            Duration.ofMinutes(5),
            Duration.ZERO,
            Duration.ofSeconds(15),
            Duration.ofHours(1),
            Duration.ofSeconds(1));

    public HttpTimeouts {
      Checks.notNegative("stream_idle_timeout", streamIdle);
      Checks.notNegative("request_timeout", request);
      Checks.notNegative("request_headers_timeout", requestHeaders);
      Checks.notNegative("idle_timeout", connectionIdle);
      Checks.notNegative("delayed_close_timeout", delayedClose);
    }
  }

  /**
   * What is beyond is answered 431.
   *
   * @param maxRequestHeadersKib size of a request head, in KiB
   * @param maxHeadersCount number of header fields
   */
  public record HeaderLimits(int maxRequestHeadersKib, int maxHeadersCount) {

    public static final HeaderLimits DEFAULTS = new HeaderLimits(60, 100);

    /** Envoy's own bound of {@code max_request_headers_kb}. */
    public static final int MAX_REQUEST_HEADERS_KIB = 8192;

    public HeaderLimits {
      Checks.inRange("max_request_headers_kb", maxRequestHeadersKib, 1, MAX_REQUEST_HEADERS_KIB);
      Checks.inRange("max_headers_count", maxHeadersCount, 1, Integer.MAX_VALUE);
    }
  }

  /**
   * What is believed and added about the client.
   *
   * @param useRemoteAddress the peer's address is the client's, and is appended to {@code
   *     x-forwarded-for}
   * @param trustedHops how many proxies in front of this one are believed ({@code
   *     xff_num_trusted_hops})
   * @param generateRequestId add {@code x-request-id} to a request that has none
   * @param preserveExternalRequestId keep a client's {@code x-request-id} though the client is
   *     external
   * @param clientCert what is told of the client's certificate
   */
  public record Forwarding(
      boolean useRemoteAddress,
      int trustedHops,
      boolean generateRequestId,
      boolean preserveExternalRequestId,
      ClientCertForwarding clientCert) {

    public static final Forwarding DEFAULTS =
        new Forwarding(false, 0, true, false, ClientCertForwarding.DEFAULTS);

    public Forwarding {
      Checks.inRange("xff_num_trusted_hops", trustedHops, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * What {@code x-forwarded-client-cert} tells ({@code forward_client_cert_details}, {@code
   * set_current_client_cert_details}).
   *
   * @param mode what becomes of the header
   * @param cert whether the certificate is in what is written
   * @param chain whether the certificates that came with it are
   * @param subject whether its subject is
   * @param uri whether its URIs are
   * @param dns whether its DNS names are
   */
  public record ClientCertForwarding(
      Mode mode, boolean cert, boolean chain, boolean subject, boolean uri, boolean dns) {

    public static final ClientCertForwarding DEFAULTS =
        new ClientCertForwarding(Mode.SANITIZE, false, false, false, false, false);

    /** What becomes of the header; but for the last, it never comes from who shows nothing. */
    public enum Mode {
      SANITIZE,
      FORWARD_ONLY,
      APPEND_FORWARD,
      SANITIZE_SET,
      ALWAYS_FORWARD_ONLY
    }
  }

  /**
   * What is done about an escaped slash or backslash ({@code path_with_escaped_slashes_action}).
   */
  public enum EscapedSlashes {
    /** It stays. */
    KEEP,
    /** The request is answered 400. */
    REJECT,
    /** The client is sent to the path without escapes, with 307. */
    UNESCAPE_AND_REDIRECT,
    /** The request goes on with the path without escapes. */
    UNESCAPE_AND_FORWARD
  }

  /**
   * How paths are normalised before anything looks at them.
   *
   * @param normalizePath RFC 3986 normalisation: dot segments removed, unreserved characters
   *     decoded
   * @param mergeSlashes adjacent slashes become one
   * @param escapedSlashes what is done about {@code %2F} and {@code %5C}
   */
  public record PathOptions(
      boolean normalizePath, boolean mergeSlashes, EscapedSlashes escapedSlashes) {

    public static final PathOptions DEFAULTS = new PathOptions(false, false, EscapedSlashes.KEEP);
  }

  /** Which ports are taken off a host. */
  public enum StripPort {
    NONE,
    /** The listener's. */
    MATCHING,
    ANY
  }

  /**
   * What is taken off the host of a request, but for CONNECT's port.
   *
   * @param port which ports are
   * @param trailingDot whether the dot behind a full name is
   */
  public record HostOptions(StripPort port, boolean trailingDot) {
    public static final HostOptions DEFAULTS = new HostOptions(StripPort.NONE, false);
  }

  public HttpConnectionManagerConfig {
    Checks.notEmpty("stat_prefix", statPrefix);
    Checks.notEmpty("server_name", serverName);
    httpFilters = List.copyOf(httpFilters);
    accessLogs = List.copyOf(accessLogs);
    if (httpFilters.isEmpty()) {
      throw new IllegalArgumentException("http_filters: [] (expected: at least the router)");
    }
  }

  /** With hosts as they come, for tests and composition. */
  public HttpConnectionManagerConfig(
      String statPrefix,
      CodecType codecType,
      RouteTable routes,
      List<HttpFilterConfig> httpFilters,
      HttpTimeouts timeouts,
      HeaderLimits limits,
      Http1Options http1,
      Http2Options http2,
      Forwarding forwarding,
      PathOptions paths,
      String serverName,
      List<AccessLogConfig> accessLogs) {
    this(
        statPrefix,
        codecType,
        routes,
        httpFilters,
        timeouts,
        limits,
        http1,
        http2,
        forwarding,
        paths,
        serverName,
        accessLogs,
        HostOptions.DEFAULTS);
  }

  /** HTTP with every default, for tests and composition. */
  public static HttpConnectionManagerConfig of(
      String statPrefix, RouteTable routes, List<HttpFilterConfig> httpFilters) {
    return new HttpConnectionManagerConfig(
        statPrefix,
        CodecType.AUTO,
        routes,
        httpFilters,
        HttpTimeouts.DEFAULTS,
        HeaderLimits.DEFAULTS,
        Http1Options.DEFAULTS,
        Http2Options.DEFAULTS,
        Forwarding.DEFAULTS,
        PathOptions.DEFAULTS,
        DEFAULT_SERVER_NAME,
        List.of());
  }
}
