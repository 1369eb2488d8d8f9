package io.handfast.proxy.redirect;

import io.handfast.proxy.config.listener.CidrRange;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Which connections are redirected. Immutable.
 *
 * @param inboundPort of the sidecar, for connections from outside
 * @param outboundPort of the sidecar, for connections of the pod's other processes
 * @param uids whose connections are the sidecar's own
 * @param gids as uids
 * @param inboundPorts those of the pod that are redirected; empty: all
 * @param excludedInboundPorts left alone
 * @param excludedOutboundPorts of peers, left alone
 * @param outboundRanges those of peers that are redirected; empty: all
 * @param excludedOutboundRanges left alone
 */
public record RedirectPlan(
    int inboundPort,
    int outboundPort,
    List<Long> uids,
    List<Long> gids,
    List<Integer> inboundPorts,
    List<Integer> excludedInboundPorts,
    List<Integer> excludedOutboundPorts,
    List<CidrRange> outboundRanges,
    List<CidrRange> excludedOutboundRanges) {

  public static final int DEFAULT_INBOUND_PORT = 15006;
  public static final int DEFAULT_OUTBOUND_PORT = 15001;
  public static final long DEFAULT_ID = 1337;

  /** The sidecar's own: transaction control, metrics and probes, readiness, Prometheus. */
  public static final List<Integer> OWN_PORTS = List.of(15014, 15020, 15021, 15090);

  private static final CidrRange LOOPBACK_V4 = new CidrRange(InetAddress.ofLiteral("127.0.0.0"), 8);
  private static final CidrRange LOOPBACK_V6 = new CidrRange(InetAddress.ofLiteral("::1"), 128);

  public RedirectPlan {
    port("inbound-port", inboundPort);
    port("outbound-port", outboundPort);
    if (inboundPort == outboundPort) {
      throw new IllegalArgumentException(
          "inbound-port: " + inboundPort + " (expected: another than the outbound port)");
    }
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    if (uids.isEmpty() && gids.isEmpty()) {
      throw new IllegalArgumentException(
          "proxy-uid: none (expected: the sidecar's; its own connections would come back to it)");
    }
    inboundPorts = ports("inbound-ports", inboundPorts);
    excludedInboundPorts = ports("exclude-inbound-ports", excludedInboundPorts);
    excludedOutboundPorts = ports("exclude-outbound-ports", excludedOutboundPorts);
    outboundRanges = List.copyOf(outboundRanges);
    excludedOutboundRanges = List.copyOf(excludedOutboundRanges);
  }

  private static List<Integer> ports(String name, List<Integer> ports) {
    ports.forEach(port -> port(name, port));
    return ports.stream().sorted().distinct().toList();
  }

  private static void port(String name, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(name + ": " + port + " (expected: 1 to 65535)");
    }
  }

  /** Loopback, and what was asked for, of that family. */
  List<CidrRange> excludedRanges(boolean v6) {
    List<CidrRange> all = new ArrayList<>();
    all.add(v6 ? LOOPBACK_V6 : LOOPBACK_V4);
    excludedOutboundRanges.stream()
        .filter(range -> isOf(range, v6) && !all.contains(range))
        .forEach(all::add);
    return all;
  }

  /** What is redirected of that family; empty if everything of both is. */
  List<CidrRange> ranges(boolean v6) {
    return outboundRanges.stream().filter(range -> isOf(range, v6)).distinct().toList();
  }

  private static boolean isOf(CidrRange range, boolean v6) {
    return v6 != (range.address() instanceof Inet4Address);
  }
}
