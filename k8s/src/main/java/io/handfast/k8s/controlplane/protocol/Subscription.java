package io.handfast.k8s.controlplane.protocol;

import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Names that a client asks for, and whether it asks for all. Confined to its stream. */
final class Subscription {

  static final String WILDCARD = "*";

  private final ResourceType<?> type;
  private final Set<String> names = new TreeSet<>();
  private boolean all;

  Subscription(ResourceType<?> type) {
    this.type = type;
  }

  ResourceType<?> type() {
    return type;
  }

  boolean isForAll() {
    return all;
  }

  void forAll(boolean wanted) {
    all = wanted;
  }

  Set<String> names() {
    return names;
  }

  /** How long the names are together. */
  long characters() {
    long characters = 0;
    for (String name : names) {
      characters += name.length();
    }
    return characters;
  }

  boolean wants(String name) {
    return all || names.contains(name);
  }

  /** What is there of what is asked for, by name. */
  Collection<Served> of(Snapshot snapshot) {
    if (all) {
      return snapshot.all(type);
    }
    List<Served> found = new ArrayList<>(names.size());
    names.forEach(name -> snapshot.find(type, name).ifPresent(found::add));
    return found;
  }

  /** Names as the server knows them; the wildcard is none. */
  static Set<String> named(Collection<String> asked) {
    Set<String> named = new TreeSet<>();
    asked.stream()
        .filter(name -> !name.equals(WILDCARD))
        .map(XdstpName::normalise)
        .forEach(named::add);
    return named;
  }

  /**
   * Whether a first request that names nothing asks for all of them, as it did before there was a
   * wildcard.
   */
  static boolean isForAllByDefault(ResourceType<?> type) {
    return type.complete();
  }
}
