package io.handfast.xds.resource;

import java.util.Comparator;

/**
 * A resource of a configuration, by type and name.
 *
 * @param type its type
 * @param name its name; an {@code xdstp://} name in its canonical form
 */
public record ResourceName(ResourceType<?> type, String name) implements Comparable<ResourceName> {

  private static final Comparator<ResourceName> ORDER =
      Comparator.comparing((ResourceName each) -> each.type().collection())
          .thenComparing(ResourceName::name);

  @Override
  public int compareTo(ResourceName other) {
    return ORDER.compare(this, other);
  }

  /** {@code clusters[name]}, which is also where errors in it begin their path. */
  @Override
  public String toString() {
    return type.collection() + "[" + name + "]";
  }
}
