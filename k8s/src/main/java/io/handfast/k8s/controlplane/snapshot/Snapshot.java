package io.handfast.k8s.controlplane.snapshot;

import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Everything that is served at one moment. Immutable. */
public final class Snapshot {

  /** Nothing. */
  public static final Snapshot EMPTY = new Snapshot(Map.of());

  private static final Shelf NONE = new Shelf(new TreeMap<>());

  private final Map<ResourceType<?>, Shelf> byType;

  /**
   * The resources of one type. Immutable.
   *
   * @param byName sorted
   * @param version of all of them
   */
  private record Shelf(NavigableMap<String, Served> byName, String version) {
    Shelf(NavigableMap<String, Served> byName) {
      this(byName, Versions.of(byName.values()));
    }
  }

  private Snapshot(Map<ResourceType<?>, Shelf> byType) {
    this.byType = Map.copyOf(byType);
  }

  /** Of those resources, no two of which have the same name. */
  public static Snapshot of(Map<ResourceType<?>, ? extends Collection<Served>> resources) {
    Map<ResourceType<?>, Shelf> byType = new HashMap<>();
    resources.forEach((type, all) -> {
      NavigableMap<String, Served> byName = new TreeMap<>();
      for (Served each : all) {
        if (byName.put(each.name(), each) != null) {
          throw new IllegalArgumentException(
              "resources: " + type + "[" + each.name() + "] twice (expected: each once)");
        }
      }
      byType.put(type, new Shelf(byName));
    });
    return new Snapshot(byType);
  }

  private Shelf shelf(ResourceType<?> type) {
    return byType.getOrDefault(type, NONE);
  }

  /** All of a type, by name. */
  public Collection<Served> all(ResourceType<?> type) {
    return shelf(type).byName().values();
  }

  /** The one of that name. */
  public Optional<Served> find(ResourceType<?> type, String name) {
    return Optional.ofNullable(shelf(type).byName().get(name));
  }

  /** The version of all resources of a type. */
  public String version(ResourceType<?> type) {
    return shelf(type).version();
  }

  /** Whether nothing is served. */
  public boolean isEmpty() {
    return byType.values().stream().allMatch(shelf -> shelf.byName().isEmpty());
  }

  /** Whether the same is served. */
  public boolean isSame(Snapshot other) {
    return ResourceType.ALL.stream().allMatch(type -> version(type).equals(other.version(type)));
  }

  /** What is new or another here than there. */
  public Set<ResourceName> changedSince(Snapshot before) {
    Set<ResourceName> changed = new TreeSet<>();
    for (ResourceType<?> type : ResourceType.ALL) {
      for (Served each : all(type)) {
        if (!before
            .find(type, each.name())
            .map(Served::version)
            .equals(Optional.of(each.version()))) {
          changed.add(new ResourceName(type, each.name()));
        }
      }
    }
    return changed;
  }

  /** What was there and is here no more. */
  public Set<ResourceName> removedSince(Snapshot before) {
    Set<ResourceName> removed = new TreeSet<>();
    for (ResourceType<?> type : ResourceType.ALL) {
      for (Served each : before.all(type)) {
        if (find(type, each.name()).isEmpty()) {
          removed.add(new ResourceName(type, each.name()));
        }
      }
    }
    return removed;
  }

  /** How many of each type there are, and the version of them: {@code clusters=2 (0123…)}. */
  @Override
  public String toString() {
    Map<String, String> counts = new LinkedHashMap<>();
    for (ResourceType<?> type : ResourceType.ALL) {
      if (!all(type).isEmpty()) {
        counts.put(type.collection(), all(type).size() + " (" + version(type) + ")");
      }
    }
    return counts.isEmpty()
        ? "nothing"
        : counts.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
  }
}
