package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig.HostOptions;
import io.handfast.proxy.http.field.HostSyntax;

/** Takes off the host of a request what nothing shall look at. Pure. */
final class HostNormalizer {

  private HostNormalizer() {}

  /**
   * What is left of an authority.
   *
   * @param listenerPort where the request came in
   */
  static String normalize(String authority, HostOptions options, int listenerPort) {
    int colon = HostSyntax.portColon(authority);
    String host = colon < 0 ? authority : authority.substring(0, colon);
    String port = colon < 0 ? "" : authority.substring(colon);
    boolean stripPort =
        switch (options.port()) {
          case NONE -> false;
          case MATCHING -> port.equals(":" + listenerPort);
          case ANY -> true;
        };
    if (options.trailingDot() && host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return stripPort ? host : host + port;
  }
}
