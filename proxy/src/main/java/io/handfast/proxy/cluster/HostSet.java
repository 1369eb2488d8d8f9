package io.handfast.proxy.cluster;

import java.util.List;

/**
 * The endpoints of a cluster at one moment. Immutable; a change makes a new one.
 *
 * @param hosts that may be chosen
 * @param version grows with each change of this cluster
 */
public record HostSet(List<Host> hosts, long version) {
  static final HostSet EMPTY = new HostSet(List.of(), 0);

  public HostSet {
    hosts = List.copyOf(hosts);
  }
}
