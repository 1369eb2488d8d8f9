package io.handfast.proxy.overload;

import java.io.IOException;

/** Says how much of a resource is used. Asked by one thread; must not wait. */
@FunctionalInterface
interface ResourceMonitor {
  /**
   * From 0 for nothing to 1 for all of it; may be more.
   *
   * @throws IOException if it cannot be told now: then it stays what it was
   */
  double pressure() throws IOException;
}
