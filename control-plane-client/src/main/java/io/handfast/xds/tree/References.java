package io.handfast.xds.tree;

import com.google.protobuf.Any;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistry;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a resource names: by the types of its fields, so that a secret is found wherever it is
 * named. What is set stands in the bytes of a message; to ask a message itself means all its
 * fields.
 *
 * @param children resources that it cannot be without
 * @param clusters clusters that it sends traffic to
 */
public record References(Set<Reference> children, Set<String> clusters) {

  static final References NONE = new References(Set.of(), Set.of());

  /** Deeper is not looked at; the check of fields refuses it. */
  private static final int MAX_DEPTH = 100;

  public References {
    children = Set.copyOf(children);
    clusters = Set.copyOf(clusters);
  }

  /** Looks through a resource; an {@code Any} of an unknown type is none of ours. */
  public static References of(Message resource, TypeRegistry types) {
    return of(resource, types, new HashMap<>());
  }

  /**
   * The same, where routes come again and again.
   *
   * @param routes what those named that were looked through; takes those that were not
   */
  static References of(Message resource, TypeRegistry types, Map<Route, References> routes) {
    Scan scan = new Scan(types, routes);
    scan.message(resource, 0);
    return new References(scan.children, scan.clusters);
  }

  /** All that is named, wherever it comes from. */
  Set<ResourceName> targets() {
    Set<ResourceName> targets = new LinkedHashSet<>();
    children.forEach(child -> targets.add(child.target()));
    clusters.forEach(cluster -> targets.add(new ResourceName(ResourceType.CLUSTER, cluster)));
    return targets;
  }

  /** One walk. */
  private static final class Scan {
    private final TypeRegistry types;
    private final Map<Route, References> routes;
    private final Set<Reference> children = new LinkedHashSet<>();
    private final Set<String> clusters = new LinkedHashSet<>();

    Scan(TypeRegistry types, Map<Route, References> routes) {
      this.types = types;
      this.routes = routes;
    }

    void message(Message message, int depth) {
      if (depth > MAX_DEPTH) {
        return;
      }
      if (message instanceof Route route) {
        route(route, depth);
        return;
      }
      note(message);
      Leads leads = Leads.of(message.getDescriptorForType());
      if (leads.routes()) {
        fields(message, leads, depth);
      } else {
        bytes(message, leads, depth);
      }
    }

    private void route(Route route, int depth) {
      References named = routes.get(route);
      if (named == null) {
        Scan inner = new Scan(types, routes);
        inner.bytes(route, Leads.of(Route.getDescriptor()), depth);
        named = new References(inner.children, inner.clusters);
        routes.put(route, named);
      }
      children.addAll(named.children);
      clusters.addAll(named.clusters);
    }

    /** One by one, so that routes are the ones that were looked through before. */
    private void fields(Message message, Leads leads, int depth) {
      for (var field : message.getAllFields().entrySet()) {
        if (!leads.fields().containsKey(field.getKey().getNumber())) {
          continue;
        }
        if (field.getValue() instanceof List<?> values) {
          values.forEach(value -> message((Message) value, depth + 1));
        } else {
          message((Message) field.getValue(), depth + 1);
        }
      }
    }

    private void bytes(Message message, Leads leads, int depth) {
      if (leads.fields().isEmpty()) {
        return;
      }
      try {
        bytes(message.toByteString().newCodedInput(), leads, depth);
      } catch (IOException e) {
        throw new UncheckedIOException("the bytes of a message are not its own", e);
      }
    }

    private void bytes(CodedInputStream in, Leads leads, int depth) throws IOException {
      if (depth > MAX_DEPTH) {
        return;
      }
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        Leads.Lead lead = leads.fields().get(WireFormat.getTagFieldNumber(tag));
        if (lead == null
            || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
          in.skipField(tag);
        } else if (lead.naming() == null) {
          int outer = in.pushLimit(in.readRawVarint32());
          bytes(in, Leads.of(lead.type()), depth + 1);
          in.skipRawBytes(Math.max(0, in.getBytesUntilLimit()));
          in.popLimit(outer);
        } else {
          message(
              lead.naming()
                  .getParserForType()
                  .parseFrom(in.readBytes(), ExtensionRegistry.getEmptyRegistry()),
              depth + 1);
        }
      }
    }

    private void note(Message message) {
      switch (message) {
        case Any any when types.find(types.typeUrlIn(any)).filter(Leads::mayName).isPresent() ->
            types.unpack(any, "", new ConfigErrors()).ifPresent(inner -> message(inner, 0));
        case Cluster cluster when cluster.getType() == Cluster.DiscoveryType.EDS ->
            child(
                ResourceType.ENDPOINT,
                cluster.getEdsClusterConfig().getServiceName().isEmpty()
                    ? cluster.getName()
                    : cluster.getEdsClusterConfig().getServiceName(),
                cluster.getEdsClusterConfig().getEdsConfig());
        case Rds rds -> child(ResourceType.ROUTE, rds.getRouteConfigName(), rds.getConfigSource());
        case SdsSecretConfig secret when secret.hasSdsConfig() ->
            child(ResourceType.SECRET, secret.getName(), secret.getSdsConfig());
        case HttpFilter filter when filter.hasConfigDiscovery() ->
            child(
                ResourceType.EXTENSION_CONFIG,
                filter.getName(),
                filter.getConfigDiscovery().getConfigSource());
        case RouteAction action when !action.getCluster().isEmpty() ->
            clusters.add(action.getCluster());
        case WeightedCluster.ClusterWeight weight when !weight.getName().isEmpty() ->
            clusters.add(weight.getName());
        case RouteAction.RequestMirrorPolicy mirror when !mirror.getCluster().isEmpty() ->
            clusters.add(mirror.getCluster());
        case TcpProxy tcp when !tcp.getCluster().isEmpty() -> clusters.add(tcp.getCluster());
        case TcpProxy.WeightedCluster.ClusterWeight weight when !weight.getName().isEmpty() ->
            clusters.add(weight.getName());
        default -> {}
      }
    }

    private void child(ResourceType<?> type, String name, ConfigSource source) {
      if (!name.isEmpty()) {
        children.add(new Reference(new ResourceName(type, XdstpName.normalise(name)), source));
      }
    }
  }
}
