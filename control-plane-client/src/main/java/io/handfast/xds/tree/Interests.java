package io.handfast.xds.tree;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What is asked of which source; tells the subscriber of changes only. Confined to its tree. */
final class Interests {

  /** Envoy's {@code initial_fetch_timeout}. */
  private static final Duration DEFAULT_FETCH_TIMEOUT = Duration.ofSeconds(15);

  private final Subscriber subscriber;
  private Map<Key, Wish> asked = Map.of();

  /** What one subscription is for. */
  private record Key(ConfigSource source, ResourceType<?> type) {}

  /** Names of a subscription. */
  private static final class Wish {
    final Set<String> names = new TreeSet<>();
    Duration timeout = Duration.ofNanos(1);

    /** One timeout holds for a type: the longest that anyone asks for; zero is for ever. */
    void add(String name, Duration fetchTimeout) {
      names.add(name);
      if (!timeout.isZero() && (fetchTimeout.isZero() || fetchTimeout.compareTo(timeout) > 0)) {
        timeout = fetchTimeout;
      }
    }
  }

  Interests(Subscriber subscriber) {
    this.subscriber = subscriber;
  }

  /** Asks for the roots and for all that newest versions name. */
  void update(ResourceTree.Roots roots, Map<ResourceName, Entry> entries) {
    Map<Key, Wish> wanted = new LinkedHashMap<>();
    roots
        .byType()
        .forEach((type, root) ->
            root.names()
                .forEach(name ->
                    wish(
                        wanted,
                        sourceOf(root.source(), ResourceTree.ADS),
                        type,
                        name,
                        timeoutOf(root.source()))));
    for (Entry entry : entries.values()) {
      // Not what only the old version names: it may be gone at the server already, and some servers
      // answer a state-of-the-world request only when they have every name in it.
      Entry.Version latest = entry.latest();
      if (latest == null) {
        continue;
      }
      for (Reference each : latest.references().children()) {
        wish(
            wanted,
            sourceOf(each.source(), entry.source),
            each.target().type(),
            each.target().name(),
            timeoutOf(each.source()));
      }
    }
    for (ResourceType<?> type : ResourceType.ALL) {
      tell(type, wanted);
    }
    asked = wanted;
  }

  private static void wish(
      Map<Key, Wish> wanted,
      ConfigSource source,
      ResourceType<?> type,
      String name,
      Duration timeout) {
    wanted.computeIfAbsent(new Key(source, type), key -> new Wish()).add(name, timeout);
  }

  private void tell(ResourceType<?> type, Map<Key, Wish> wanted) {
    Set<Key> keys = new HashSet<>(asked.keySet());
    keys.addAll(wanted.keySet());
    for (Key key : keys) {
      if (!key.type().equals(type)) {
        continue;
      }
      Wish before = asked.get(key);
      Wish now = wanted.get(key);
      if (now == null) {
        subscriber.subscribe(key.source(), type, Set.of(), DEFAULT_FETCH_TIMEOUT);
      } else if (before == null || !before.names.equals(now.names)) {
        subscriber.subscribe(key.source(), type, Set.copyOf(now.names), now.timeout);
      }
    }
  }

  /** A source as a key: what is said besides where it is does not make another one. */
  static ConfigSource sourceOf(ConfigSource source, ConfigSource parent) {
    if (source.hasAds()) {
      return ResourceTree.ADS;
    }
    boolean own = source.hasPathConfigSource() || source.hasApiConfigSource();
    return own
        ? source.toBuilder().clearInitialFetchTimeout().clearResourceApiVersion().build()
        : parent;
  }

  private static Duration timeoutOf(ConfigSource source) {
    return source.hasInitialFetchTimeout()
        ? Duration.ofNanos(Durations.toNanos(source.getInitialFetchTimeout()))
        : DEFAULT_FETCH_TIMEOUT;
  }
}
