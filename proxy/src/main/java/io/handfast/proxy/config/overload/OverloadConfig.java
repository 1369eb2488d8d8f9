package io.handfast.proxy.config.overload;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * How the proxy protects itself ({@code envoy.config.overload.v3.OverloadManager}). It is not asked
 * for: without a configuration {@link #DEFAULTS} hold.
 *
 * @param refreshInterval between two looks at the resources
 * @param monitors each name once
 * @param actions each kind once
 */
public record OverloadConfig(
    Duration refreshInterval, List<Monitor> monitors, List<Action> actions) {

  /** As in Envoy. */
  public static final Duration DEFAULT_REFRESH_INTERVAL = Duration.ofSeconds(1);

  /**
   * Connections of clients at once, of all listeners: a sidecar's service has far fewer, and each
   * costs a descriptor of the process.
   */
  public static final long DEFAULT_MAX_CONNECTIONS = 20_000;

  private static final String CGROUP = "envoy.resource_monitors.cgroup_memory";
  private static final String DIRECT = "handfast.resource_monitors.direct_memory";

  public static final OverloadConfig DEFAULTS =
      new OverloadConfig(
          DEFAULT_REFRESH_INTERVAL,
          List.of(
              new CgroupMemory(CGROUP, OptionalLong.empty()),
              new DirectMemory(DIRECT),
              new DownstreamConnections(
                  "envoy.resource_monitors.global_downstream_max_connections",
                  DEFAULT_MAX_CONNECTIONS)),
          List.of(
              // Direct memory is given back by those who have it, and not by a collection.
              new Action(ActionKind.SHRINK_HEAP, List.of(new Trigger(CGROUP, 0.9))),
              byMemory(ActionKind.DISABLE_HTTP_KEEPALIVE, 0.92),
              byMemory(ActionKind.STOP_ACCEPTING_REQUESTS, 0.95),
              byMemory(ActionKind.REJECT_INCOMING_CONNECTIONS, 0.98)));

  public OverloadConfig {
    monitors = List.copyOf(monitors);
    actions = List.copyOf(actions);
  }

  private static Action byMemory(ActionKind kind, double threshold) {
    return new Action(
        kind, List.of(new Trigger(CGROUP, threshold), new Trigger(DIRECT, threshold)));
  }

  /** A resource that is watched. */
  public sealed interface Monitor {
    /** Under which it stands in statistics, and in triggers. */
    String name();
  }

  /**
   * The memory of the control group that the process runs in, without what the kernel can give back
   * at once.
   *
   * @param maxBytes what counts as all of it; empty: the limit of the group
   */
  public record CgroupMemory(String name, OptionalLong maxBytes) implements Monitor {}

  /** The direct memory of Netty's buffers, of what the JVM allows. */
  public record DirectMemory(String name) implements Monitor {}

  /**
   * What lives on the heap after the last collection, and direct memory.
   *
   * @param maxBytes what counts as all of it
   */
  public record FixedHeap(String name, long maxBytes) implements Monitor {}

  /**
   * Open connections of clients. No action hangs on it: what comes beyond the maximum is closed.
   *
   * @param max of all listeners together
   */
  public record DownstreamConnections(String name, long max) implements Monitor {}

  /** What is done. */
  public enum ActionKind {
    /** Garbage is collected, every ten seconds if it is worth it. */
    SHRINK_HEAP("envoy.overload_actions.shrink_heap"),
    /** Connections of clients are closed behind the answers that are under way. */
    DISABLE_HTTP_KEEPALIVE("envoy.overload_actions.disable_http_keepalive"),
    /** Requests are answered 503. */
    STOP_ACCEPTING_REQUESTS("envoy.overload_actions.stop_accepting_requests"),
    /** Connections are closed as they come. */
    REJECT_INCOMING_CONNECTIONS("envoy.overload_actions.reject_incoming_connections");

    private final String configName;

    ActionKind(String configName) {
      this.configName = configName;
    }

    /** Envoy's name of it. */
    public String configName() {
      return configName;
    }
  }

  /**
   * Something that is done when there is too little.
   *
   * @param triggers any of them sets it off
   */
  public record Action(ActionKind kind, List<Trigger> triggers) {
    public Action {
      triggers = List.copyOf(triggers);
    }
  }

  /**
   * When an action is set off.
   *
   * @param monitor its name
   * @param threshold pressure from 0 to 1 at which it is set off
   */
  public record Trigger(String monitor, double threshold) {}
}
