package io.handfast.xds.tree;

import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@link ResourceTree} is to do, written down as plainly as possible: with every event it goes
 * through everything that it holds, and counts anew.
 */
final class NaiveTree {

  /** What is named comes before what names it. */
  private static final List<ResourceType<?>> ORDER =
      List.of(
          ResourceType.ENDPOINT,
          ResourceType.SECRET,
          ResourceType.EXTENSION_CONFIG,
          ResourceType.CLUSTER,
          ResourceType.ROUTE,
          ResourceType.LISTENER);

  private final Set<ResourceType<?>> roots;
  private final TypeRegistry types;
  private final LongSupplier nanoTime;
  private final Map<ResourceName, Node> nodes = new TreeMap<>();
  private final Set<ResourceName> missing = new HashSet<>();
  private final Set<ResourceType<?>> unanswered;
  private final Map<ConfigSource, Set<ResourceType<?>>> stale = new HashMap<>();

  /** What serves, as its version. */
  Map<String, String> published = Map.of();

  /** What is asked for: names, and the timeout that was told with them. */
  final Map<String, String> asked = new TreeMap<>();

  boolean initialised;

  private record Version(Received received, References references, ConfigSource source) {}

  private static final class Node {
    @Nullable Version latest;
    @Nullable Version active;
    boolean pending;
    long since;

    Stream<Reference> children() {
      return Stream.of(latest, active)
          .flatMap(Stream::ofNullable)
          .flatMap(version -> version.references().children().stream());
    }
  }

  NaiveTree(Set<ResourceType<?>> roots, TypeRegistry types, LongSupplier nanoTime) {
    this.roots = roots;
    this.types = types;
    this.nanoTime = nanoTime;
    this.unanswered = new HashSet<>(roots);
  }

  void apply(ConfigSource source, Update update) {
    Set<String> told = new HashSet<>();
    for (Received each : update.changed()) {
      told.add(each.name());
      ResourceName name = new ResourceName(update.type(), each.name());
      if (isOfAnother(name, source)) {
        absent(name);
        continue;
      }
      Node node = nodes.computeIfAbsent(name, _ -> new Node());
      if (node.latest == null
          || !node.latest.source().equals(source)
          || !node.latest.received().message().equals(each.message())) {
        Message message = each.message();
        if (!node.pending || node.latest == null) {
          node.since = nanoTime.getAsLong();
        }
        node.latest = new Version(each, References.of(message, types), source);
        node.pending = true;
        missing.remove(name);
      }
    }
    update.removed().forEach(name -> delete(source, update.type(), name, nanoTime.getAsLong()));
    if (stale.computeIfAbsent(source, _ -> new HashSet<>()).remove(update.type())) {
      List.copyOf(nodes.keySet()).stream()
          .filter(name -> update.type().complete() && name.type().equals(update.type()))
          .filter(name -> !told.contains(name.name()))
          .forEach(name -> delete(source, name.type(), name.name(), nanoTime.getAsLong()));
    }
    unanswered.remove(update.type());
    settle();
  }

  /** The source that told of a name has it, as long as it is wanted of that one. */
  private boolean isOfAnother(ResourceName name, ConfigSource source) {
    Node node = nodes.get(name);
    Version held = node == null ? null : node.latest == null ? node.active : node.latest;
    return held != null
        && !held.source().equals(source)
        && nodes.values().stream().anyMatch(each -> wants(each, name, held.source()));
  }

  private static boolean wants(Node node, ResourceName name, ConfigSource source) {
    Version latest = node.latest;
    return latest != null
        && latest.references().children().stream()
            .anyMatch(child ->
                child.target().equals(name)
                    && Interests.sourceOf(child.source(), latest.source()).equals(source));
  }

  private void absent(ResourceName name) {
    Node node = nodes.get(name);
    if (node == null || node.latest == null) {
      missing.add(name);
    }
  }

  private void delete(ConfigSource source, ResourceType<?> type, String name, long since) {
    if (isOfAnother(new ResourceName(type, name), source)) {
      return;
    }
    Node node = nodes.get(new ResourceName(type, name));
    if (node != null) {
      boolean again = node.pending && node.latest == null;
      node.since = again ? Math.min(node.since, since) : since;
      node.latest = null;
      node.pending = true;
    }
    missing.add(new ResourceName(type, name));
  }

  void lost(ConfigSource source, Effect.Lost lost) {
    for (String name : lost.names()) {
      if (lost.reason() == Effect.Reason.EXPIRED) {
        long since = nanoTime.getAsLong() - ResourceTree.KEEP_LIMIT.toNanos();
        delete(source, lost.type(), name, since);
      } else {
        absent(new ResourceName(lost.type(), name));
      }
    }
    unanswered.remove(lost.type());
    settle();
  }

  void serverChanged(ConfigSource source) {
    stale.put(source, new HashSet<>(ResourceType.ALL));
  }

  Set<ResourceName> pending() {
    Set<ResourceName> names = new TreeSet<>();
    nodes.forEach((name, node) -> {
      if (node.pending) {
        names.add(name);
      }
    });
    return names;
  }

  void settle() {
    boolean again = true;
    while (again) {
      boolean promoted = promote();
      again = collect() || promoted;
    }
    ask();
    initialised |= unanswered.isEmpty() && pending().isEmpty();
    if (initialised) {
      published = new TreeMap<>();
      nodes.forEach((name, node) -> {
        if (node.active != null) {
          published.put(name.toString(), node.active.received().version());
        }
      });
    }
  }

  private boolean promote() {
    boolean any = false;
    for (ResourceType<?> type : ORDER) {
      for (Map.Entry<ResourceName, Node> each : nodes.entrySet()) {
        Node node = each.getValue();
        if (node.pending && each.getKey().type().equals(type) && isReady(each.getKey(), node)) {
          node.active = node.latest;
          node.pending = false;
          any = true;
        }
      }
    }
    return any;
  }

  private boolean isReady(ResourceName name, Node node) {
    if (node.latest == null) {
      boolean named =
          nodes.values().stream()
              .anyMatch(other ->
                  other.active != null && other.active.references().targets().contains(name));
      return !named || isOver(node, ResourceTree.KEEP_LIMIT);
    }
    References names = node.latest.references();
    return names.children().stream()
            .allMatch(child -> serves(child.target()) || missing.contains(child.target()))
        && (isOver(node, ResourceTree.HOLD_LIMIT)
            || names.clusters().stream()
                .allMatch(cluster ->
                    isThere(cluster)
                        || (node.active != null
                            && node.active.references().clusters().contains(cluster))));
  }

  private boolean serves(ResourceName name) {
    Node node = nodes.get(name);
    return node != null && node.active != null;
  }

  private boolean isThere(String cluster) {
    ResourceName name = new ResourceName(ResourceType.CLUSTER, cluster);
    Node node = nodes.get(name);
    if (node == null || (node.latest == null && node.active == null)) {
      return !initialised && !unanswered.contains(ResourceType.CLUSTER);
    }
    return node.active != null;
  }

  private boolean isOver(Node node, Duration limit) {
    return nanoTime.getAsLong() - node.since >= limit.toNanos();
  }

  private boolean collect() {
    Set<ResourceName> named =
        nodes.values().stream()
            .flatMap(Node::children)
            .map(Reference::target)
            .collect(Collectors.toSet());
    missing.retainAll(named);
    return nodes
        .entrySet()
        .removeIf(each ->
            (each.getValue().latest == null && each.getValue().active == null)
                || (!roots.contains(each.getKey().type()) && !named.contains(each.getKey())));
  }

  private void ask() {
    Map<String, Set<String>> names = new TreeMap<>();
    Map<String, Duration> timeouts = new TreeMap<>();
    for (ResourceType<?> type : roots) {
      names.put(key(ResourceTree.ADS, type), Set.of("*"));
      timeouts.put(key(ResourceTree.ADS, type), Duration.ofSeconds(15));
    }
    for (Node node : nodes.values()) {
      if (node.latest == null) {
        continue;
      }
      for (Reference each : node.latest.references().children()) {
        String key =
            key(Interests.sourceOf(each.source(), node.latest.source()), each.target().type());
        names.computeIfAbsent(key, _ -> new TreeSet<>()).add(each.target().name());
        Duration timeout =
            each.source().hasInitialFetchTimeout()
                ? Duration.ofNanos(Durations.toNanos(each.source().getInitialFetchTimeout()))
                : Duration.ofSeconds(15);
        timeouts.merge(key, timeout, NaiveTree::longer);
      }
    }
    Set<String> keys = new TreeSet<>(asked.keySet());
    keys.addAll(names.keySet());
    for (String key : keys) {
      String now = String.join(" ", names.getOrDefault(key, Set.of()));
      if (now.isEmpty()) {
        asked.remove(key);
      } else if (!asked.getOrDefault(key, "").startsWith(now + " within")) {
        asked.put(key, now + " within " + timeouts.get(key));
      }
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.isZero() || other.isZero() ? Duration.ZERO : one.compareTo(other) > 0 ? one : other;
  }

  static String key(ConfigSource source, ResourceType<?> type) {
    return type + (source.hasPathConfigSource() ? " of the file" : "");
  }
}
