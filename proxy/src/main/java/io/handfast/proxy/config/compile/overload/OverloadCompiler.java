package io.handfast.proxy.config.compile.overload;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.overload.v3.OverloadAction;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.overload.OverloadConfig;
import io.handfast.proxy.config.overload.OverloadConfig.Action;
import io.handfast.proxy.config.overload.OverloadConfig.ActionKind;
import io.handfast.proxy.config.overload.OverloadConfig.DownstreamConnections;
import io.handfast.proxy.config.overload.OverloadConfig.FixedHeap;
import io.handfast.proxy.config.overload.OverloadConfig.Monitor;
import io.handfast.proxy.config.overload.OverloadConfig.Trigger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.overload.v3.OverloadManager}. Confined to the compilation of one. */
public final class OverloadCompiler {
  private static final String ACTIONS =
      Arrays.stream(ActionKind.values())
          .map(ActionKind::configName)
          .collect(Collectors.joining(", "));

  private final BiFunction<Any, Scope, Optional<Message>> unpack;
  private final Map<String, Monitor> monitors = new LinkedHashMap<>();

  private OverloadCompiler(BiFunction<Any, Scope, Optional<Message>> unpack) {
    this.unpack = unpack;
  }

  /**
   * The configuration; what is wrong with it is in the scope.
   *
   * @param unpack an extension's message, and errors if it cannot be read
   */
  public static OverloadConfig compile(
      OverloadManager proto, BiFunction<Any, Scope, Optional<Message>> unpack, Scope scope) {
    return new OverloadCompiler(unpack).compile(proto, scope);
  }

  private OverloadConfig compile(OverloadManager proto, Scope scope) {
    Duration interval =
        scope
            .field("refresh_interval")
            .duration(
                proto.hasRefreshInterval(),
                proto.getRefreshInterval(),
                OverloadConfig.DEFAULT_REFRESH_INTERVAL);
    if (interval.toMillis() == 0) {
      scope.field("refresh_interval").error("0s", "at least 0.001s");
    }
    for (int i = 0; i < proto.getResourceMonitorsCount(); i++) {
      monitor(proto.getResourceMonitors(i), scope.field("resource_monitors", i));
    }
    Map<ActionKind, Action> actions = new LinkedHashMap<>();
    for (int i = 0; i < proto.getActionsCount(); i++) {
      action(proto.getActions(i), actions, scope.field("actions", i));
    }
    return new OverloadConfig(
        interval, List.copyOf(monitors.values()), List.copyOf(actions.values()));
  }

  private void monitor(ResourceMonitor proto, Scope scope) {
    Scope here = scope.field("typed_config");
    if (proto.getTypedConfig().equals(Any.getDefaultInstance())) {
      here.error("missing (expected: the configuration of the resource)");
      return;
    }
    Message message = unpack.apply(proto.getTypedConfig(), here).orElse(null);
    Monitor monitor =
        switch (message) {
          case null -> null;
          case FixedHeapConfig heap -> fixedHeap(proto.getName(), heap, here);
          case DownstreamConnectionsConfig connections ->
              connections(proto.getName(), connections, here);
          default -> {
            here.error(
                message.getDescriptorForType().getFullName(),
                "a FixedHeapConfig or DownstreamConnectionsConfig");
            yield null;
          }
        };
    if (monitor != null && monitors.putIfAbsent(monitor.name(), monitor) != null) {
      scope.field("name").error(monitor.name(), "each resource once");
    }
  }

  private static @Nullable Monitor fixedHeap(String name, FixedHeapConfig heap, Scope scope) {
    if (heap.getMaxHeapSizeBytes() <= 0) {
      scope.field("max_heap_size_bytes").error(heap.getMaxHeapSizeBytes(), "> 0");
      return null;
    }
    return new FixedHeap(name, heap.getMaxHeapSizeBytes());
  }

  private static @Nullable Monitor connections(
      String name, DownstreamConnectionsConfig proto, Scope scope) {
    long max = proto.getMaxActiveDownstreamConnections();
    if (max <= 0) {
      scope.field("max_active_downstream_connections").error(max, "> 0");
      return null;
    }
    return new DownstreamConnections(name, max);
  }

  private void action(OverloadAction proto, Map<ActionKind, Action> actions, Scope scope) {
    ActionKind kind =
        Arrays.stream(ActionKind.values())
            .filter(known -> known.configName().equals(proto.getName()))
            .findFirst()
            .orElse(null);
    if (kind == null) {
      scope.field("name").error(proto.getName(), "one of " + ACTIONS);
    }
    List<Trigger> triggers = new ArrayList<>();
    for (int i = 0; i < proto.getTriggersCount(); i++) {
      Trigger trigger = trigger(proto.getTriggers(i), scope.field("triggers", i));
      if (trigger != null) {
        triggers.add(trigger);
      }
    }
    if (kind != null && actions.putIfAbsent(kind, new Action(kind, triggers)) != null) {
      scope.field("name").error(proto.getName(), "each action once");
    }
  }

  private @Nullable Trigger trigger(
      io.envoyproxy.envoy.config.overload.v3.Trigger proto, Scope scope) {
    Monitor monitor = monitors.get(proto.getName());
    if (monitor == null || monitor instanceof DownstreamConnections) {
      scope
          .field("name")
          .error(
              proto.getName(),
              "the name of one of resource_monitors; not of the connections, whose bound acts by itself");
      return null;
    }
    if (!proto.hasThreshold()) {
      return null; // the other kind is refused by the table of fields
    }
    return new Trigger(proto.getName(), proto.getThreshold().getValue());
  }
}
