package io.handfast.proxy.tls;

import java.util.Locale;

/** DNS names of certificates (RFC 6125 section 6.4.3). Stateless. */
final class DnsNames {
  private DnsNames() {}

  /**
   * Whether the name of a certificate, which may be {@code *.example.com}, is that of a host. A
   * wildcard stands for exactly one label, the leftmost, and below at least two others.
   */
  static boolean match(String pattern, String host) {
    String name = pattern.toLowerCase(Locale.ROOT);
    String wanted = host.toLowerCase(Locale.ROOT);
    if (!name.startsWith("*.")) {
      return name.equals(wanted);
    }
    String parent = name.substring(1);
    int dot = wanted.indexOf('.');
    return dot > 0 && parent.indexOf('.', 1) > 0 && wanted.substring(dot).equals(parent);
  }
}
