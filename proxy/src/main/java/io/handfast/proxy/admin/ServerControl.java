package io.handfast.proxy.admin;

import java.util.List;

/**
 * The life cycle of the proxy, as far as administration sees and changes it. Thread-safe; nothing
 * blocks.
 */
public interface ServerControl {

  /** Where the proxy stands; the names are of {@code envoy.admin.v3.ServerInfo.State}. */
  enum State {
    LIVE,
    DRAINING,
    PRE_INITIALIZING,
    INITIALIZING
  }

  /** Where it stands. */
  State state();

  /** Why it takes no traffic, in sentences; empty if it does. */
  List<String> notReady();

  /** What people should know though it takes traffic, in sentences. */
  List<String> notices();

  /** Says DRAINING from now on, or no longer; traffic goes on. */
  void failHealthChecks(boolean fail);

  /**
   * Accepts no more connections; those there are finish what is in flight.
   *
   * @param inboundOnly only listeners that say so in {@code traffic_direction}
   */
  void drainListeners(boolean inboundOnly);

  /** Ends the process as SIGTERM would. */
  void quit();

  /** Opens the files of access logs anew. */
  void reopenLogs();
}
