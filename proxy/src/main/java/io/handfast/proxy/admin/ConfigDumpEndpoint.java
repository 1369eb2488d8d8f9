package io.handfast.proxy.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * {@code /config_dump}: an {@code envoy.admin.v3.ConfigDump}, or the parts of it that were asked
 * for.
 */
final class ConfigDumpEndpoint {

  private final Supplier<ConfigDump> source;
  private final JsonFormat.Printer printer;

  ConfigDumpEndpoint(Supplier<ConfigDump> source, JsonFormat.Printer printer) {
    this.source = source;
    this.printer = printer;
  }

  AdminResponse handle(AdminRequest request) throws BadRequestException {
    if (request.parameter("mask").isPresent()) {
      throw new BadRequestException(
          "mask: not supported (expected: resource, name_regex, include_eds)");
    }
    ConfigDump dump = source.get();
    if (!request.flag("include_eds")) {
      dump = without(EndpointsConfigDump.class, dump);
    }
    String regex = request.parameter("name_regex").orElse("");
    if (!regex.isEmpty()) {
      dump = named(StatsEndpoints.compile(regex), dump);
    }
    String resource = request.parameter("resource").orElse("");
    return AdminEndpoints.json(printer, resource.isEmpty() ? dump : only(resource, dump));
  }

  private static ConfigDump without(Class<? extends Message> type, ConfigDump dump) {
    ConfigDump.Builder kept = ConfigDump.newBuilder();
    dump.getConfigsList().stream().filter(config -> !config.is(type)).forEach(kept::addConfigs);
    return kept.build();
  }

  /** The entries of one repeated field, each as a configuration of its own. */
  private static ConfigDump only(String resource, ConfigDump dump) throws BadRequestException {
    List<String> known = new ArrayList<>();
    for (Any config : dump.getConfigsList()) {
      Message part = unpack(config);
      for (FieldDescriptor field : part.getDescriptorForType().getFields()) {
        if (field.isRepeated() && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          known.add(field.getName());
          if (field.getName().equals(resource)) {
            ConfigDump.Builder selected = ConfigDump.newBuilder();
            for (int i = 0; i < part.getRepeatedFieldCount(field); i++) {
              selected.addConfigs(Any.pack((Message) part.getRepeatedField(field, i)));
            }
            return selected.build();
          }
        }
      }
    }
    throw new BadRequestException(
        "resource: " + resource + " (expected: one of " + String.join(", ", known) + ")");
  }

  private static ConfigDump named(Pattern pattern, ConfigDump dump) {
    Predicate<String> matches = name -> pattern.matcher(name).matches();
    ConfigDump.Builder kept = ConfigDump.newBuilder();
    for (Any config : dump.getConfigsList()) {
      Message filtered =
          switch (unpack(config)) {
            case ListenersConfigDump listeners -> filter(listeners, matches);
            case ClustersConfigDump clusters -> filter(clusters, matches);
            case RoutesConfigDump routes -> filter(routes, matches);
            case EndpointsConfigDump endpoints -> filter(endpoints, matches);
            // The bootstrap has no name.
            default -> null;
          };
      if (filtered != null) {
        kept.addConfigs(Any.pack(filtered));
      }
    }
    return kept.build();
  }

  private static ListenersConfigDump filter(ListenersConfigDump dump, Predicate<String> matches) {
    ListenersConfigDump.Builder kept = dump.toBuilder().clearStaticListeners();
    dump.getStaticListenersList().stream()
        .filter(entry -> matches.test(unpack(entry.getListener(), Listener.class).getName()))
        .forEach(kept::addStaticListeners);
    return kept.build();
  }

  private static ClustersConfigDump filter(ClustersConfigDump dump, Predicate<String> matches) {
    ClustersConfigDump.Builder kept = dump.toBuilder().clearStaticClusters();
    dump.getStaticClustersList().stream()
        .filter(entry -> matches.test(unpack(entry.getCluster(), Cluster.class).getName()))
        .forEach(kept::addStaticClusters);
    return kept.build();
  }

  private static RoutesConfigDump filter(RoutesConfigDump dump, Predicate<String> matches) {
    RoutesConfigDump.Builder kept = dump.toBuilder().clearStaticRouteConfigs();
    dump.getStaticRouteConfigsList().stream()
        .filter(entry ->
            matches.test(unpack(entry.getRouteConfig(), RouteConfiguration.class).getName()))
        .forEach(kept::addStaticRouteConfigs);
    return kept.build();
  }

  private static EndpointsConfigDump filter(EndpointsConfigDump dump, Predicate<String> matches) {
    EndpointsConfigDump.Builder kept = dump.toBuilder().clearStaticEndpointConfigs();
    dump.getStaticEndpointConfigsList().stream()
        .filter(entry ->
            matches.test(
                unpack(entry.getEndpointConfig(), ClusterLoadAssignment.class).getClusterName()))
        .forEach(kept::addStaticEndpointConfigs);
    return kept.build();
  }

  private static Message unpack(Any config) {
    for (Class<? extends Message> type :
        List.of(
            ListenersConfigDump.class,
            ClustersConfigDump.class,
            RoutesConfigDump.class,
            EndpointsConfigDump.class)) {
      if (config.is(type)) {
        return unpack(config, type);
      }
    }
    return config;
  }

  private static <M extends Message> M unpack(Any any, Class<M> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(
          "a message that was packed here cannot be read: " + e.getMessage(), e);
    }
  }
}
