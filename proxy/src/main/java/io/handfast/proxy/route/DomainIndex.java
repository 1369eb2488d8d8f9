package io.handfast.proxy.route;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Virtual hosts by domain, searched as Envoy does: exact, longest suffix wildcard, longest prefix
 * wildcard, {@code *}. A port is part of what is searched: a domain without one does not cover it
 * (Envoy's default). Immutable once filled.
 *
 * @param <T> what stands for a virtual host
 */
final class DomainIndex<T> {
  private final Map<String, T> exact = new HashMap<>();
  private final TreeMap<Integer, Map<String, T>> suffixes =
      new TreeMap<>(Comparator.reverseOrder());
  private final TreeMap<Integer, Map<String, T>> prefixes =
      new TreeMap<>(Comparator.reverseOrder());
  private @Nullable T any;

  /** What a domain leads to. */
  void add(String pattern, T host) {
    String domain = pattern.toLowerCase(Locale.ROOT);
    if (domain.equals("*")) {
      any = host;
    } else if (domain.startsWith("*")) {
      String suffix = domain.substring(1);
      suffixes.computeIfAbsent(suffix.length(), _ -> new HashMap<>()).put(suffix, host);
    } else if (domain.endsWith("*")) {
      String prefix = domain.substring(0, domain.length() - 1);
      prefixes.computeIfAbsent(prefix.length(), _ -> new HashMap<>()).put(prefix, host);
    } else {
      exact.put(domain, host);
    }
  }

  @Nullable T find(String authority) {
    if (exact.isEmpty() && suffixes.isEmpty() && prefixes.isEmpty()) {
      return any;
    }
    T found = findIn(lower(authority));
    return found == null ? any : found;
  }

  private @Nullable T findIn(String domain) {
    T found = exact.get(domain);
    if (found != null) {
      return found;
    }
    for (Map.Entry<Integer, Map<String, T>> length : suffixes.entrySet()) {
      int from = domain.length() - length.getKey();
      found = from > 0 ? length.getValue().get(domain.substring(from)) : null;
      if (found != null) {
        return found;
      }
    }
    for (Map.Entry<Integer, Map<String, T>> length : prefixes.entrySet()) {
      int to = length.getKey();
      found = to < domain.length() ? length.getValue().get(domain.substring(0, to)) : null;
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static String lower(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return text.toLowerCase(Locale.ROOT);
      }
    }
    return text;
  }
}
