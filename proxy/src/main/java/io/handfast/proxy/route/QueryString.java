package io.handfast.proxy.route;

import org.jspecify.annotations.Nullable;

/** Looks into a query as it stands, without decoding it, as Envoy's matchers do. Pure. */
final class QueryString {
  private QueryString() {}

  /** The first value of a parameter; empty if it has none, null if it is not there. */
  static @Nullable String first(String query, String name) {
    int at = 0;
    while (at <= query.length()) {
      int end = query.indexOf('&', at);
      int stop = end < 0 ? query.length() : end;
      if (query.startsWith(name, at) && at + name.length() <= stop) {
        int after = at + name.length();
        if (after == stop) {
          return "";
        }
        if (query.charAt(after) == '=') {
          return query.substring(after + 1, stop);
        }
      }
      at = stop + 1;
    }
    return null;
  }
}
