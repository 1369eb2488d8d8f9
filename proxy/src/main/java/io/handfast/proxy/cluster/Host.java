package io.handfast.proxy.cluster;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * One endpoint of a cluster. Immutable; equal if addresses and name are, so that a pool survives a
 * resolution that changes nothing.
 *
 * @param address resolved; what the endpoint is known by
 * @param hostname as configured; the address in text if there is none
 * @param others further addresses of the same endpoint, to be tried if the first one does not
 *     answer
 */
public record Host(InetSocketAddress address, String hostname, List<InetSocketAddress> others) {

  public Host {
    others = List.copyOf(others);
  }

  /** An endpoint with one address. */
  public Host(InetSocketAddress address, String hostname) {
    this(address, hostname, List.of());
  }

  /** All of them, in the order in which they are tried. */
  public List<InetSocketAddress> addresses() {
    if (others.isEmpty()) {
      return List.of(address);
    }
    List<InetSocketAddress> all = new ArrayList<>(1 + others.size());
    all.add(address);
    all.addAll(others);
    return all;
  }
}
