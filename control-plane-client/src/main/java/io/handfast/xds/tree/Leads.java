package io.handfast.xds.tree;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where in messages of a type something may stand that names a resource: told by the types of its
 * fields, once for each type. Immutable.
 *
 * @param fields by number, those whose messages name something or lead to some that may
 * @param routes whether routes stand in it, other than in an {@code Any}
 */
record Leads(Map<Integer, Lead> fields, boolean routes) {

  /** Messages that name resources, and what anything may stand in. */
  private static final Map<Descriptor, Message> NAMING =
      Stream.<Message>of(
              Any.getDefaultInstance(),
              Cluster.getDefaultInstance(),
              Rds.getDefaultInstance(),
              SdsSecretConfig.getDefaultInstance(),
              HttpFilter.getDefaultInstance(),
              RouteAction.getDefaultInstance(),
              WeightedCluster.ClusterWeight.getDefaultInstance(),
              RouteAction.RequestMirrorPolicy.getDefaultInstance(),
              TcpProxy.getDefaultInstance(),
              TcpProxy.WeightedCluster.ClusterWeight.getDefaultInstance())
          .collect(
              Collectors.toUnmodifiableMap(Message::getDescriptorForType, Function.identity()));

  private static final Map<Descriptor, Leads> KNOWN = new ConcurrentHashMap<>();

  /**
   * A field to look into.
   *
   * @param type of its messages
   * @param naming the default instance of what names something by itself; null: only what is in it
   *     may
   */
  record Lead(Descriptor type, @Nullable Message naming) {}

  /** Of messages of that type. */
  static Leads of(Descriptor type) {
    Leads known = KNOWN.get(type);
    return known != null ? known : KNOWN.computeIfAbsent(type, Leads::found);
  }

  /** Whether such a message, or one in it, may name a resource. */
  static boolean mayName(Message instance) {
    Descriptor type = instance.getDescriptorForType();
    return NAMING.containsKey(type) || !of(type).fields().isEmpty();
  }

  private static Leads found(Descriptor type) {
    Map<Integer, Lead> fields = new HashMap<>();
    for (FieldDescriptor field : type.getFields()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          && reaches(field.getMessageType(), NAMING.keySet())) {
        Descriptor of = field.getMessageType();
        fields.put(field.getNumber(), new Lead(of, NAMING.get(of)));
      }
    }
    return new Leads(Map.copyOf(fields), reaches(type, Set.of(Route.getDescriptor())));
  }

  /** Whether a message of that type is one of those, or can have one in it. */
  private static boolean reaches(Descriptor type, Set<Descriptor> targets) {
    Set<Descriptor> seen = new HashSet<>(Set.of(type));
    Deque<Descriptor> next = new ArrayDeque<>(seen);
    while (!next.isEmpty()) {
      Descriptor each = next.remove();
      if (targets.contains(each)) {
        return true;
      }
      for (FieldDescriptor field : each.getFields()) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
            && seen.add(field.getMessageType())) {
          next.add(field.getMessageType());
        }
      }
    }
    return false;
  }
}
