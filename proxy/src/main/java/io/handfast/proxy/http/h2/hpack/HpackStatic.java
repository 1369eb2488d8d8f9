package io.handfast.proxy.http.h2.hpack;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The table that all connections have (RFC 7541 appendix A). Immutable. */
final class HpackStatic {
  private static final String[] TEXT = {
    ":authority", "",
    ":method", "GET",
    ":method", "POST",
    ":path", "/",
    ":path", "/index.html",
    ":scheme", "http",
    ":scheme", "https",
    ":status", "200",
    ":status", "204",
    ":status", "206",
    ":status", "304",
    ":status", "400",
    ":status", "404",
    ":status", "500",
    "accept-charset", "",
    "accept-encoding", "gzip, deflate",
    "accept-language", "",
    "accept-ranges", "",
    "accept", "",
    "access-control-allow-origin", "",
    "age", "",
    "allow", "",
    "authorization", "",
    "cache-control", "",
    "content-disposition", "",
    "content-encoding", "",
    "content-language", "",
    "content-length", "",
    "content-location", "",
    "content-range", "",
    "content-type", "",
    "cookie", "",
    "date", "",
    "etag", "",
    "expect", "",
    "expires", "",
    "from", "",
    "host", "",
    "if-match", "",
    "if-modified-since", "",
    "if-none-match", "",
    "if-range", "",
    "if-unmodified-since", "",
    "last-modified", "",
    "link", "",
    "location", "",
    "max-forwards", "",
    "proxy-authenticate", "",
    "proxy-authorization", "",
    "range", "",
    "referer", "",
    "refresh", "",
    "retry-after", "",
    "server", "",
    "set-cookie", "",
    "strict-transport-security", "",
    "transfer-encoding", "",
    "user-agent", "",
    "vary", "",
    "via", "",
    "www-authenticate", "",
  };

  /** How many fields it has: they are numbered from 1. */
  static final int SIZE = TEXT.length / 2;

  private static final HpackField[] FIELDS = new HpackField[SIZE + 1];
  private static final Map<String, Integer> NAMES = new HashMap<>();

  static {
    for (int index = SIZE; index > 0; index--) {
      String name = TEXT[2 * index - 2];
      FIELDS[index] = new HpackField(name, TEXT[2 * index - 1]);
      NAMES.put(name, index); // the first of them stays
    }
  }

  private HpackStatic() {}

  /** The field of that number. */
  static HpackField field(int index) {
    return FIELDS[index];
  }

  /** The first field of that name; 0: none. */
  static int indexOf(String name) {
    @Nullable Integer index = NAMES.get(name);
    return index == null ? 0 : index;
  }

  /** The field of that name and value, of those that have a value; 0: none. */
  static int indexOf(String name, String value) {
    int first = value.isEmpty() ? 0 : indexOf(name);
    if (first == 0) {
      return 0;
    }
    for (int index = first; index <= SIZE && FIELDS[index].name().equals(name); index++) {
      if (FIELDS[index].value().equals(value)) {
        return index;
      }
    }
    return 0;
  }
}
