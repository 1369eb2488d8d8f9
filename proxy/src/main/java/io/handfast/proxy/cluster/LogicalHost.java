package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What the one endpoint of a LOGICAL_DNS cluster is after its name was resolved. Pure. */
final class LogicalHost {

  private LogicalHost() {}

  /**
   * The address of before as long as the name has it: its connections are still good. If all
   * families are looked up, the other addresses of the name are its reserve.
   *
   * @param now at least one
   */
  static List<Host> of(List<Host> before, List<Host> now, DnsLookupFamily family) {
    Host first = now.getFirst();
    for (Host host : now) {
      if (!before.isEmpty() && host.address().equals(before.getFirst().address())) {
        first = host;
      }
    }
    return family == DnsLookupFamily.ALL
        ? List.of(
            new Host(
                first.address(),
                first.hostname(),
                reserve((InetSocketAddress) first.address(), now)))
        : List.of(first);
  }

  /**
   * The families in turns, the other one first (RFC 8305), the same whatever order they came in.
   */
  private static List<SocketAddress> reserve(InetSocketAddress first, List<Host> now) {
    List<InetSocketAddress> same = new ArrayList<>();
    List<InetSocketAddress> other = new ArrayList<>();
    for (Host host : now) {
      if (host.address() instanceof InetSocketAddress address) {
        boolean alike = address.getAddress().getClass() == first.getAddress().getClass();
        (alike ? same : other).add(address);
      }
    }
    same.remove(first);
    same.sort(Comparator.comparing(InetSocketAddress::toString));
    other.sort(Comparator.comparing(InetSocketAddress::toString));
    List<SocketAddress> reserve = new ArrayList<>();
    for (int i = 0; i < Math.max(same.size(), other.size()); i++) {
      if (i < other.size()) {
        reserve.add(other.get(i));
      }
      if (i < same.size()) {
        reserve.add(same.get(i));
      }
    }
    return reserve;
  }
}
