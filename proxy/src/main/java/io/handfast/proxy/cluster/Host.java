package io.handfast.proxy.cluster;

import java.net.SocketAddress;
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
public record Host(SocketAddress address, String hostname, List<SocketAddress> others) {

  public Host {
    others = List.copyOf(others);
  }

  /** An endpoint with one address. */
  public Host(SocketAddress address, String hostname) {
    this(address, hostname, List.of());
  }

  /** All of them, in the order in which they are tried. */
  public List<SocketAddress> addresses() {
    if (others.isEmpty()) {
      return List.of(address);
    }
    List<SocketAddress> all = new ArrayList<>(1 + others.size());
    all.add(address);
    all.addAll(others);
    return all;
  }
}
