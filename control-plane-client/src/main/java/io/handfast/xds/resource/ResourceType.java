package io.handfast.xds.resource;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.function.Function;

/**
 * A kind of resource that a file or a control plane offers under a name.
 *
 * @param typeUrl its xDS type URL
 * @param collection what a reader calls several of them
 * @param naming takes the name out of a resource
 * @param <M> its message
 */
public record ResourceType<M extends Message>(
    String typeUrl, String collection, Function<M, String> naming) {

  public static final ResourceType<Listener> LISTENER =
      new ResourceType<>(
          TypeRegistry.typeUrlOf(Listener.getDescriptor()), "listeners", Listener::getName);

  public static final ResourceType<Cluster> CLUSTER =
      new ResourceType<>(
          TypeRegistry.typeUrlOf(Cluster.getDescriptor()), "clusters", Cluster::getName);
}
