package io.handfast.proxy.explain;

import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.listener.ConnectionFacts;
import io.handfast.proxy.config.listener.FilterChainIndex;
import io.handfast.proxy.explain.Explanation.Choice;
import io.handfast.proxy.explain.Explanation.PassedOver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection comes in, and which filter chain is its own. Immutable.
 *
 * @param chain null: none matches
 * @param byListener why this listener, and why not the others
 * @param byChain why this chain, and why not the others
 */
record Arrival(
    ListenerConfig listener,
    ConnectionFacts facts,
    @Nullable FilterChainConfig chain,
    Choice byListener,
    Choice byChain) {

  private static final int CLIENT_PORT = 50_000;

  /** A chain of a listener, with its name for people. */
  private record Named(String name, FilterChainConfig config) {}

  /**
   * Finds it.
   *
   * @throws IllegalArgumentException if it could come in at several listeners, or at none
   */
  static Arrival of(Question question, List<ListenerConfig> listeners) {
    OptionalInt port = port(question, listeners);
    List<PassedOver> others = new ArrayList<>();
    ListenerConfig listener = listener(question, port, listeners, others);
    ConnectionFacts facts =
        new ConnectionFacts(
            local(listener, port),
            new InetSocketAddress(question.source(), CLIENT_PORT),
            question.serverName(),
            question.tls() ? ConnectionFacts.TLS : ConnectionFacts.RAW_BUFFER,
            question.applicationProtocols());
    Named chain = chain(listener, facts);
    return new Arrival(
        listener,
        facts,
        chain == null ? null : chain.config(),
        new Choice(listener.name(), "at " + listener.address(), List.copyOf(others)),
        describe(listener, chain, facts));
  }

  /** As asked; or, where nothing else says which of several listeners it is, that of the host. */
  private static OptionalInt port(Question question, List<ListenerConfig> listeners) {
    OptionalInt ofHost = question.hostPort();
    boolean tells =
        question.port().isEmpty()
            && question.listener().isEmpty()
            && ofHost.isPresent()
            && listeners.stream().filter(each -> isAt(each, ofHost.getAsInt())).count() == 1;
    return tells ? ofHost : question.port();
  }

  private static ListenerConfig listener(
      Question question,
      OptionalInt port,
      List<ListenerConfig> listeners,
      List<PassedOver> others) {
    List<ListenerConfig> fitting = new ArrayList<>();
    for (ListenerConfig each : listeners) {
      String why = whyNot(each, question, port);
      if (why.isEmpty()) {
        fitting.add(each);
      } else {
        others.add(new PassedOver(each.name(), why));
      }
    }
    if (fitting.size() != 1) {
      throw new IllegalArgumentException(problem(question, port, listeners, fitting));
    }
    return fitting.getFirst();
  }

  private static String problem(
      Question question,
      OptionalInt port,
      List<ListenerConfig> listeners,
      List<ListenerConfig> fitting) {
    if (listeners.isEmpty()) {
      return "--from: no listener is configured there (expected: one; if a control plane sends them,"
          + " --from admin asks the sidecar that has them)";
    }
    List<String> names = listeners.stream().map(ListenerConfig::name).toList();
    if (fitting.isEmpty()) {
      return question.listener().filter(name -> !names.contains(name)).isPresent()
          ? "--listener: " + question.listener().get() + " (expected: one of " + names + ")"
          : "--port: " + port.orElse(0) + " (expected: one of " + ports(listeners) + ")";
    }
    return "--listener: missing, and there are several (expected: one of "
        + fitting.stream().map(ListenerConfig::name).toList()
        + ", or --port)";
  }

  private static List<String> ports(List<ListenerConfig> listeners) {
    return listeners.stream()
        .flatMap(listener ->
            listener.allAddresses().stream()
                .filter(NetworkAddress.Tcp.class::isInstance)
                .map(address -> ((NetworkAddress.Tcp) address).port() + " of " + listener.name()))
        .toList();
  }

  private static String whyNot(ListenerConfig listener, Question question, OptionalInt port) {
    if (question.listener().isPresent() && !question.listener().get().equals(listener.name())) {
      return "name: " + listener.name() + " (expected: " + question.listener().get() + ")";
    }
    return port.isEmpty() || isAt(listener, port.getAsInt())
        ? ""
        : "address: " + listener.address() + " (expected: port " + port.getAsInt() + ")";
  }

  private static boolean isAt(ListenerConfig listener, int port) {
    return listener.allAddresses().stream()
        .anyMatch(address -> address instanceof NetworkAddress.Tcp tcp && tcp.port() == port);
  }

  /** Where the client connects to. */
  private static InetSocketAddress local(ListenerConfig listener, OptionalInt port) {
    if (listener.address() instanceof NetworkAddress.Tcp tcp) {
      InetAddress address = InetAddress.ofLiteral(tcp.host());
      boolean any = address.isAnyLocalAddress();
      return new InetSocketAddress(
          any ? InetAddress.getLoopbackAddress() : address, port.orElse(tcp.port()));
    }
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static @Nullable Named chain(ListenerConfig listener, ConnectionFacts facts) {
    FilterChainIndex<Named> index = new FilterChainIndex<>();
    chains(listener).forEach(chain -> index.add(chain.config().match(), chain));
    Named found = index.find(facts);
    return found != null
        ? found
        : listener
            .defaultFilterChain()
            .map(chain -> new Named("default_filter_chain", chain))
            .orElse(null);
  }

  private static List<Named> chains(ListenerConfig listener) {
    List<Named> chains = new ArrayList<>();
    for (FilterChainConfig each : listener.filterChains()) {
      chains.add(new Named("filter_chains[" + chains.size() + "]", each));
    }
    return chains;
  }

  private static Choice describe(
      ListenerConfig listener, @Nullable Named chosen, ConnectionFacts facts) {
    List<PassedOver> others =
        Stream.concat(
                chains(listener).stream(),
                listener.defaultFilterChain().stream()
                    .map(chain -> new Named("default_filter_chain", chain)))
            .filter(chain -> !chain.equals(chosen))
            .map(chain ->
                new PassedOver(chain.name(), ChainMismatch.of(chain.config().match(), facts)))
            .toList();
    return chosen == null
        ? new Choice("", "", others)
        : new Choice(
            chosen.name(),
            chosen.config().tls().isPresent() ? "the most specific; with TLS" : "the most specific",
            others);
  }
}
