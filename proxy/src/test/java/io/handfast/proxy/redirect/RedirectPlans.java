package io.handfast.proxy.redirect;

import java.util.List;

/** Plans that tests have in common. */
final class RedirectPlans {
  private RedirectPlans() {}

  /** As a pod has it by default: all but loopback, the sidecar's own, and calls to those ports. */
  static RedirectPlan everythingBut(Integer... outboundPorts) {
    return new RedirectPlan(
        15006,
        15001,
        List.of(1337L),
        List.of(1337L),
        List.of(),
        RedirectPlan.OWN_PORTS,
        List.of(outboundPorts),
        List.of(),
        List.of());
  }
}
