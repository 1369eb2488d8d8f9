package io.handfast.proxy.http;

import io.handfast.proxy.http.grpc.Grpc;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, independent of the HTTP version. Mutable, confined to its stream's event
 * loop. What a version writes in its own way is not among the headers: the authority (HTTP/1.1's
 * {@code Host}), framing ({@code transfer-encoding}) and hop-by-hop fields, but for {@code te:
 * trailers}, which gRPC asks for and HTTP/2 allows. A {@code content-length} is, if the length is
 * known.
 */
public final class RequestHead {
  private final HttpProtocol protocol;
  private final Headers headers;
  private String method;
  private String scheme;
  private String authority;
  private String path;
  private @Nullable String upgrade;

  /**
   * @param protocol in which it was received or is to be sent by default
   * @param method case-sensitive
   * @param scheme {@code http} or {@code https}
   * @param authority host and optional port; empty if there is none (HTTP/1.0)
   * @param path with the query; {@code *} for OPTIONS, empty for CONNECT
   * @param headers the header fields
   */
  public RequestHead(
      HttpProtocol protocol,
      String method,
      String scheme,
      String authority,
      String path,
      Headers headers) {
    this.protocol = protocol;
    this.method = method;
    this.scheme = scheme;
    this.authority = authority;
    this.path = path;
    this.headers = headers;
  }

  /** A plain HTTP/1.1 request. */
  public static RequestHead of(String method, String authority, String path) {
    return new RequestHead(HttpProtocol.HTTP_1_1, method, "http", authority, path, new Headers());
  }

  /** The version in which it was received. */
  public HttpProtocol protocol() {
    return protocol;
  }

  /** Case-sensitive. */
  public String method() {
    return method;
  }

  /** Replaces the method. */
  public void method(String newMethod) {
    method = newMethod;
  }

  /** {@code http} or {@code https}. */
  public String scheme() {
    return scheme;
  }

  /** Replaces the scheme. */
  public void scheme(String newScheme) {
    scheme = newScheme;
  }

  /** Host and optional port; may be empty. */
  public String authority() {
    return authority;
  }

  /** Replaces the authority. */
  public void authority(String newAuthority) {
    authority = newAuthority;
  }

  /** With the query. */
  public String path() {
    return path;
  }

  /** Replaces path and query. */
  public void path(String newPath) {
    path = newPath;
  }

  /** The path up to the query and fragment. */
  public String pathWithoutQuery() {
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '?' || c == '#') {
        return path.substring(0, i);
      }
    }
    return path;
  }

  /** Whether it asks for a tunnel, and by which words. */
  public Tunnel tunnel() {
    if (upgrade != null) {
      return Tunnel.UPGRADE;
    }
    return method.equals("CONNECT") ? Tunnel.CONNECT : Tunnel.NONE;
  }

  /**
   * The protocol that the request asks to upgrade to (RFC 9110 section 7.8); null if it asks for
   * none. An extended CONNECT (RFC 8441) is the GET that would ask for the same in HTTP/1.1.
   */
  public @Nullable String upgrade() {
    return upgrade;
  }

  /** Replaces the protocol to upgrade to; null: none. */
  public void upgrade(@Nullable String protocol) {
    upgrade = protocol;
  }

  /** The header fields. */
  public Headers headers() {
    return headers;
  }

  /**
   * The first value of a header field, or a pseudo-header by its name with the colon; null if it is
   * not there.
   */
  public @Nullable String field(String name) {
    return switch (name) {
      case ":method" -> method;
      case ":path" -> path;
      case ":authority" -> authority;
      case ":scheme" -> scheme;
      case String other -> headers.get(other);
    };
  }

  /** Whether it is gRPC. */
  public boolean isGrpc() {
    return Grpc.is(headers.get("content-type"));
  }

  /** Whether it is a HEAD request. */
  public boolean isHead() {
    return method.equals("HEAD");
  }

  @Override
  public String toString() {
    return method + " " + authority + path + " " + protocol.text();
  }

  /**
   * What a request asks for in place of a message: that data flows both ways behind the heads until
   * each side ends its own direction. Its content is none, and nothing of the tunnel is sent before
   * a final response has opened it.
   */
  public enum Tunnel {
    /** It is a request like any. */
    NONE,
    /** CONNECT to an authority (RFC 9110 section 9.3.6): any 2xx opens it. */
    CONNECT,
    /** An upgrade (RFC 9110 section 7.8, RFC 8441): a 101 opens it, in HTTP/2's own words a 200. */
    UPGRADE;

    /** Whether a final response opens it; else it is the response to a request without content. */
    public boolean isOpenedBy(ResponseHead head) {
      return switch (this) {
        case NONE -> false;
        case CONNECT -> head.status() / 100 == 2;
        case UPGRADE -> head.isUpgrade();
      };
    }
  }
}
