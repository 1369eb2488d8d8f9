package io.handfast.xds.tree;

import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One pass over what is pending that makes of newest versions serving ones. An object serves one
 * pass.
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

  private final Holdings holdings;
  private final boolean holdUnknownClusters;
  private final long now;

  /** When something that is kept back is due; the time left. */
  private long nextNanos = Long.MAX_VALUE;

  /**
   * A pass.
   *
   * @param holdUnknownClusters whether a cluster that is not there may still come
   */
  Promotion(Holdings holdings, boolean holdUnknownClusters, long now) {
    this.holdings = holdings;
    this.holdUnknownClusters = holdUnknownClusters;
    this.now = now;
  }

  /** When something that is kept back is due; the time left. */
  long run() {
    Map<ResourceType<?>, List<Map.Entry<ResourceName, Entry>>> pending = new HashMap<>();
    for (Map.Entry<ResourceName, Entry> each : holdings.pending().entrySet()) {
      pending.computeIfAbsent(each.getKey().type(), type -> new ArrayList<>()).add(each);
    }
    boolean again = !pending.isEmpty();
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
    return nextNanos;
  }

  private boolean promote(ResourceName name, Entry entry) {
    Entry.Version latest = entry.latest();
    boolean ready = latest == null ? mayGo(name, entry) : isReady(entry, latest);
    if (ready) {
      holdings.promote(name, entry);
    }
    return ready;
  }

  private boolean mayGo(ResourceName name, Entry entry) {
    return !holdings.isServed(name) || isOver(entry.since(), ResourceTree.KEEP_LIMIT);
  }

  private boolean isReady(Entry entry, Entry.Version latest) {
    for (Reference each : latest.references().children()) {
      Entry child = holdings.find(each.target());
      if ((child == null || child.active() == null) && !holdings.isMissing(each.target())) {
        return false;
      }
    }
    for (String cluster : latest.references().clusters()) {
      if (!isThere(cluster)
          && !isDoneWithout(entry, cluster)
          && !isOver(entry.since(), ResourceTree.HOLD_LIMIT)) {
        return false;
      }
    }
    return true;
  }

  /** Whether what serves names that cluster too: to wait for it would help nobody. */
  private static boolean isDoneWithout(Entry entry, String cluster) {
    Entry.Version active = entry.active();
    return active != null && active.references().clusters().contains(cluster);
  }

  /** Whether a cluster serves, or is known not to come. */
  private boolean isThere(String cluster) {
    Entry entry = holdings.find(new ResourceName(ResourceType.CLUSTER, cluster));
    if (entry == null || entry.isGone()) {
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
