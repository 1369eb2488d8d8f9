package io.handfast.proxy.config.compile.discovery;

import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.store.ResourceSet;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is another object in one set of resources than in the one before. Immutable.
 *
 * @param names of resources that are new, others or gone
 * @param clusters of them those that are new or gone
 * @param places by type where other objects stand than before; of a type with as many resources as
 *     before, and none if there are none
 * @param resized types with more or less resources than before
 * @param renamed types in which a resource has the place of one of another name
 */
record Changes(
    Set<ResourceName> names,
    Set<String> clusters,
    Map<ResourceType<?>, BitSet> places,
    Set<ResourceType<?>> resized,
    Set<ResourceType<?>> renamed) {

  /**
   * Lists that are the same are not looked into, and what is at the same place is not asked for.
   */
  static Changes between(ResourceSet before, ResourceSet now) {
    Changes changes =
        new Changes(
            new HashSet<>(), new HashSet<>(), new HashMap<>(), new HashSet<>(), new HashSet<>());
    for (ResourceType<?> type : ResourceType.ALL) {
      changes.add(type, before, now);
    }
    return changes;
  }

  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  private void add(ResourceType<?> type, ResourceSet before, ResourceSet now) {
    List<? extends Offered<?>> old = before.get(type);
    List<? extends Offered<?>> next = now.get(type);
    if (old == next) {
      return;
    }
    if (old.size() != next.size()) {
      resized.add(type);
    }
    BitSet others = new BitSet();
    for (int i = 0; i < Math.max(old.size(), next.size()); i++) {
      Offered<?> one = i < old.size() ? old.get(i) : null;
      Offered<?> other = i < next.size() ? next.get(i) : null;
      if (one != other) {
        others.set(i);
        String was = note(one, type, before, now);
        String is = note(other, type, before, now);
        if (!was.equals(is)) {
          renamed.add(type);
        }
      }
    }
    places.put(type, others);
  }

  /** The name of the resource; empty if there is none. */
  @SuppressWarnings("ReferenceEquality")
  private String note(
      @Nullable Offered<?> offered, ResourceType<?> type, ResourceSet before, ResourceSet now) {
    if (offered == null) {
      return "";
    }
    String given = offered.content().name(type);
    String name = XdstpName.normalise(given);
    Offered<?> old = before.find(type, name).orElse(null);
    Offered<?> next = now.find(type, name).orElse(null);
    if (old != next) {
      names.add(new ResourceName(type, name));
      if (type.equals(ResourceType.CLUSTER) && (old == null || next == null)) {
        clusters.add(name);
      }
    }
    return given;
  }

  /** Whether resources of that type have the names that they had, in the same order. */
  boolean keepNames(ResourceType<?> type) {
    return !resized.contains(type) && !renamed.contains(type);
  }
}
