package io.handfast.proxy.config.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Filter chains by what they match, in Envoy's order: destination port, destination address, server
 * name, transport protocol, application protocol, direct source, source type, source address,
 * source port. At each step the most specific entry is taken and there is no way back: if nothing
 * behind it matches, nothing does.
 *
 * <p>Confined to one thread while it is built, then immutable.
 *
 * @param <T> a filter chain
 */
public final class FilterChainIndex<T> {
  /** An address that is in no range, in place of one that is not of the internet. */
  private static final InetAddress NOWHERE = InetAddress.ofLiteral("255.255.255.255");

  private static final int ANY_PORT = 0;
  private static final String ANY_NAME = "";

  /** By destination port, then as the name says. */
  private final Map<Integer, AddressTable<ServerNames<T>>> destinations = new HashMap<>();

  /** To the protocols, in both senses. */
  private static final class ServerNames<T> {
    final Map<String, Map<String, Map<String, AddressTable<Sources<T>>>>> names = new HashMap<>();
  }

  private static final class Sources<T> {
    final Map<SourceType, AddressTable<Map<Integer, T>>> types = new EnumMap<>(SourceType.class);
  }

  /**
   * Adds a chain.
   *
   * @return a chain that was added before and matches some of the same connections no less
   *     specifically, so that nobody could say which it is
   */
  public Optional<T> add(FilterChainMatch match, T chain) {
    AddressTable<ServerNames<T>> byPort =
        destinations.computeIfAbsent(
            match.destinationPort().orElse(ANY_PORT), _ -> new AddressTable<>());
    Conflict<T> conflict = new Conflict<>();
    each(byPort, match.prefixRanges(), ServerNames::new)
        .accept(names -> addNames(names, match, chain, conflict));
    return Optional.ofNullable(conflict.other);
  }

  private static final class Conflict<T> {
    @Nullable T other;
  }

  private static <T> void addNames(
      ServerNames<T> names, FilterChainMatch match, T chain, Conflict<T> conflict) {
    for (String name : orAny(match.serverNames())) {
      Map<String, Map<String, AddressTable<Sources<T>>>> transports =
          names.names.computeIfAbsent(
              name.startsWith("*.") ? name.substring(1) : name, _ -> new HashMap<>());
      Map<String, AddressTable<Sources<T>>> applications =
          transports.computeIfAbsent(match.transportProtocol(), _ -> new HashMap<>());
      for (String application : orAny(match.applicationProtocols())) {
        each(
                applications.computeIfAbsent(application, _ -> new AddressTable<>()),
                match.directSourceRanges(),
                Sources::new)
            .accept(sources -> addSources(sources, match, chain, conflict));
      }
    }
  }

  private static <T> void addSources(
      Sources<T> sources, FilterChainMatch match, T chain, Conflict<T> conflict) {
    each(
            sources.types.computeIfAbsent(match.sourceType(), _ -> new AddressTable<>()),
            match.sourceRanges(),
            HashMap::new)
        .accept(ports -> {
          for (int port : match.sourcePorts().isEmpty() ? List.of(ANY_PORT) : match.sourcePorts()) {
            T other = ports.putIfAbsent(port, chain);
            if (other != null && !other.equals(chain)) {
              conflict.other = other;
            }
          }
        });
  }

  private static List<String> orAny(List<String> names) {
    return names.isEmpty() ? List.of(ANY_NAME) : names;
  }

  /** All entries of those ranges, or the one for every address. */
  private static <V> Consumer<Consumer<V>> each(
      AddressTable<V> table, List<CidrRange> ranges, Supplier<V> fresh) {
    return action -> {
      if (ranges.isEmpty()) {
        action.accept(table.computeIfAbsent(null, fresh));
      }
      ranges.forEach(range -> action.accept(table.computeIfAbsent(range, fresh)));
    };
  }

  /** The chain of a connection; null if none matches. */
  public @Nullable T find(ConnectionFacts facts) {
    AddressTable<ServerNames<T>> byPort = destinations.get(port(facts.local()));
    if (byPort == null) {
      byPort = destinations.get(ANY_PORT);
    }
    ServerNames<T> names = byPort == null ? null : byPort.find(address(facts.local()));
    Map<String, Map<String, AddressTable<Sources<T>>>> transports =
        names == null ? null : byName(names.names, facts.serverName());
    Map<String, AddressTable<Sources<T>>> applications =
        transports == null ? null : orAny(transports, facts.transportProtocol());
    AddressTable<Sources<T>> direct =
        applications == null ? null : byApplication(applications, facts.applicationProtocols());
    Sources<T> sources = direct == null ? null : direct.find(address(facts.remote()));
    AddressTable<Map<Integer, T>> byAddress = sources == null ? null : byType(sources, facts);
    Map<Integer, T> ports = byAddress == null ? null : byAddress.find(address(facts.remote()));
    if (ports == null) {
      return null;
    }
    T found = ports.get(port(facts.remote()));
    return found != null ? found : ports.get(ANY_PORT);
  }

  /** Exactly, then by the longest wildcard, then those for every name. */
  private static <V> @Nullable V byName(Map<String, V> names, String asked) {
    V found = asked.startsWith(".") ? null : names.get(asked); // that is how wildcards are kept
    int dot = asked.indexOf('.', 1);
    while (found == null && dot > 0 && dot < asked.length() - 1) {
      found = names.get(asked.substring(dot));
      dot = asked.indexOf('.', dot + 1);
    }
    return found != null ? found : names.get(ANY_NAME);
  }

  private static <V> @Nullable V orAny(Map<String, V> protocols, String spoken) {
    V found = protocols.get(spoken);
    return found != null ? found : protocols.get(ANY_NAME);
  }

  private static <V> @Nullable V byApplication(Map<String, V> protocols, List<String> offered) {
    for (String protocol : offered) {
      V found = protocols.get(protocol);
      if (found != null) {
        return found;
      }
    }
    return protocols.get(ANY_NAME);
  }

  private static <T> @Nullable AddressTable<Map<Integer, T>> byType(
      Sources<T> sources, ConnectionFacts facts) {
    boolean typed = sources.types.size() > 1 || !sources.types.containsKey(SourceType.ANY);
    AddressTable<Map<Integer, T>> found =
        typed
            ? sources.types.get(
                isLocal(facts) ? SourceType.SAME_IP_OR_LOOPBACK : SourceType.EXTERNAL)
            : null;
    return found != null ? found : sources.types.get(SourceType.ANY);
  }

  private static boolean isLocal(ConnectionFacts facts) {
    return !(facts.remote() instanceof InetSocketAddress remote)
        || remote.getAddress().isLoopbackAddress()
        || (facts.local() instanceof InetSocketAddress local
            && local.getAddress().equals(remote.getAddress()));
  }

  private static int port(SocketAddress address) {
    return address instanceof InetSocketAddress internet ? internet.getPort() : ANY_PORT;
  }

  private static InetAddress address(SocketAddress address) {
    return address instanceof InetSocketAddress internet ? internet.getAddress() : NOWHERE;
  }
}
