package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One after the other. Each event loop goes round on its own, from a place of its own, so that no
 * counter is shared.
 */
public final class RoundRobin implements LoadBalancer {
  private int next;

  /**
   * @param start where to begin; not negative
   */
  public RoundRobin(int start) {
    this.next = start;
  }

  @Override
  public @Nullable Host choose(HostSet set) {
    List<Host> hosts = set.hosts();
    if (hosts.isEmpty()) {
      return null;
    }
    int at = next % hosts.size();
    next = at + 1;
    return hosts.get(at);
  }
}
