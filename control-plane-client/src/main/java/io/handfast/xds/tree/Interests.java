package io.handfast.xds.tree;

import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is asked of which source; tells the subscriber of changes only. Confined to its tree. */
final class Interests {

  /** Envoy's {@code initial_fetch_timeout}. */
  private static final Duration DEFAULT_FETCH_TIMEOUT = Duration.ofSeconds(15);

  private final Subscriber subscriber;
  private final Map<Key, Wish> wishes = new HashMap<>();

  /** Wishes whose names may be others than those that were told. */
  private final Set<Key> touched = new LinkedHashSet<>();

  /** What one subscription is for. */
  private record Key(ConfigSource source, ResourceType<?> type) {}

  /** Names of a subscription. */
  private static final class Wish {
    final Tally<String> names = new Tally<>();
    final Tally<Duration> timeouts = new Tally<>();
    Set<String> told = Set.of();

    /** One timeout holds for a type: the longest that anyone asks for; zero is for ever. */
    Duration timeout() {
      return timeouts.has(Duration.ZERO)
          ? Duration.ZERO
          : timeouts.things().stream().max(Comparator.naturalOrder()).orElse(DEFAULT_FETCH_TIMEOUT);
    }
  }

  Interests(Subscriber subscriber) {
    this.subscriber = subscriber;
  }

  /** A root is wanted, from now on and for ever. */
  void add(ResourceType<?> type, ResourceTree.Root root) {
    root.names().forEach(name -> add(ResourceTree.ADS, root.source(), type, name));
  }

  /**
   * What a newest version names is wanted. Not what only an older one names: it may be gone at the
   * server already, and some servers answer a state-of-the-world request only when they have every
   * name in it.
   *
   * @param parent where the version came from
   */
  void add(ConfigSource parent, References references) {
    for (Reference each : references.children()) {
      add(parent, each.source(), each.target().type(), each.target().name());
    }
  }

  private void add(ConfigSource parent, ConfigSource source, ResourceType<?> type, String name) {
    Key key = new Key(sourceOf(source, parent), type);
    Wish wish = wishes.computeIfAbsent(key, _ -> new Wish());
    wish.timeouts.add(timeoutOf(source));
    if (wish.names.add(name)) {
      touched.add(key);
    }
  }

  /** Whether a resource of that name is wanted of that source. */
  boolean isWanted(ConfigSource source, ResourceName resource) {
    Wish wish = wishes.get(new Key(source, resource.type()));
    return wish != null && wish.names.has(resource.name());
  }

  /** It is the newest version no more. */
  void remove(ConfigSource parent, References references) {
    for (Reference each : references.children()) {
      Key key = new Key(sourceOf(each.source(), parent), each.target().type());
      Wish wish = wishes.get(key);
      if (wish == null) {
        throw new IllegalStateException(each.target() + ": removed, but it was never added");
      }
      wish.timeouts.remove(timeoutOf(each.source()));
      if (wish.names.remove(each.target().name())) {
        touched.add(key);
      }
    }
  }

  /** Asks for what is wanted now where it is not what is asked for. */
  void tell() {
    if (touched.isEmpty()) {
      return;
    }
    List<Key> keys = new ArrayList<>(touched);
    touched.clear();
    for (ResourceType<?> type : ResourceType.ALL) {
      keys.stream().filter(key -> key.type().equals(type)).forEach(this::tell);
    }
  }

  private void tell(Key key) {
    Wish wish = wishes.get(key);
    if (wish == null) {
      return;
    }
    Set<String> names = wish.names.things();
    if (names.isEmpty()) {
      wishes.remove(key);
    }
    if (!names.equals(wish.told)) {
      wish.told = Set.copyOf(names);
      subscriber.subscribe(key.source(), key.type(), wish.told, wish.timeout());
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
