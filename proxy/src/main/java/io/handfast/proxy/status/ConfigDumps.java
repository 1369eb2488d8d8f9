package io.handfast.proxy.status;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.ScopedRoutesConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.proxy.cluster.Cluster;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.status.ResourceStatus;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes an {@code envoy.admin.v3.ConfigDump}: the messages as they came in, without their secrets,
 * in the order of Envoy's sections. An entry has a {@code last_updated} exactly if it is or was in
 * force; of what was only asked for there is the name and a {@code client_status}. Immutable.
 */
public final class ConfigDumps {

  private final ResourceSet base;
  private final TypeRegistry types;
  private final Timestamp started;

  /**
   * What there is to show at one moment.
   *
   * @param serving the resources that the published configuration was made of
   * @param statuses of what comes from control planes
   * @param draining listeners that are gone or changed, and still have connections
   * @param clusters with their endpoints
   * @param savedMillis since when what a cache brought has been in force, in milliseconds since
   *     1970; empty if it brought nothing
   */
  public record Moment(
      ResourceSet serving,
      List<ResourceStatus> statuses,
      List<Message> draining,
      List<Cluster> clusters,
      Optional<Long> savedMillis) {}

  /**
   * Dumps of a process.
   *
   * @param base what is static
   * @param types messages that may stand in an {@code Any}
   * @param startMillis since when what is static serves, in milliseconds since 1970
   */
  public ConfigDumps(ResourceSet base, TypeRegistry types, long startMillis) {
    this.base = base;
    this.types = types;
    this.started = Timestamps.fromMillis(startMillis);
  }

  /** Made anew for each dump: most processes are never asked for one. */
  private Any bootstrap() {
    return Any.pack(
        BootstrapConfigDump.newBuilder()
            .setBootstrap(Redaction.redact(asGiven(), types))
            .setLastUpdated(started)
            .build());
  }

  private Bootstrap asGiven() {
    Bootstrap.Builder whole = base.process().toBuilder();
    if (ResourceType.ALL.stream().anyMatch(type -> !base.get(type).isEmpty())) {
      Bootstrap.StaticResources.Builder resources = whole.getStaticResourcesBuilder();
      base.get(ResourceType.LISTENER).forEach(each -> resources.addListeners(each.message()));
      base.get(ResourceType.CLUSTER).forEach(each -> resources.addClusters(each.message()));
      base.get(ResourceType.SECRET).forEach(each -> resources.addSecrets(each.message()));
    }
    return whole.build();
  }

  /** Everything, endpoints included. */
  public ConfigDump at(Moment moment) {
    Map<ResourceName, ResourceStatus> statuses = new HashMap<>();
    moment.statuses().forEach(status -> statuses.put(status.name(), status));
    Timestamp saved = moment.savedMillis().map(Timestamps::fromMillis).orElse(started);
    Sections sections = new Sections(base, moment.serving(), statuses, types, started, saved);
    List<Message> inForce = sections.listenersInForce();
    List<Any> configs = new ArrayList<>();
    configs.add(bootstrap());
    configs.add(Any.pack(sections.clusters()));
    sections.extensions().ifPresent(ecds -> configs.add(Any.pack(ecds)));
    configs.add(Any.pack(new EndpointSection(base, sections).of(moment.clusters())));
    configs.add(Any.pack(sections.listeners(moment.draining())));
    InlineRoutes inline = InlineRoutes.of(inForce, types);
    if (inline.managers() > 0) {
      configs.add(Any.pack(ScopedRoutesConfigDump.getDefaultInstance()));
      configs.add(Any.pack(sections.routes(inline.tables())));
    }
    configs.add(Any.pack(sections.secrets()));
    return ConfigDump.newBuilder().addAllConfigs(configs).build();
  }

  /** Every message that may stand in an {@code Any} of a dump, for whoever prints or reads one. */
  public static JsonFormat.TypeRegistry printable(TypeRegistry types) {
    JsonFormat.TypeRegistry.Builder printable =
        JsonFormat.TypeRegistry.newBuilder()
            .add(BootstrapConfigDump.getDescriptor())
            .add(com.github.xds.type.v3.TypedStruct.getDescriptor());
    types
        .names()
        .forEach(name ->
            types.find(name).ifPresent(known -> printable.add(known.getDescriptorForType())));
    return printable.build();
  }
}
