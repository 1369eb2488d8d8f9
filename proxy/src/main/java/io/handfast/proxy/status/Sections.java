package io.handfast.proxy.status;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump.DynamicCluster;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump.EcdsFilterConfig;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListener;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListenerState;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump.DynamicSecret;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.status.ResourceStatus;
import io.handfast.xds.status.ResourceStatus.Accepted;
import io.handfast.xds.store.ResourceSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The sections of one dump. Immutable. */
final class Sections {

  private final ResourceSet base;
  private final ResourceSet serving;
  private final Map<ResourceName, ResourceStatus> statuses;
  private final TypeRegistry types;
  private final Timestamp started;
  private final Timestamp saved;

  /**
   * @param started since when what is static is in force
   * @param saved since when what a cache brought is
   */
  Sections(
      ResourceSet base,
      ResourceSet serving,
      Map<ResourceName, ResourceStatus> statuses,
      TypeRegistry types,
      Timestamp started,
      Timestamp saved) {
    this.base = base;
    this.serving = serving;
    this.statuses = statuses;
    this.types = types;
    this.started = started;
    this.saved = saved;
  }

  Any pack(Message message) {
    return Any.pack(Redaction.redact(message, types));
  }

  List<DynamicResource> dynamic(ResourceType<?> type) {
    return DynamicResource.of(type, base, serving, statuses);
  }

  Optional<Offered<? extends Message>> serving(ResourceName name) {
    return serving.find(name.type(), name.name()).map(found -> found);
  }

  /** Static ones, and those of control planes that serve. */
  List<Message> listenersInForce() {
    return Stream.concat(
            base.get(ResourceType.LISTENER).stream().map(Offered::message),
            dynamic(ResourceType.LISTENER).stream()
                .flatMap(each -> each.active().stream())
                .map(Offered::message))
        .map(Message.class::cast)
        .toList();
  }

  /** The version of the last response that was taken: that of the resource that came last. */
  private String version(ResourceType<?> type) {
    return statuses.values().stream()
        .filter(status -> status.name().type().equals(type))
        .flatMap(status -> status.accepted().stream())
        .reduce((one, other) -> other.updatedMillis() > one.updatedMillis() ? other : one)
        .map(Accepted::version)
        .orElse("");
  }

  ClustersConfigDump clusters() {
    ClustersConfigDump.Builder dump =
        ClustersConfigDump.newBuilder().setVersionInfo(version(ResourceType.CLUSTER));
    for (Offered<? extends Message> each : base.get(ResourceType.CLUSTER)) {
      dump.addStaticClustersBuilder().setCluster(pack(each.message())).setLastUpdated(started);
    }
    for (DynamicResource each : dynamic(ResourceType.CLUSTER)) {
      if (each.active().isPresent()) {
        dump.addDynamicActiveClusters(entry(DynamicCluster.newBuilder(), "cluster", each));
      }
      Optional<Accepted> warming = each.warming();
      if (warming.isPresent() || each.active().isEmpty()) {
        DynamicCluster.Builder cluster = DynamicCluster.newBuilder();
        describe(cluster, "cluster", each, warming);
        dump.addDynamicWarmingClusters(cluster);
      }
    }
    return dump.build();
  }

  ListenersConfigDump listeners(List<Message> draining) {
    ListenersConfigDump.Builder dump =
        ListenersConfigDump.newBuilder().setVersionInfo(version(ResourceType.LISTENER));
    for (Offered<? extends Message> each : base.get(ResourceType.LISTENER)) {
      dump.addStaticListenersBuilder().setListener(pack(each.message())).setLastUpdated(started);
    }
    Map<String, DynamicListener.Builder> byName = new LinkedHashMap<>();
    for (DynamicResource each : dynamic(ResourceType.LISTENER)) {
      DynamicListener.Builder listener =
          DynamicListener.newBuilder().setName(each.name().name()).setClientStatus(each.state());
      each.active()
          .ifPresent(active ->
              listener.setActiveState(
                  state(
                      active.message(),
                      active.version(),
                      Optional.of(each.activeSince().orElse(saved)))));
      each.warming()
          .ifPresent(warming ->
              listener.setWarmingState(
                  state(
                      warming.message(),
                      warming.version(),
                      Optional.of(Timestamps.fromMillis(warming.changedMillis())))));
      failure(each).ifPresent(listener::setErrorState);
      byName.put(each.name().name(), listener);
    }
    for (Message each : draining) {
      String name = ((Listener) each).getName();
      byName
          .computeIfAbsent(name, _ -> DynamicListener.newBuilder().setName(name))
          .setDrainingState(state(each, "", Optional.empty()));
    }
    byName.values().forEach(dump::addDynamicListeners);
    return dump.build();
  }

  private DynamicListenerState state(
      Message listener, String version, Optional<Timestamp> updated) {
    DynamicListenerState.Builder state =
        DynamicListenerState.newBuilder().setVersionInfo(version).setListener(pack(listener));
    updated.ifPresent(state::setLastUpdated);
    return state.build();
  }

  RoutesConfigDump routes(List<RouteConfiguration> inline) {
    RoutesConfigDump.Builder dump = RoutesConfigDump.newBuilder();
    for (RouteConfiguration each : inline) {
      dump.addStaticRouteConfigsBuilder().setRouteConfig(pack(each)).setLastUpdated(started);
    }
    for (DynamicResource each : dynamic(ResourceType.ROUTE)) {
      dump.addDynamicRouteConfigs(entry(DynamicRouteConfig.newBuilder(), "route_config", each));
    }
    return dump.build();
  }

  /** Empty where no filter comes from a control plane. */
  Optional<EcdsConfigDump> extensions() {
    List<DynamicResource> all = dynamic(ResourceType.EXTENSION_CONFIG);
    EcdsConfigDump.Builder dump = EcdsConfigDump.newBuilder();
    for (DynamicResource each : all) {
      dump.addEcdsFilters(entry(EcdsFilterConfig.newBuilder(), "ecds_filter", each));
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(dump.build());
  }

  SecretsConfigDump secrets() {
    SecretsConfigDump.Builder dump = SecretsConfigDump.newBuilder();
    for (var each : base.get(ResourceType.SECRET)) {
      // Envoy leaves out the time of those that are static.
      dump.addStaticSecretsBuilder()
          .setName(each.message().getName())
          .setSecret(pack(each.message()));
    }
    for (DynamicResource each : dynamic(ResourceType.SECRET)) {
      DynamicSecret.Builder secret = DynamicSecret.newBuilder().setName(each.name().name());
      if (each.active().isPresent()) {
        dump.addDynamicActiveSecrets(entry(secret, "secret", each));
      } else {
        describe(secret, "secret", each, each.warming());
        dump.addDynamicWarmingSecrets(secret);
      }
    }
    return dump.build();
  }

  /** What serves of it, or else its name and what is known. */
  <B extends Message.Builder> B entry(B builder, String field, DynamicResource each) {
    if (each.active().isEmpty()) {
      describe(builder, field, each, each.warming());
      return builder;
    }
    Offered<? extends Message> active = each.active().get();
    set(builder, "version_info", active.version());
    set(builder, field, pack(active.message()));
    set(builder, "last_updated", each.activeSince().orElse(saved));
    known(builder, each);
    return builder;
  }

  private void describe(
      Message.Builder builder, String field, DynamicResource each, Optional<Accepted> waiting) {
    waiting.ifPresent(version -> {
      set(builder, "version_info", version.version());
      set(builder, "last_updated", Timestamps.fromMillis(version.changedMillis()));
    });
    set(builder, field, pack(waiting.map(Accepted::message).orElseGet(() -> named(each.name()))));
    known(builder, each);
  }

  private void known(Message.Builder builder, DynamicResource each) {
    failure(each).ifPresent(why -> set(builder, "error_state", why));
    set(builder, "client_status", each.state().getValueDescriptor());
  }

  /** A message of which nothing but the name is known. */
  private static Message named(ResourceName name) {
    Message.Builder message = name.type().instance().newBuilderForType();
    String field = name.type().equals(ResourceType.ENDPOINT) ? "cluster_name" : "name";
    set(message, field, name.name());
    return message.build();
  }

  private static void set(Message.Builder builder, String field, Object value) {
    FieldDescriptor descriptor =
        Objects.requireNonNull(builder.getDescriptorForType().findFieldByName(field), field);
    builder.setField(descriptor, value);
  }

  private Optional<UpdateFailureState> failure(DynamicResource each) {
    return each.status().flatMap(ResourceStatus::failure).map(why -> Failures.of(why, types));
  }
}
