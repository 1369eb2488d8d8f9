package io.handfast.example.bank;

import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A service's options: {@code --name value} or {@code --name=value}, else the environment's {@code
 * BANK_NAME}. A bad one throws {@link IllegalArgumentException} with a sentence for the user.
 */
public final class Options {
  private final Map<String, String> values;

  private Options(Map<String, String> values) {
    this.values = values;
  }

  public static Options parse(String[] args, Map<String, String> environment, Set<String> known) {
    Map<String, String> values = new HashMap<>();
    for (String name : known) {
      String variable = "BANK_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
      String value = environment.get(variable);
      if (value != null) {
        values.put(name, value);
      }
    }
    for (int i = 0; i < args.length; i++) {
      String argument = args[i];
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (!name.startsWith("--") || !known.contains(name.substring(2))) {
        throw new IllegalArgumentException(
            name
                + ": unknown option (expected one of: --"
                + String.join(", --", sorted(known))
                + ")");
      }
      if (equals < 0 && i + 1 == args.length) {
        throw new IllegalArgumentException(
            name + ": without a value (expected: " + name + " VALUE)");
      }
      values.put(name.substring(2), equals < 0 ? args[++i] : argument.substring(equals + 1));
    }
    return new Options(values);
  }

  private static Iterable<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  public String required(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "--" + name + ": missing (expected: --" + name + " VALUE)");
    }
    return value;
  }

  public @Nullable String optional(String name) {
    return values.get(name);
  }

  public int port(String name) {
    int port = Math.clamp(number(name, 0), -1, 65_536);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          "--" + name + ": " + required(name) + " (expected: 0 to 65535)");
    }
    return port;
  }

  long number(String name, long otherwise) {
    String value = values.get(name);
    return value == null ? otherwise : parse(name, value);
  }

  /** A list like {@code alice=100,bob=50}, in its order; empty when it is not given. */
  Map<String, String> map(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    String value = values.getOrDefault(name, "");
    for (String member : value.isEmpty() ? new String[0] : value.split(",", -1)) {
      int equals = member.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--" + name + ": " + member + " (expected: NAME=VALUE,NAME=VALUE,…)");
      }
      map.put(member.substring(0, equals), member.substring(equals + 1));
    }
    return map;
  }

  /** A list of amounts by name, {@code alice=100000,ann=50000}. */
  public Map<String, Long> amounts(String name) {
    Map<String, Long> amounts = new LinkedHashMap<>();
    map(name).forEach((key, amount) -> amounts.put(key, parse(name + " " + key, amount)));
    return amounts;
  }

  /** As {@link #urls}, but there must be one. */
  public Map<String, URI> requiredUrls(String name) {
    Map<String, URI> urls = urls(name);
    if (urls.isEmpty()) {
      throw new IllegalArgumentException("--" + name + ": missing (expected: NAME=URL,NAME=URL,…)");
    }
    return urls;
  }

  /** A list of base URLs by name, {@code bank-a=http://127.0.0.1:18001,…}. */
  Map<String, URI> urls(String name) {
    Map<String, URI> urls = new LinkedHashMap<>();
    map(name).forEach((key, url) -> urls.put(key, URI.create(url)));
    return urls;
  }

  private static long parse(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--" + name + ": " + value + " (expected: a whole number)");
    }
  }
}
