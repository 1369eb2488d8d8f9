package io.handfast.proxy.http.field;

import io.handfast.proxy.http.HeaderTokens;
import io.handfast.proxy.http.Headers;
import java.util.Locale;
import java.util.Set;

/** Which fields belong to one connection only, and which may not be trailers. Pure. */
public final class FieldRules {
  /** Never passed on (RFC 9110 section 7.6.1); this codec writes its own where they are needed. */
  private static final Headers.Names HOP_BY_HOP =
      new Headers.Names(
          "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  /**
   * A peer cannot have them removed by naming them in {@code connection}: policies and transactions
   * rest on them.
   */
  private static final Set<String> PROTECTED =
      Set.of(
          "host",
          "content-length",
          "authorization",
          "traceparent",
          "tracestate",
          "baggage",
          "x-request-id");

  private static final String[] PROTECTED_PREFIXES = {"tx-", "x-forwarded-", "x-handfast-", ":"};

  /**
   * Framing, routing, authentication and how the body is to be read: not as trailers (RFC 9110
   * section 6.5.1).
   */
  private static final Set<String> NOT_AS_TRAILER =
      Set.of(
          "authorization",
          "cache-control",
          "connection",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "expect",
          "host",
          "keep-alive",
          "max-forwards",
          "proxy-authorization",
          "range",
          "set-cookie",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-request-id");

  /** The mesh's own trailers pass whatever the configuration says about trailers. */
  private static final String MESH_PREFIX = "tx-";

  private FieldRules() {}

  /** Removes what belongs to the connection. */
  public static void removeHopByHop(Headers headers) {
    int at = headers.indexOf("connection", 0);
    boolean nominatesNone =
        at < 0 || (headers.valueIs(at, "keep-alive") && headers.indexOf("connection", at + 1) < 0);
    if (!nominatesNone) {
      for (String value : headers.getAll("connection")) {
        HeaderTokens.forEach(value, name -> removeNominated(headers, name));
      }
    }
    headers.removeAll(HOP_BY_HOP);
  }

  private static void removeNominated(Headers headers, String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (PROTECTED.contains(lower)) {
      return;
    }
    for (String prefix : PROTECTED_PREFIXES) {
      if (lower.startsWith(prefix)) {
        return;
      }
    }
    headers.remove(lower);
  }

  /**
   * Removes what must not be a trailer, and with {@code meshOnly} everything that is not the mesh's
   * own.
   */
  public static void cleanTrailers(Headers trailers, boolean meshOnly) {
    for (int i = trailers.size() - 1; i >= 0; i--) {
      String lower = trailers.name(i).toLowerCase(Locale.ROOT);
      if (NOT_AS_TRAILER.contains(lower) || (meshOnly && !lower.startsWith(MESH_PREFIX))) {
        trailers.removeAt(i);
      }
    }
  }
}
