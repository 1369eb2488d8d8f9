package io.handfast.xds.resource;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A kind of resource that a file or a control plane offers under a name.
 *
 * @param typeUrl its xDS type URL
 * @param collection what a reader calls several of them
 * @param naming takes the name out of a resource
 * @param instance the default instance of its message
 * @param complete whether a state-of-the-world response always lists all of them, so that what it
 *     leaves out is deleted
 * @param <M> its message
 */
public record ResourceType<M extends Message>(
    String typeUrl, String collection, Function<M, String> naming, M instance, boolean complete) {

  public static final ResourceType<Cluster> CLUSTER =
      of("clusters", Cluster::getName, Cluster.getDefaultInstance(), true);

  public static final ResourceType<ClusterLoadAssignment> ENDPOINT =
      of(
          "endpoints",
          ClusterLoadAssignment::getClusterName,
          ClusterLoadAssignment.getDefaultInstance(),
          false);

  public static final ResourceType<Listener> LISTENER =
      of("listeners", Listener::getName, Listener.getDefaultInstance(), true);

  public static final ResourceType<RouteConfiguration> ROUTE =
      of("routes", RouteConfiguration::getName, RouteConfiguration.getDefaultInstance(), false);

  public static final ResourceType<Secret> SECRET =
      of("secrets", Secret::getName, Secret.getDefaultInstance(), false);

  public static final ResourceType<TypedExtensionConfig> EXTENSION_CONFIG =
      of(
          "extension_configs",
          TypedExtensionConfig::getName,
          TypedExtensionConfig.getDefaultInstance(),
          false);

  /** All of them, in the order in which they are asked for: what others name comes first. */
  public static final List<ResourceType<?>> ALL =
      List.of(CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET, EXTENSION_CONFIG);

  private static <M extends Message> ResourceType<M> of(
      String collection, Function<M, String> naming, M instance, boolean complete) {
    return new ResourceType<>(
        TypeRegistry.typeUrlOf(instance.getDescriptorForType()),
        collection,
        naming,
        instance,
        complete);
  }

  /**
   * The name of a resource of this type.
   *
   * @throws ClassCastException if the message is of another type
   */
  @SuppressWarnings("unchecked") // Checked by the class of the default instance.
  public String nameOf(Message message) {
    return naming.apply((M) instance.getClass().cast(message));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ResourceType<?> type && typeUrl.equals(type.typeUrl);
  }

  /** Types are in the keys of most maps: one field says it all. */
  @Override
  public int hashCode() {
    return typeUrl.hashCode();
  }

  /** The collection, which is what a reader knows the type by. */
  @Override
  public String toString() {
    return collection;
  }
}
