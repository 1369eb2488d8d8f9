package io.handfast.proxy.explain;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.config.listener.ConnectionFacts;
import io.handfast.proxy.config.listener.FilterChainIndex;
import io.handfast.proxy.explain.Explanation.Choice;
import io.handfast.proxy.explain.Explanation.Destination;
import io.handfast.proxy.explain.Explanation.PassedOver;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.manager.RoutePreview;
import io.handfast.proxy.http.tls.TlsInfo;
import io.handfast.proxy.route.RouteMatcher;
import io.handfast.proxy.route.RouteWalk;
import io.handfast.proxy.tcp.TcpProxyConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks the way of a request through a snapshot, by the data path's own matchers, and notes what is
 * passed over. Immutable.
 */
public final class Explainer {

  private static final int CLIENT_PORT = 50_000;

  private final ConfigSnapshot snapshot;
  private final Destinations destinations;

  /** What one route is a part of. */
  private record Placed(VirtualHost host, Route route) {}

  /** A chain of a listener, with its name for people. */
  private record Named(String name, FilterChainConfig config) {}

  /**
   * @param snapshot the configuration
   * @param endpoints of clusters by name, as they are now; those of others are as configured
   */
  public Explainer(ConfigSnapshot snapshot, Map<String, List<Explanation.Target>> endpoints) {
    this.snapshot = snapshot;
    this.destinations = new Destinations(snapshot, endpoints);
  }

  /**
   * What would become of the request.
   *
   * @throws IllegalArgumentException if it could come in at several listeners, or at none; the
   *     message says what was expected
   */
  public Explanation explain(Question question) {
    List<PassedOver> otherListeners = new ArrayList<>();
    ListenerConfig listener = listener(question, otherListeners);
    Choice at =
        new Choice(listener.name(), "at " + listener.address(), List.copyOf(otherListeners));
    InetSocketAddress local = local(listener, question);
    ConnectionFacts facts =
        new ConnectionFacts(
            local,
            new InetSocketAddress(question.source(), CLIENT_PORT),
            question.serverName(),
            question.tls() ? ConnectionFacts.TLS : ConnectionFacts.RAW_BUFFER,
            question.applicationProtocols());
    Named chain = chain(listener, facts);
    Choice byChain = describe(listener, chain, facts);
    if (chain == null) {
      return none("no filter chain matches: the connection is closed", at, byChain);
    }
    if (chain.config().tls().isPresent() != question.tls()) {
      return none(
          question.tls()
              ? "the filter chain has no TLS, and the client speaks it (expected: without --tls)"
              : "the filter chain has TLS, and the client does not speak it (expected: --tls)",
          at,
          byChain);
    }
    Optional<HttpConnectionManagerConfig> http = chain.config().http();
    if (http.isEmpty()) {
      return tcp(chain.config(), at, byChain);
    }
    return http(question, listener, local, http.get(), at, byChain);
  }

  private ListenerConfig listener(Question question, List<PassedOver> others) {
    List<ListenerConfig> fitting = new ArrayList<>();
    for (ListenerConfig each : snapshot.listeners()) {
      String why = whyNot(each, question);
      if (why.isEmpty()) {
        fitting.add(each);
      } else {
        others.add(new PassedOver(each.name(), why));
      }
    }
    List<String> names = snapshot.listeners().stream().map(ListenerConfig::name).toList();
    if (fitting.isEmpty()) {
      throw new IllegalArgumentException(
          question.listener().isPresent()
              ? "--listener: " + question.listener().get() + " (expected: one of " + names + ")"
              : "--port: no listener is there (expected: that of one of " + names + ")");
    }
    if (fitting.size() > 1) {
      throw new IllegalArgumentException(
          "--listener: missing, and there are several (expected: one of "
              + fitting.stream().map(ListenerConfig::name).toList()
              + ", or --port)");
    }
    return fitting.getFirst();
  }

  private static String whyNot(ListenerConfig listener, Question question) {
    if (question.listener().isPresent() && !question.listener().get().equals(listener.name())) {
      return "name: " + listener.name() + " (expected: " + question.listener().get() + ")";
    }
    boolean there =
        question.port().isEmpty()
            || listener.allAddresses().stream()
                .anyMatch(address ->
                    address instanceof NetworkAddress.Tcp tcp
                        && tcp.port() == question.port().getAsInt());
    return there
        ? ""
        : "address: " + listener.address() + " (expected: port " + question.port().getAsInt() + ")";
  }

  /** Where the client connects to. */
  private static InetSocketAddress local(ListenerConfig listener, Question question) {
    if (listener.address() instanceof NetworkAddress.Tcp tcp) {
      InetAddress address = InetAddress.ofLiteral(tcp.host());
      boolean any = address.isAnyLocalAddress();
      return new InetSocketAddress(
          any ? InetAddress.getLoopbackAddress() : address, question.port().orElse(tcp.port()));
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

  private Explanation tcp(FilterChainConfig chain, Choice at, Choice byChain) {
    List<Destination> clusters =
        chain.filters().getLast() instanceof TcpProxyConfig tcp ? destinations.of(tcp) : List.of();
    return new Explanation(
        false,
        "it is passed on as TCP: there are no routes",
        at,
        byChain,
        "",
        Explanation.NONE,
        Explanation.NONE,
        clusters,
        Map.of());
  }

  private static Explanation none(String outcome, Choice at, Choice byChain) {
    return new Explanation(
        false, outcome, at, byChain, "", Explanation.NONE, Explanation.NONE, List.of(), Map.of());
  }

  private Explanation http(
      Question question,
      ListenerConfig listener,
      InetSocketAddress local,
      HttpConnectionManagerConfig http,
      Choice at,
      Choice byChain) {
    RequestHead head = question.head();
    Optional<LocalReply> refusal =
        RoutePreview.prepare(head, connection(question, listener, local), http);
    if (refusal.isPresent()) {
      return none(
          refusal.get().status() + " " + refusal.get().details() + ", before a route is looked for",
          at,
          byChain);
    }
    String request = head.method() + " " + head.authority() + " " + head.path();
    Optional<RouteWalk<Placed>> walk =
        RouteMatcher.compile(http.routes(), Placed::new).walk(head, 0);
    if (walk.isEmpty()) {
      return new Explanation(
          false,
          "404: no virtual host has the domain " + head.authority(),
          at,
          byChain,
          request,
          new Choice("", "", otherHosts(http, null)),
          Explanation.NONE,
          List.of(),
          Map.of());
    }
    return routed(head, http, listener, walk.get(), at, byChain, request);
  }

  private Explanation routed(
      RequestHead head,
      HttpConnectionManagerConfig http,
      ListenerConfig listener,
      RouteWalk<Placed> walk,
      Choice at,
      Choice byChain,
      String request) {
    List<PassedOver> passed = new ArrayList<>();
    for (int i = 0; i < walk.passedOver().size(); i++) {
      passed.add(new PassedOver(name(i, walk.targets().get(i)), walk.passedOver().get(i)));
    }
    VirtualHost host = walk.targets().isEmpty() ? null : walk.targets().getFirst().host();
    Choice byHost =
        new Choice(
            host == null ? "" : host.name(),
            host == null ? "" : "domains " + host.domains(),
            otherHosts(http, host));
    if (walk.found().isEmpty()) {
      return new Explanation(
          false,
          "404: no route of the virtual host matches",
          at,
          byChain,
          request,
          byHost,
          new Choice("", "", passed),
          List.of(),
          Map.of());
    }
    int found = walk.found().getAsInt();
    Route route = walk.targets().get(found).route();
    List<Destination> clusters = destinations.of(route.action(), head);
    return new Explanation(
        true,
        Actions.outcome(route, head, clusters),
        at,
        byChain,
        request,
        byHost,
        new Choice(name(found, walk.targets().get(found)), Actions.because(route.match()), passed),
        clusters,
        TransactionText.of(http, route, listener, clusters, snapshot));
  }

  private static String name(int index, Placed placed) {
    String name = placed.route().name();
    return "routes[" + index + "]" + (name.isEmpty() ? "" : " " + name);
  }

  private static List<PassedOver> otherHosts(
      HttpConnectionManagerConfig http, @Nullable VirtualHost chosen) {
    return http.routes().virtualHosts().stream()
        .filter(host -> !Objects.equals(host, chosen))
        .map(host ->
            new PassedOver(
                host.name(),
                chosen == null
                    ? "domains " + host.domains()
                    : "domains " + host.domains() + " are none, or less specific"))
        .toList();
  }

  private static ConnectionInfo connection(
      Question question, ListenerConfig listener, InetSocketAddress local) {
    TlsInfo tls =
        question.tls()
            ? new TlsInfo("TLSv1.3", "", "", question.serverName(), "", null, null, false)
            : null;
    return new ConnectionInfo(
        0,
        new InetSocketAddress(question.source(), CLIENT_PORT),
        local,
        listener.name(),
        listener.trafficDirection(),
        null,
        question.serverName(),
        tls);
  }
}
