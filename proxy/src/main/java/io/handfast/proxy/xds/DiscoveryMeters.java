package io.handfast.proxy.xds;

import com.google.protobuf.Message;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.stats.DiscoveryStats;
import io.handfast.proxy.stats.Gauge;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.SnapshotListener;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.stream.StreamEvents;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  private final EndpointUsers endpointUsers = new EndpointUsers();

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
    stats.xdsGauge(server, "", "connected").set(connectedTo.containsKey(server) ? 1 : 0);
  }

  @Override
  public void answered(String server, String typeUrl, boolean nack) {
    ResourceType.ALL.stream()
        .filter(type -> type.typeUrl().equals(typeUrl))
        .forEach(type -> stats.xdsCounter(server, type.collection(), nack ? "nack" : "ack").inc());
  }

  @Override
  public void updated(String server, ResourceType<?> type, int valid, int invalid) {
    String collection = type.collection();
    stats.xdsCounter(server, collection, "resource_updates_valid").add(valid);
    stats.xdsCounter(server, collection, "resource_updates_invalid").add(invalid);
    stats.xdsGauge(server, collection, "update_time").set(epochMillis.getAsLong());
  }

  /** Of files: nobody is connected to them. */
  StreamEvents ofFiles() {
    return new StreamEvents() {
      @Override
      public void connected(String server, boolean now) {}

      @Override
      public void answered(String server, String typeUrl, boolean nack) {
        DiscoveryMeters.this.answered(server, typeUrl, nack);
      }

      @Override
      public void updated(String server, ResourceType<?> type, int valid, int invalid) {
        DiscoveryMeters.this.updated(server, type, valid, invalid);
      }
    };
  }

  /** A file of those names could not be read. */
  void unreadable(ResourceType<?> type, Set<String> names) {
    of(type, names)
        .forEach(it -> {
          it.attempt.inc();
          it.failure.inc();
        });
  }

  /** A cluster is there from the start, or has come. */
  void cluster(Message cluster) {
    endpointUsers.note(cluster);
  }

  /** Nobody asks for those names of a type any more. */
  void forget(ResourceType<?> type, Set<String> names) {
    if (type.equals(ResourceType.ENDPOINT)) {
      names.forEach(stats::forgetEndpoints);
      names.forEach(endpointUsers::forget);
    } else if (type.equals(ResourceType.SECRET)) {
      names.forEach(stats::forgetSecret);
    } else if (type.equals(ResourceType.EXTENSION_CONFIG)) {
      names.forEach(stats::forgetExtension);
    }
  }

  /** Nobody asks that server any more. */
  void forget(String server) {
    stats.forgetControlPlane(
        server, ResourceType.ALL.stream().map(ResourceType::collection).toList());
  }

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
    of(type, names).forEach(DiscoveryStats::refused);
    if (type.equals(ResourceType.EXTENSION_CONFIG)) {
      names.forEach(name -> stats.extensionCounter(name, "config_fail").inc());
    }
  }

  /** What is counted of those names of a type. */
  private Stream<DiscoveryStats> of(ResourceType<?> type, Set<String> names) {
    if (type.equals(ResourceType.CLUSTER)) {
      return Stream.of(clusters);
    }
    if (type.equals(ResourceType.LISTENER)) {
      return Stream.of(listeners);
    }
    if (type.equals(ResourceType.ENDPOINT)) {
      return names.stream().flatMap(this::ofEndpoints);
    }
    if (type.equals(ResourceType.SECRET)) {
      return names.stream().map(stats::secretDiscovery);
    }
    if (type.equals(ResourceType.EXTENSION_CONFIG)) {
      return names.stream().map(stats::extensionDiscovery);
    }
    return names.stream()
        .flatMap(name ->
            users.getOrDefault(name, Map.of()).keySet().stream()
                .map(prefix -> stats.routeDiscovery(prefix, name)));
  }

  /** Of each cluster that uses them. */
  private Stream<DiscoveryStats> ofEndpoints(String name) {
    return endpointUsers.of(name).stream().map(stats::endpointDiscovery);
  }

  private void accepted(Update update, Set<String> refused) {
    long now = epochMillis.getAsLong();
    if (update.type().equals(ResourceType.CLUSTER) && refused.isEmpty()) {
      clusters.accepted(update.version(), now);
    } else if (update.type().equals(ResourceType.LISTENER) && refused.isEmpty()) {
      listeners.accepted(update.version(), now);
    } else if (update.type().equals(ResourceType.ENDPOINT)) {
      each(
          update,
          refused,
          name -> ofEndpoints(name).forEach(it -> it.accepted(update.version(), now)));
    } else if (update.type().equals(ResourceType.SECRET)) {
      each(update, refused, name -> stats.secretDiscovery(name).accepted(update.version(), now));
    } else if (update.type().equals(ResourceType.EXTENSION_CONFIG)) {
      each(
          update,
          refused,
          name -> {
            stats.extensionDiscovery(name).accepted(update.version(), now);
            stats.extensionCounter(name, "config_reload").inc();
          });
    }
  }

  private static void each(Update update, Set<String> refused, Consumer<String> taken) {
    update.changed().stream()
        .map(Received::name)
        .filter(name -> !refused.contains(name))
        .forEach(taken);
  }

  private final class Counting implements ResourceHandler {
    private final ResourceHandler handler;

    Counting(ResourceHandler handler) {
      this.handler = handler;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      update.changed().forEach(each -> cluster(each.message()));
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
        of(lost.type(), lost.names()).forEach(it -> it.initFetchTimeout.inc());
      }
      handler.lost(lost);
    }

    @Override
    public void failed(Effect.Failed failed) {
      Set<String> names = new HashSet<>(failed.cached());
      names.addAll(failed.uncached());
      names.remove(StreamMachine.WILDCARD);
      of(failed.type(), names).forEach(it -> it.failure.inc());
      handler.failed(failed);
    }

    @Override
    public void serverChanged() {
      handler.serverChanged();
    }
  }
}
