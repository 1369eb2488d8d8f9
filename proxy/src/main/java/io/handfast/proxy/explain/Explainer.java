package io.handfast.proxy.explain;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.config.RouteTable.VirtualHost;
import io.handfast.proxy.config.listener.ConnectionFacts;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks the way of a request through a snapshot, by the data path's own matchers, and notes what is
 * passed over. Immutable.
 */
public final class Explainer {

  private final ConfigSnapshot snapshot;
  private final Destinations destinations;

  /** What one route is a part of. */
  private record Placed(VirtualHost host, Route route) {}

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
    Arrival arrival = Arrival.of(question, snapshot.listeners());
    Choice at = arrival.byListener();
    Choice byChain = arrival.byChain();
    FilterChainConfig chain = arrival.chain();
    if (chain == null) {
      return none("no filter chain matches: the connection is closed", at, byChain);
    }
    if (chain.tls().isPresent() != question.tls()) {
      return none(
          question.tls()
              ? "the filter chain has no TLS, and the client speaks it (expected: without --tls)"
              : "the filter chain has TLS, and the client does not speak it (expected: --tls)",
          at,
          byChain);
    }
    Optional<HttpConnectionManagerConfig> http = chain.http();
    if (http.isEmpty()) {
      return tcp(chain, at, byChain);
    }
    return http(question, arrival.listener(), arrival.facts(), http.get(), at, byChain);
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
      ConnectionFacts facts,
      HttpConnectionManagerConfig http,
      Choice at,
      Choice byChain) {
    RequestHead head = question.head();
    Optional<LocalReply> refusal =
        RoutePreview.prepare(head, connection(question, listener, facts), http);
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
      Question question, ListenerConfig listener, ConnectionFacts facts) {
    TlsInfo tls =
        question.tls()
            ? new TlsInfo("TLSv1.3", "", "", question.serverName(), "", null, null, false)
            : null;
    return new ConnectionInfo(
        0,
        facts.remote(),
        facts.local(),
        listener.name(),
        listener.trafficDirection(),
        null,
        question.serverName(),
        tls);
  }
}
