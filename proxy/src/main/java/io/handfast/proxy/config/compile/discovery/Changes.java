package io.handfast.proxy.config.compile.discovery;

import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.store.ResourceSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is another object in one set of resources than in the one before. Immutable.
 *
 * @param names of resources that are new, others or gone
 * @param clusters of them those that are new or gone
 */
record Changes(Set<ResourceName> names, Set<String> clusters) {

  /**
   * Lists that are the same are not looked into, and what is at the same place is not asked for.
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  static Changes between(ResourceSet before, ResourceSet now) {
    Set<ResourceName> names = new HashSet<>();
    Set<String> clusters = new HashSet<>();
    for (ResourceType<?> type : ResourceType.ALL) {
      List<? extends Offered<?>> old = before.get(type);
      List<? extends Offered<?>> next = now.get(type);
      for (int i = 0; old != next && i < Math.max(old.size(), next.size()); i++) {
        Offered<?> one = i < old.size() ? old.get(i) : null;
        Offered<?> other = i < next.size() ? next.get(i) : null;
        if (one != other) {
          note(one, type, before, now, names, clusters);
          note(other, type, before, now, names, clusters);
        }
      }
    }
    return new Changes(names, clusters);
  }

  @SuppressWarnings("ReferenceEquality")
  private static void note(
      @Nullable Offered<?> offered,
      ResourceType<?> type,
      ResourceSet before,
      ResourceSet now,
      Set<ResourceName> names,
      Set<String> clusters) {
    if (offered == null) {
      return;
    }
    String name = XdstpName.normalise(type.nameOf(offered.message()));
    Offered<?> old = before.find(type, name).orElse(null);
    Offered<?> next = now.find(type, name).orElse(null);
    if (old != next) {
      names.add(new ResourceName(type, name));
      if (type.equals(ResourceType.CLUSTER) && (old == null || next == null)) {
        clusters.add(name);
      }
    }
  }
}
