package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;
import io.handfast.proxy.cluster.HostSet;
import org.jspecify.annotations.Nullable;

/** Chooses endpoints for the requests of one event loop. Confined to it. */
public interface LoadBalancer {

  /** The endpoint of the next request; null if there is none. */
  @Nullable Host choose(HostSet hosts);
}
