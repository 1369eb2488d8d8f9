package io.handfast.proxy.cluster;

import io.handfast.proxy.config.EndpointHealth;
import io.handfast.proxy.config.LocalityEndpoints.Locality;
import io.handfast.proxy.stats.HostStats;
import java.util.List;

/**
 * The endpoints of a cluster at one moment. Immutable; a change makes a new one.
 *
 * @param members each host once
 * @param version grows with each change of this cluster
 */
public record HostSet(List<Member> members, long version) {
  static final HostSet EMPTY = new HostSet(List.of(), 0);

  public HostSet {
    members = List.copyOf(members);
  }

  /**
   * An endpoint as a member of its cluster; what changes here leaves its connections alone.
   *
   * @param stats what is counted about it, on all event loops
   * @param priority 0 is the highest
   * @param weight at least 1
   * @param health what is known of it
   * @param locality where it is
   * @param localityWeight of all endpoints of its priority there; 0: none
   */
  public record Member(
      Host host,
      HostStats stats,
      int priority,
      int weight,
      EndpointHealth health,
      Locality locality,
      long localityWeight) {

    /** An endpoint of no particular locality. */
    public Member(Host host, HostStats stats, int priority, int weight, EndpointHealth health) {
      this(host, stats, priority, weight, health, Locality.NONE, 0);
    }
  }

  /** The endpoints, whether they may be chosen or not. */
  public List<Host> hosts() {
    return members.stream().map(Member::host).toList();
  }
}
