package io.handfast.proxy.config.listener;

import java.util.List;
import java.util.OptionalInt;

/**
 * Which connections a filter chain is for ({@code envoy.config.listener.v3.FilterChainMatch}); what
 * is empty matches all. Immutable.
 *
 * @param destinationPort of the address that the client connected to
 * @param prefixRanges of that address
 * @param serverNames in lower case; {@code *.} at the begin stands for one label or more
 * @param transportProtocol {@code tls} or {@code raw_buffer}; empty: any
 * @param applicationProtocols one of these is among those that the client offers
 * @param directSourceRanges of the socket's peer
 * @param sourceType where the client is
 * @param sourceRanges of the client
 * @param sourcePorts of the client
 */
public record FilterChainMatch(
    OptionalInt destinationPort,
    List<CidrRange> prefixRanges,
    List<String> serverNames,
    String transportProtocol,
    List<String> applicationProtocols,
    List<CidrRange> directSourceRanges,
    SourceType sourceType,
    List<CidrRange> sourceRanges,
    List<Integer> sourcePorts) {

  /** Every connection. */
  public static final FilterChainMatch ANY =
      new FilterChainMatch(
          OptionalInt.empty(),
          List.of(),
          List.of(),
          "",
          List.of(),
          List.of(),
          SourceType.ANY,
          List.of(),
          List.of());

  public FilterChainMatch {
    prefixRanges = List.copyOf(prefixRanges);
    serverNames = List.copyOf(serverNames);
    applicationProtocols = List.copyOf(applicationProtocols);
    directSourceRanges = List.copyOf(directSourceRanges);
    sourceRanges = List.copyOf(sourceRanges);
    sourcePorts = List.copyOf(sourcePorts);
  }

  /** Whether only the begin of a connection can tell, as an inspector of TLS reads it. */
  public boolean needsTlsInspector() {
    return transportProtocol.equals(ConnectionFacts.TLS)
        || (transportProtocol.isEmpty()
            && !(serverNames.isEmpty() && applicationProtocols.isEmpty()));
  }
}
