package io.handfast.proxy.xds;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.stats.DiscoveryStats;
import io.handfast.proxy.stats.Gauge;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.SnapshotListener;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.stream.StreamEvents;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Counts what control planes send, in Envoy's names. Thread-safe: handles are, and who asks for
 * which route table is one reference.
 */
final class DiscoveryMeters implements StreamEvents, SnapshotListener<ConfigSnapshot> {
  private final Stats stats;
  private final LongSupplier epochMillis;
  private final DiscoveryStats clusters;
  private final DiscoveryStats listeners;
  private final Gauge connected;

  /** How many streams there are to each server. */
  private final Map<String, Integer> connectedTo = new HashMap<>();

  /** What the last configuration was published without. */
  private volatile Map<ResourceName, List<ConfigError>> leftOut = Map.of();

  /** By the name of a table the prefixes of the connection managers that use it. */
  private volatile Map<String, Map<String, RouteTable>> users = Map.of();

  /**
   * @param epochMillis time of day
   */
  DiscoveryMeters(Stats stats, LongSupplier epochMillis) {
    this.stats = stats;
    this.epochMillis = epochMillis;
    clusters = stats.clusterDiscovery();
    listeners = stats.listenerDiscovery();
    connected = stats.gauge("control_plane.connected_state");
  }

  @Override
  public synchronized void connected(String server, boolean now) {
    connectedTo.merge(server, now ? 1 : -1, Integer::sum);
    connectedTo.values().removeIf(streams -> streams == 0);
    connected.set(connectedTo.isEmpty() ? 0 : 1);
  }

  @Override
  public void answered(String server, String typeUrl, boolean nack) {}

  @Override
  public void updated(ResourceType<?> type, int valid, int invalid) {}

  /** Counts what that handler is told, and what it says to it. */
  ResourceHandler counting(ResourceHandler handler) {
    return new Counting(handler);
  }

  /** A route table counts for the connection managers that use it, once they do. */
  @Override
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  public void published(Optional<ConfigSnapshot> previous, ConfigSnapshot next) {
    Map<String, Map<String, RouteTable>> before = users;
    Map<String, Map<String, RouteTable>> now = new HashMap<>();
    next.listeners().stream()
        .flatMap(listener -> listener.allFilterChains())
        .flatMap(chain -> chain.http().stream())
        .filter(http -> http.routes().isDiscovered())
        .forEach(http ->
            now.computeIfAbsent(http.routes().name(), _ -> new HashMap<>())
                .put(http.statPrefix(), http.routes()));
    now.forEach((name, managers) ->
        managers.forEach((prefix, table) -> {
          if (before.getOrDefault(name, Map.of()).get(prefix) != table) {
            stats.routeDiscovery(prefix, name).accepted(table.version(), epochMillis.getAsLong());
          }
        }));
    before.forEach((name, managers) ->
        managers.keySet().stream()
            .filter(prefix -> !now.getOrDefault(name, Map.of()).containsKey(prefix))
            .forEach(prefix -> stats.forgetRoutes(prefix, name)));
    users = now;
  }

  /** What was acknowledged and did not fit with the others counts when it is left out first. */
  void rejected(Map<ResourceName, List<ConfigError>> now) {
    Map<ResourceName, List<ConfigError>> before = leftOut;
    leftOut = now;
    now.forEach((name, errors) -> {
      if (!errors.equals(before.get(name))) {
        refused(name.type(), Set.of(name.name()));
      }
    });
  }

  private void refused(ResourceType<?> type, Set<String> names) {
    if (type.equals(ResourceType.CLUSTER)) {
      clusters.refused();
    } else if (type.equals(ResourceType.LISTENER)) {
      listeners.refused();
    } else if (type.equals(ResourceType.ENDPOINT)) {
      names.forEach(name -> stats.endpointDiscovery(name).refused());
    } else if (type.equals(ResourceType.SECRET)) {
      names.forEach(name -> stats.secretDiscovery(name).refused());
    } else if (type.equals(ResourceType.ROUTE)) {
      for (String name : names) {
        users
            .getOrDefault(name, Map.of())
            .keySet()
            .forEach(prefix -> stats.routeDiscovery(prefix, name).refused());
      }
    }
  }

  private void accepted(Update update, Set<String> refused) {
    long now = epochMillis.getAsLong();
    if (update.type().equals(ResourceType.CLUSTER) && refused.isEmpty()) {
      clusters.accepted(update.version(), now);
    } else if (update.type().equals(ResourceType.LISTENER) && refused.isEmpty()) {
      listeners.accepted(update.version(), now);
    } else if (update.type().equals(ResourceType.ENDPOINT)) {
      each(update, refused, name -> stats.endpointDiscovery(name).accepted(update.version(), now));
    } else if (update.type().equals(ResourceType.SECRET)) {
      each(update, refused, name -> stats.secretDiscovery(name).accepted(update.version(), now));
    }
  }

  private static void each(Update update, Set<String> refused, Consumer<String> taken) {
    update.changed().stream()
        .map(Received::name)
        .filter(name -> !refused.contains(name))
        .forEach(taken);
  }

  private Optional<DiscoveryStats> ofType(ResourceType<?> type) {
    if (type.equals(ResourceType.CLUSTER)) {
      return Optional.of(clusters);
    }
    return type.equals(ResourceType.LISTENER) ? Optional.of(listeners) : Optional.empty();
  }

  private final class Counting implements ResourceHandler {
    private final ResourceHandler handler;

    Counting(ResourceHandler handler) {
      this.handler = handler;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      return handler
          .apply(update)
          .thenApply(faults -> {
            Set<String> refused =
                faults.stream().map(ResourceFault::name).collect(Collectors.toSet());
            update.faults().forEach(fault -> refused.add(fault.name()));
            if (!refused.isEmpty()) {
              refused(update.type(), refused);
            }
            accepted(update, refused);
            return faults;
          });
    }

    @Override
    public void lost(Effect.Lost lost) {
      if (lost.reason() == Effect.Reason.TIMEOUT) {
        ofType(lost.type()).ifPresent(it -> it.initFetchTimeout.inc());
        if (lost.type().equals(ResourceType.ENDPOINT)) {
          lost.names().forEach(name -> stats.endpointDiscovery(name).initFetchTimeout.inc());
        } else if (lost.type().equals(ResourceType.SECRET)) {
          lost.names().forEach(name -> stats.secretDiscovery(name).initFetchTimeout.inc());
        }
      }
      handler.lost(lost);
    }

    @Override
    public void failed(Effect.Failed failed) {
      ofType(failed.type()).ifPresent(it -> it.failure.inc());
      handler.failed(failed);
    }

    @Override
    public void serverChanged() {
      handler.serverChanged();
    }
  }
}
