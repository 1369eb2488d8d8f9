package io.handfast.xds.tree;

import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One pass over the entries that makes of newest versions serving ones. An object serves one pass.
 *
 * <pre>{@code
 * latest --all that it names is there, or known not to be--------------> active
 * latest --names a cluster that is not there, HOLD_LIMIT passed--------> active
 * deleted --nothing active names it, or KEEP_LIMIT passed--------------> gone
 * }</pre>
 */
final class Promotion {

  /** What is named comes before what names it. */
  private static final List<ResourceType<?>> ORDER =
      List.of(
          ResourceType.ENDPOINT,
          ResourceType.SECRET,
          ResourceType.EXTENSION_CONFIG,
          ResourceType.CLUSTER,
          ResourceType.ROUTE,
          ResourceType.LISTENER);

  private final Map<ResourceName, Entry> entries;
  private final Set<ResourceName> missing;
  private final boolean holdUnknownClusters;
  private final long now;

  /** Names whose serving version has changed. */
  private final Set<ResourceName> changed = new HashSet<>();

  /** How many serving versions name it; counted when something deleted asks for it. */
  private @Nullable Map<ResourceName, Integer> named;

  /** When something that is kept back is due; the time left. */
  private long nextNanos = Long.MAX_VALUE;

  /**
   * A pass.
   *
   * @param missing names of which is known that nothing is there
   * @param holdUnknownClusters whether a cluster that is not there may still come
   */
  Promotion(
      Map<ResourceName, Entry> entries,
      Set<ResourceName> missing,
      boolean holdUnknownClusters,
      long now) {
    this.entries = entries;
    this.missing = missing;
    this.holdUnknownClusters = holdUnknownClusters;
    this.now = now;
  }

  Set<ResourceName> changed() {
    return changed;
  }

  long nextNanos() {
    return nextNanos;
  }

  void run() {
    Map<ResourceType<?>, List<Map.Entry<ResourceName, Entry>>> pending = new HashMap<>();
    for (Map.Entry<ResourceName, Entry> each : entries.entrySet()) {
      if (each.getValue().isPending()) {
        pending.computeIfAbsent(each.getKey().type(), type -> new ArrayList<>()).add(each);
      }
    }
    if (pending.isEmpty()) {
      return;
    }
    boolean again = true;
    while (again) {
      again = false;
      nextNanos = Long.MAX_VALUE;
      for (ResourceType<?> type : ORDER) {
        again |=
            pending
                .getOrDefault(type, new ArrayList<>())
                .removeIf(each -> promote(each.getKey(), each.getValue()));
      }
    }
  }

  private boolean promote(ResourceName name, Entry entry) {
    Entry.Version latest = entry.latest();
    boolean ready = latest == null ? mayGo(name, entry) : isReady(entry, latest);
    if (ready) {
      count(entry.active(), -1);
      entry.promote();
      count(entry.active(), 1);
      changed.add(name);
    }
    return ready;
  }

  private boolean mayGo(ResourceName name, Entry entry) {
    return !isNamedByActive(name) || isOver(entry.since(), ResourceTree.KEEP_LIMIT);
  }

  private boolean isNamedByActive(ResourceName name) {
    if (named == null) {
      named = new HashMap<>();
      entries.values().forEach(each -> count(each.active(), 1));
    }
    return named.getOrDefault(name, 0) > 0;
  }

  private void count(Entry.@Nullable Version active, int change) {
    Map<ResourceName, Integer> counts = named;
    if (counts != null && active != null) {
      active.references().targets().forEach(target -> counts.merge(target, change, Integer::sum));
    }
  }

  private boolean isReady(Entry entry, Entry.Version latest) {
    for (Reference each : latest.references().children()) {
      Entry child = entries.get(each.target());
      if ((child == null || child.active() == null) && !missing.contains(each.target())) {
        return false;
      }
    }
    for (String cluster : latest.references().clusters()) {
      if (!isThere(cluster) && !isOver(entry.since(), ResourceTree.HOLD_LIMIT)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a cluster serves, or is known not to come. */
  private boolean isThere(String cluster) {
    Entry entry = entries.get(new ResourceName(ResourceType.CLUSTER, cluster));
    if (entry == null || (entry.latest() == null && entry.active() == null)) {
      return !holdUnknownClusters;
    }
    return entry.active() != null;
  }

  private boolean isOver(long since, Duration limit) {
    long left = limit.toNanos() - (now - since);
    if (left > 0) {
      nextNanos = Math.min(nextNanos, left);
    }
    return left <= 0;
  }
}
