package io.handfast.k8s.controlplane.source;

import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.tree.References;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Resources that name others that are not there. Pure functions. */
final class Dangling {

  private Dangling() {}

  /** What a resource names, but for what comes from elsewhere. */
  static Set<ResourceName> links(Offered<?> offered, TypeRegistry types) {
    References references = References.of(offered.message(), types);
    Set<ResourceName> links = new TreeSet<>();
    references.children().stream()
        .filter(child -> isOurs(child.source()))
        .forEach(child -> links.add(child.target()));
    references.clusters().forEach(name -> links.add(new ResourceName(ResourceType.CLUSTER, name)));
    return links;
  }

  private static boolean isOurs(ConfigSource source) {
    return source.hasAds() || source.hasSelf();
  }

  /**
   * A sentence for each that is not there.
   *
   * @param links by who names
   * @param paths where each stands
   */
  static List<String> warnings(
      Map<ResourceName, Set<ResourceName>> links, Map<ResourceName, String> paths) {
    List<String> warnings = new ArrayList<>();
    links.forEach((name, named) -> {
      for (ResourceName target : named) {
        if (!links.containsKey(target)) {
          warnings.add(
              paths.get(name)
                  + ": names "
                  + target
                  + ", which is not here (expected: it, unless clients have it in their"
                  + " bootstrap)");
        }
      }
    });
    return warnings;
  }
}
