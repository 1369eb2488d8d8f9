package io.handfast.proxy.overload;

import io.handfast.proxy.config.overload.OverloadConfig.ActionKind;

/** Sets actions off, for tests of what they do. */
public final class Overloads {

  private Overloads() {}

  public static void disableKeepAlive(OverloadState state) {
    state.set(ActionKind.DISABLE_HTTP_KEEPALIVE, true);
  }

  public static void refuseRequests(OverloadState state) {
    state.set(ActionKind.STOP_ACCEPTING_REQUESTS, true);
  }

  public static void refuseConnections(OverloadState state) {
    state.set(ActionKind.REJECT_INCOMING_CONNECTIONS, true);
  }

  public static void maxConnections(OverloadState state, long max) {
    state.maxConnections(max);
  }
}
