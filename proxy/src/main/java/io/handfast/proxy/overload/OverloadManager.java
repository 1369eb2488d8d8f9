package io.handfast.proxy.overload;

import io.handfast.proxy.config.overload.OverloadConfig;
import io.handfast.proxy.config.overload.OverloadConfig.Action;
import io.handfast.proxy.config.overload.OverloadConfig.ActionKind;
import io.handfast.proxy.config.overload.OverloadConfig.DownstreamConnections;
import io.handfast.proxy.config.overload.OverloadConfig.Monitor;
import io.handfast.proxy.config.overload.OverloadConfig.Trigger;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Gauge;
import io.handfast.proxy.stats.OverloadStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the resources again and again, and sets the actions off and on. Confined to one
 * dispatcher; what it finds stands in an {@link OverloadState}.
 */
public final class OverloadManager implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OverloadManager.class);

  private final OverloadConfig config;
  private final OverloadState state;
  private final HeapShrinker heap;
  private final Dispatcher dispatcher;
  private final Map<String, Watched> monitors = new LinkedHashMap<>();
  private final List<Switch> switches = new ArrayList<>();
  private Dispatcher.Timer timer = Dispatcher.Timer.NONE;
  private boolean closed;

  private OverloadManager(
      OverloadConfig config,
      Map<String, ResourceMonitor> resources,
      OverloadState state,
      OverloadStats stats,
      HeapShrinker heap,
      Dispatcher dispatcher) {
    this.config = config;
    this.state = state;
    this.heap = heap;
    this.dispatcher = dispatcher;
    resources.forEach((name, monitor) ->
        monitors.put(
            name, new Watched(name, monitor, stats.pressure(name), stats.failedUpdates(name))));
    for (Action action : config.actions()) {
      String name = action.kind().configName();
      switches.add(new Switch(action, stats.active(name), stats.scalePercent(name)));
    }
  }

  /**
   * A manager that watches this process.
   *
   * @param heap started and closed with it, on the same dispatcher
   * @param dispatcher on which it looks
   * @throws IOException if the control group of the process cannot be told
   */
  public static OverloadManager of(
      OverloadConfig config,
      OverloadState state,
      OverloadStats stats,
      HeapShrinker heap,
      Dispatcher dispatcher)
      throws IOException {
    Map<String, ResourceMonitor> resources = new LinkedHashMap<>();
    for (Monitor monitor : config.monitors()) {
      resources.put(monitor.name(), resource(monitor, state));
    }
    return with(config, resources, state, stats, heap, dispatcher);
  }

  /** As {@link #of}, watching what it is given under the names of the configuration. */
  static OverloadManager with(
      OverloadConfig config,
      Map<String, ResourceMonitor> resources,
      OverloadState state,
      OverloadStats stats,
      HeapShrinker heap,
      Dispatcher dispatcher) {
    for (Monitor monitor : config.monitors()) {
      if (monitor instanceof DownstreamConnections connections) {
        state.maxConnections(connections.max());
      }
    }
    return new OverloadManager(config, resources, state, stats, heap, dispatcher);
  }

  private static ResourceMonitor resource(Monitor monitor, OverloadState state) throws IOException {
    return switch (monitor) {
      case OverloadConfig.CgroupMemory memory ->
          CgroupMemory.of(
              Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup"), memory.maxBytes());
      case OverloadConfig.DirectMemory _ -> ProcessMemory::direct;
      case OverloadConfig.FixedHeap heap ->
          () -> ProcessMemory.liveBytes() / (double) heap.maxBytes();
      case DownstreamConnections connections ->
          () -> state.connections() / (double) connections.max();
    };
  }

  /** Looks now, and from now on. */
  public void start() {
    heap.start();
    round();
  }

  private void round() {
    dispatcher.checkInLoop();
    if (!closed) {
      look();
      timer = dispatcher.schedule(config.refreshInterval(), this::round);
    }
  }

  private void look() {
    monitors.values().forEach(Watched::look);
    for (Switch each : switches) {
      boolean active =
          each.action.triggers().stream()
              .anyMatch(trigger -> pressure(trigger) >= trigger.threshold());
      if (active != each.active) {
        each.active = active;
        each.gauge.set(active ? 1 : 0);
        each.scale.set(active ? 100 : 0);
        state.set(each.action.kind(), active);
        LOG.warn(
            "overload: action={} {} pressure={}",
            each.action.kind().configName(),
            active ? "begins" : "ends",
            each.action.triggers().stream().map(this::said).toList());
      }
      if (active && each.action.kind() == ActionKind.SHRINK_HEAP) {
        heap.shrink();
      }
    }
  }

  private double pressure(Trigger trigger) {
    Watched watched = monitors.get(trigger.monitor());
    return watched == null ? 0 : watched.pressure;
  }

  private String said(Trigger trigger) {
    return trigger.monitor() + "=" + Math.round(100 * pressure(trigger)) + "%";
  }

  /** Looks no more; what is set off stays. */
  @Override
  public void close() {
    closed = true;
    timer.cancel();
    heap.close();
  }

  /** A resource as it was last seen. */
  private static final class Watched {
    private final String name;
    private final ResourceMonitor monitor;
    private final Gauge gauge;
    private final Counter failed;
    private double pressure;

    Watched(String name, ResourceMonitor monitor, Gauge gauge, Counter failed) {
      this.name = name;
      this.monitor = monitor;
      this.gauge = gauge;
      this.failed = failed;
    }

    void look() {
      try {
        pressure = monitor.pressure();
        gauge.set(Math.round(100 * pressure));
      } catch (IOException e) {
        failed.inc();
        LOG.debug("overload: resource={} cannot be read: {}", name, e.getMessage());
      }
    }
  }

  /** An action, and whether it is done. */
  private static final class Switch {
    private final Action action;
    private final Gauge gauge;
    private final Gauge scale;
    private boolean active;

    Switch(Action action, Gauge gauge, Gauge scale) {
      this.action = action;
      this.gauge = gauge;
      this.scale = scale;
    }
  }
}
