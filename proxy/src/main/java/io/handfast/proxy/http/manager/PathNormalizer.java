package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.HttpConnectionManagerConfig.EscapedSlashes;
import io.handfast.proxy.config.HttpConnectionManagerConfig.PathOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Brings a path to the form that policies and services see alike (RFC 3986 section 6). Pure. */
final class PathNormalizer {
  private static final String UNRESERVED = "-._~";

  private PathNormalizer() {}

  /**
   * Brings a request target to its normal form.
   *
   * @param target path and query; only the path is changed
   * @return null if the path cannot be normalised
   */
  static @Nullable String normalize(String target, PathOptions options) {
    if (!target.startsWith("/")) {
      return target; // `*`, or CONNECT
    }
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    String rest = query < 0 ? "" : target.substring(query);
    if (options.escapedSlashes() != EscapedSlashes.KEEP) {
      String unescaped = unescapeSlashes(path);
      if (options.escapedSlashes() == EscapedSlashes.REJECT && !unescaped.equals(path)) {
        return null;
      }
      path = unescaped;
    }
    if (options.normalizePath()) {
      String decoded = decodeUnreserved(path);
      path = decoded == null ? null : removeDotSegments(decoded.replace('\\', '/'));
      if (path == null) {
        return null;
      }
    }
    return (options.mergeSlashes() ? mergeSlashes(path) : path) + rest;
  }

  private static String unescapeSlashes(String path) {
    return path.indexOf('%') < 0
        ? path
        : path.replace("%2f", "/").replace("%2F", "/").replace("%5c", "\\").replace("%5C", "\\");
  }

  /** Whether the path has an escaped slash or backslash; the query may have them. */
  static boolean hasEscapedSlash(String target) {
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    return target.startsWith("/") && !unescapeSlashes(path).equals(path);
  }

  private static @Nullable String decodeUnreserved(String path) {
    if (path.indexOf('%') < 0) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      if (i + 2 >= path.length()
          || !HexFormat.isHexDigit(path.charAt(i + 1))
          || !HexFormat.isHexDigit(path.charAt(i + 2))) {
        return null;
      }
      char decoded = (char) HexFormat.fromHexDigits(path, i + 1, i + 3);
      if (decoded == 0) {
        return null; // the end of the path to some, a part of it to others
      }
      if (isUnreserved(decoded)) {
        out.append(decoded);
      } else {
        out.append(path, i, i + 3);
      }
      i += 2;
    }
    return out.toString();
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || UNRESERVED.indexOf(c) >= 0;
  }

  private static String removeDotSegments(String path) {
    Deque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    boolean slashAtEnd = false;
    for (String segment : segments) {
      slashAtEnd = segment.equals(".") || segment.equals("..");
      if (segment.equals("..")) {
        kept.pollLast();
      } else if (!segment.equals(".")) {
        kept.addLast(segment);
      }
    }
    return "/" + String.join("/", kept) + (slashAtEnd && !kept.isEmpty() ? "/" : "");
  }

  private static String mergeSlashes(String path) {
    StringBuilder out = new StringBuilder(path.length());
    char before = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c != '/' || before != '/') {
        out.append(c);
      }
      before = c;
    }
    return out.toString();
  }
}
