package io.handfast.k8s.controlplane.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.Optional;

/**
 * A resource as it is sent. Immutable.
 *
 * @param name an {@code xdstp://} name in its canonical form
 * @param version made of the content: the same resource has the same one in every process
 * @param content the resource
 * @param wrapper the same with name and version, as delta xDS sends it
 * @param endpoints of a cluster whose endpoints are another resource: the name of that
 */
public record Served(
    String name, String version, Any content, Resource wrapper, Optional<String> endpoints) {

  /** A resource of that type. */
  public static Served of(ResourceType<?> type, Message message) {
    ByteString bytes = message.toByteString();
    String name = XdstpName.normalise(type.nameOf(message));
    String version = Versions.of(bytes);
    Any content = Any.newBuilder().setTypeUrl(type.typeUrl()).setValue(bytes).build();
    return new Served(
        name,
        version,
        content,
        Resource.newBuilder().setName(name).setVersion(version).setResource(content).build(),
        message instanceof Cluster cluster ? endpoints(cluster) : Optional.empty());
  }

  private static Optional<String> endpoints(Cluster cluster) {
    if (cluster.getType() != Cluster.DiscoveryType.EDS) {
      return Optional.empty();
    }
    String service = cluster.getEdsClusterConfig().getServiceName();
    return Optional.of(XdstpName.normalise(service.isEmpty() ? cluster.getName() : service));
  }
}
