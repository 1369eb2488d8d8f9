package io.handfast.proxy.route;

import io.handfast.proxy.config.RouteTable.VirtualHost;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Virtual hosts by domain, searched as Envoy does: exact, longest suffix wildcard, longest prefix
 * wildcard, {@code *}. The port is part of the authority: a domain without one does not cover it
 * (Envoy's default). Immutable.
 */
final class DomainIndex {
  private final Map<String, VirtualHost> exact = new HashMap<>();
  private final TreeMap<Integer, Map<String, VirtualHost>> suffixes =
      new TreeMap<>(Comparator.reverseOrder());
  private final TreeMap<Integer, Map<String, VirtualHost>> prefixes =
      new TreeMap<>(Comparator.reverseOrder());
  private @Nullable VirtualHost any;

  private DomainIndex() {}

  static DomainIndex of(List<VirtualHost> hosts) {
    DomainIndex index = new DomainIndex();
    for (VirtualHost host : hosts) {
      for (String domain : host.domains()) {
        index.add(domain.toLowerCase(Locale.ROOT), host);
      }
    }
    return index;
  }

  private void add(String domain, VirtualHost host) {
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

  @Nullable VirtualHost find(String authority) {
    if (exact.isEmpty() && suffixes.isEmpty() && prefixes.isEmpty()) {
      return any;
    }
    VirtualHost found = findIn(lower(authority));
    return found == null ? any : found;
  }

  private @Nullable VirtualHost findIn(String domain) {
    VirtualHost found = exact.get(domain);
    if (found != null) {
      return found;
    }
    for (Map.Entry<Integer, Map<String, VirtualHost>> length : suffixes.entrySet()) {
      int from = domain.length() - length.getKey();
      found = from > 0 ? length.getValue().get(domain.substring(from)) : null;
      if (found != null) {
        return found;
      }
    }
    for (Map.Entry<Integer, Map<String, VirtualHost>> length : prefixes.entrySet()) {
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
