package io.handfast.proxy.config.compile.listener;

import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.listener.CidrRange;
import io.handfast.proxy.config.listener.ConnectionFacts;
import io.handfast.proxy.config.listener.FilterChainMatch;
import io.handfast.proxy.config.listener.SourceType;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** {@code envoy.config.listener.v3.FilterChainMatch}. */
public final class FilterChainMatchCompiler {

  private FilterChainMatchCompiler() {}

  /** The match; what is wrong with it is noted. */
  public static FilterChainMatch compile(
      io.envoyproxy.envoy.config.listener.v3.FilterChainMatch proto, Scope scope) {
    String transport = proto.getTransportProtocol();
    if (!transport.isEmpty()
        && !transport.equals(ConnectionFacts.TLS)
        && !transport.equals(ConnectionFacts.RAW_BUFFER)) {
      scope.field("transport_protocol").error(transport, "tls or raw_buffer; or not set");
    }
    SourceType type =
        switch (proto.getSourceType()) {
          case SAME_IP_OR_LOOPBACK -> SourceType.SAME_IP_OR_LOOPBACK;
          case EXTERNAL -> SourceType.EXTERNAL;
          case ANY, UNRECOGNIZED -> SourceType.ANY;
        };
    return new FilterChainMatch(
        proto.hasDestinationPort()
            ? OptionalInt.of(proto.getDestinationPort().getValue())
            : OptionalInt.empty(),
        ranges(proto.getPrefixRangesList(), "prefix_ranges", scope),
        serverNames(proto.getServerNamesList(), scope),
        transport,
        proto.getApplicationProtocolsList(),
        ranges(proto.getDirectSourcePrefixRangesList(), "direct_source_prefix_ranges", scope),
        type,
        ranges(proto.getSourcePrefixRangesList(), "source_prefix_ranges", scope),
        proto.getSourcePortsList());
  }

  private static List<String> serverNames(List<String> names, Scope scope) {
    List<String> compiled = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i).toLowerCase(Locale.ROOT);
      String suffix = name.startsWith("*.") ? name.substring(2) : name;
      if (suffix.isEmpty() || suffix.indexOf('*') >= 0) {
        scope
            .field("server_names", i)
            .error(
                "'" + names.get(i) + "'",
                "a name, or one with '*.' in front; every name: no server_names");
      }
      compiled.add(name);
    }
    return compiled;
  }

  private static List<CidrRange> ranges(
      List<io.envoyproxy.envoy.config.core.v3.CidrRange> protos, String field, Scope scope) {
    List<CidrRange> ranges = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      Scope here = scope.field(field, i);
      String text = protos.get(i).getAddressPrefix();
      int length = protos.get(i).getPrefixLen().getValue();
      InetAddress address =
          Addresses.isLiteral(text) ? NetUtil.createInetAddressFromIpAddressString(text) : null;
      if (address == null) {
        here.field("address_prefix").error(text, "an IP address");
        continue;
      }
      CidrRange range = here.build(() -> new CidrRange(address, length));
      if (range != null) {
        ranges.add(range);
      }
    }
    return ranges;
  }
}
