package io.handfast.proxy.cluster.lb;

import io.handfast.proxy.cluster.Host;

/** Chooses one of a fixed number of endpoints, at least one. Confined to an event loop. */
interface HostPicker {

  /** The endpoint of the next request. */
  Host pick();
}
