package io.handfast.xds.protocol;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.envoyproxy.envoy.service.discovery.v3.ResourceName;
import io.handfast.xds.protocol.ResourceDecoder.Decoded;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A response of either kind, its resources read.
 *
 * @param removed names that the server says are gone; a state-of-the-world server says nothing
 * @param errors what the server itself has to say of resources (E1)
 */
record Incoming(
    String version,
    String nonce,
    List<Decoded> resources,
    Set<String> removed,
    List<ResourceError> errors) {

  static Incoming of(ResourceType<?> type, DiscoveryResponse response) {
    String version = response.getVersionInfo();
    List<Decoded> resources = new ArrayList<>(response.getResourcesCount());
    for (Any any : response.getResourcesList()) {
      resources.add(decode(type, any, version, resources.size()));
    }
    return new Incoming(
        version, response.getNonce(), resources, Set.of(), response.getResourceErrorsList());
  }

  private static Decoded decode(ResourceType<?> type, Any any, String version, int index) {
    try {
      return ResourceDecoder.decode(type, ResourceDecoder.wrapped(any, version), index);
    } catch (InvalidProtocolBufferException e) {
      return ResourceDecoder.bad(
          type,
          "",
          index,
          "",
          "not a Resource (expected: a valid encoding: " + e.getMessage() + ")");
    }
  }

  static Incoming of(ResourceType<?> type, DeltaDiscoveryResponse response) {
    List<Decoded> resources = new ArrayList<>(response.getResourcesCount());
    for (Resource resource : response.getResourcesList()) {
      resources.add(ResourceDecoder.decode(type, resource, resources.size()));
    }
    Set<String> removed = new TreeSet<>();
    for (String name : response.getRemovedResourcesList()) {
      removed.add(XdstpName.normalise(name));
    }
    for (ResourceName name : response.getRemovedResourceNamesList()) {
      removed.add(XdstpName.normalise(name.getName()));
    }
    return new Incoming(
        response.getSystemVersionInfo(),
        response.getNonce(),
        resources,
        removed,
        response.getResourceErrorsList());
  }
}
