package io.handfast.xds.resource;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

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

  /**
   * As a record has it, written out: a record's own is linked at run time, which no AOT cache
   * keeps, and this one is in the way of each start.
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ResourceName of && type.equals(of.type) && name.equals(of.name);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + name.hashCode();
  }

  /** {@code clusters[name]}, which is also where errors in it begin their path. */
  @Override
  public String toString() {
    return type.collection() + "[" + name + "]";
  }
}
