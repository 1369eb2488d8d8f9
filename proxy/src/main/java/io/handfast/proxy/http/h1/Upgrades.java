package io.handfast.proxy.http.h1;

import io.handfast.proxy.http.HeaderTokens;
import io.handfast.proxy.http.Headers;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Requests for a tunnel: CONNECT and {@code Upgrade} (RFC 9110 sections 9.3.6 and 7.8). */
final class Upgrades {
  private Upgrades() {}

  /**
   * The protocol that a request asks for; null if there is none to be talked about. Upgrades to
   * HTTP/2 and TLS are ignored, as a server may: many clients ask for them and go on without.
   */
  static @Nullable String requested(Headers headers) {
    if (!headers.contains("upgrade") || !headers.containsToken("connection", "upgrade")) {
      return null;
    }
    @Nullable String[] first = new @Nullable String[1];
    for (String value : headers.getAll("upgrade")) {
      HeaderTokens.forEach(
          value,
          protocol -> {
            if (first[0] == null && !isIgnored(protocol)) {
              first[0] = protocol;
            }
          });
    }
    return first[0];
  }

  private static boolean isIgnored(String protocol) {
    String lower = protocol.toLowerCase(Locale.ROOT);
    return lower.equals("h2c") || lower.equals("tls") || lower.startsWith("tls/");
  }

  /** CONNECT has no content: what were taken for one might be meant for the tunnel. */
  static void checkConnect(Headers headers, boolean withoutContent) throws H1Exception {
    if (!withoutContent) {
      throw H1Exception.badRequest(
          "connect_with_content", "method: CONNECT with content (expected: none)");
    }
    headers.remove("content-length");
  }

  /** A 101 must be about what was asked for, and nothing else. */
  static void checkAccepted(Headers headers, @Nullable String asked) throws H1Exception {
    boolean answers =
        asked != null
            && headers.containsToken("connection", "upgrade")
            && headers.count("upgrade") == 1
            && asked.equalsIgnoreCase(headers.get("upgrade"));
    if (!answers) {
      throw H1Exception.badRequest(
          "unexpected_upgrade", "status: 101 (expected: no upgrade, or the one asked for)");
    }
  }
}
