package io.handfast.proxy.explain;

import io.handfast.proxy.config.listener.ConnectionFacts;
import io.handfast.proxy.config.listener.FilterChainIndex;
import io.handfast.proxy.config.listener.FilterChainMatch;
import io.handfast.proxy.config.listener.SourceType;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * In words, why a filter chain is not that of a connection: each condition is tried by itself, by
 * the index that the data path asks. Pure.
 */
final class ChainMismatch {

  private ChainMismatch() {}

  static String of(FilterChainMatch match, ConnectionFacts facts) {
    FilterChainMatch any = FilterChainMatch.ANY;
    InetSocketAddress local = (InetSocketAddress) facts.local();
    InetSocketAddress remote = (InetSocketAddress) facts.remote();
    List<Condition> conditions =
        List.of(
            new Condition(
                "destination_port",
                local.getPort(),
                match.destinationPort(),
                it -> with(it, match, 0)),
            new Condition(
                "prefix_ranges",
                local.getAddress().getHostAddress(),
                match.prefixRanges(),
                it -> with(it, match, 1)),
            new Condition(
                "server_names",
                facts.serverName().isEmpty() ? "none" : facts.serverName(),
                match.serverNames(),
                it -> with(it, match, 2)),
            new Condition(
                "transport_protocol",
                facts.transportProtocol(),
                match.transportProtocol(),
                it -> with(it, match, 3)),
            new Condition(
                "application_protocols",
                facts.applicationProtocols(),
                match.applicationProtocols(),
                it -> with(it, match, 4)),
            new Condition(
                "direct_source_prefix_ranges",
                remote.getAddress().getHostAddress(),
                match.directSourceRanges(),
                it -> with(it, match, 5)),
            new Condition(
                "source_type",
                remote.getAddress().getHostAddress(),
                match.sourceType(),
                it -> with(it, match, 6)),
            new Condition(
                "source_prefix_ranges",
                remote.getAddress().getHostAddress(),
                match.sourceRanges(),
                it -> with(it, match, 7)),
            new Condition(
                "source_ports", remote.getPort(), match.sourcePorts(), it -> with(it, match, 8)));
    for (Condition each : conditions) {
      FilterChainIndex<Boolean> alone = new FilterChainIndex<>();
      alone.add(each.only().apply(any), true);
      if (alone.find(facts) == null) {
        return "filter_chain_match."
            + each.field()
            + ": "
            + each.is()
            + " (expected: "
            + each.expected()
            + ")";
      }
    }
    return "it matches too, another one does so more specifically";
  }

  private record Condition(
      String field, Object is, Object expected, UnaryOperator<FilterChainMatch> only) {}

  /** What asks for nothing but one thing that the match asks for. */
  private static FilterChainMatch with(FilterChainMatch any, FilterChainMatch match, int which) {
    return new FilterChainMatch(
        which == 0 ? match.destinationPort() : any.destinationPort(),
        which == 1 ? match.prefixRanges() : List.of(),
        which == 2 ? match.serverNames() : List.of(),
        which == 3 ? match.transportProtocol() : "",
        which == 4 ? match.applicationProtocols() : List.of(),
        which == 5 ? match.directSourceRanges() : List.of(),
        which == 6 ? match.sourceType() : SourceType.ANY,
        which == 7 ? match.sourceRanges() : List.of(),
        which == 8 ? match.sourcePorts() : List.of());
  }
}
