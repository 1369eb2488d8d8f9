package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the sources deliver, asks for what it names, and publishes a set of resources whenever
 * another version is ready to serve.
 *
 * <p>Make before break, in whatever order a server sends (W8): a new version serves when all that
 * it names is there or known to be absent; until then the old one does. A route that names a
 * cluster which is not there yet waits for it, at most {@link #HOLD_LIMIT}; a cluster that was
 * removed while something active names it stays, at most {@link #KEEP_LIMIT}. The first set is
 * published when all of it is ready.
 *
 * <p>Confined to the executor of the clients.
 */
public final class ResourceTree {

  /** The stream that carries every type. */
  public static final ConfigSource ADS =
      ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance()).build();

  /** How long a new version is kept back for clusters that are not there: Envoy's fetch timeout. */
  public static final Duration HOLD_LIMIT = Duration.ofSeconds(15);

  /** How long what was removed serves those that still name it. */
  public static final Duration KEEP_LIMIT = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(ResourceTree.class);

  private final Roots roots;
  private final Ports ports;
  private final Schedule schedule;
  private final Map<ResourceName, Entry> entries = new HashMap<>();
  private final Interests interests;

  /** Names of which is known that nothing is there. */
  private final Set<ResourceName> missing = new HashSet<>();

  /** Root types that have not been answered for. */
  private final Set<ResourceType<?>> unanswered = new HashSet<>();

  /** Names whose serving version is another than the published one. */
  private final Set<ResourceName> changedSincePublished = new HashSet<>();

  private ResourceSet published;
  private boolean initialised;
  private @Nullable ScheduledFuture<?> timer;

  /**
   * What is asked for without being named.
   *
   * @param byType listeners and clusters
   */
  public record Roots(Map<ResourceType<?>, Root> byType) {

    public Roots {
      byType = Map.copyOf(byType);
    }

    /** Those names of the stream that carries every type. */
    public static Roots ofAds(Map<ResourceType<?>, Set<String>> names) {
      Map<ResourceType<?>, Root> byType = new HashMap<>();
      names.forEach((type, each) -> byType.put(type, new Root(ADS, each)));
      return new Roots(byType);
    }
  }

  /**
   * What is asked for of one type.
   *
   * @param source of them, with their fetch timeout
   * @param names {@link StreamMachine#WILDCARD} for all
   */
  public record Root(ConfigSource source, Set<String> names) {

    public Root {
      names = Set.copyOf(names);
    }
  }

  /**
   * Whom the tree knows.
   *
   * @param types messages that may stand in an {@code Any}
   * @param publish takes every set; the resources of a type are new objects only where they changed
   */
  public record Ports(
      TypeRegistry types,
      ResourceCheck check,
      Subscriber subscriber,
      Consumer<ResourceSet> publish) {}

  /** What the tree runs on. */
  public record Schedule(ScheduledExecutorService executor, LongSupplier nanoTime) {}

  /**
   * A tree that holds what is static.
   *
   * @param base what is static; control planes add to it
   */
  public ResourceTree(ResourceSet base, Roots roots, Ports ports, Schedule schedule) {
    this.roots = roots;
    this.ports = ports;
    this.schedule = schedule;
    this.interests = new Interests(ports.subscriber());
    this.unanswered.addAll(roots.byType().keySet());
    for (ResourceType<?> type : ResourceType.ALL) {
      base.get(type).forEach(offered -> hold(type, offered));
    }
    promote();
    changedSincePublished.clear();
    this.published = whole(base);
  }

  private void hold(ResourceType<?> type, Offered<? extends Message> offered) {
    String name = type.nameOf(offered.message());
    Entry entry = new Entry(ADS, true);
    entry.offer(
        new Entry.Version(offered, References.of(offered.message(), ports.types())),
        schedule.nanoTime().getAsLong());
    if (name.isEmpty()) {
      entry.promote();
    }
    entries.put(new ResourceName(type, name.isEmpty() ? offered.path() : name), entry);
  }

  /** Without what waits for something that comes from a control plane. */
  private ResourceSet whole(ResourceSet base) {
    ResourceSet whole = base;
    for (ResourceName name : pending()) {
      whole = whole.with(name.type(), List.of(), Set.of(name.name()));
    }
    return whole;
  }

  /**
   * What serves before any control plane has answered: all that is static and names nothing else.
   */
  public ResourceSet initial() {
    return published;
  }

  /** Asks for the roots, and for what is named by what is static. */
  public void start() {
    settle();
  }

  /** What a client of that source is to be given. */
  public ResourceHandler handler(ConfigSource source) {
    return new SourceHandler(source);
  }

  /** Whether the first set was published. */
  public boolean isInitialised() {
    return initialised;
  }

  /** Names that wait for what they name, or serve on though they were removed. */
  public Set<ResourceName> pending() {
    Set<ResourceName> names = new TreeSet<>();
    entries.forEach((name, entry) -> {
      if (entry.isPending()) {
        names.add(name);
      }
    });
    return names;
  }

  private void settle() {
    long nextNanos = promote();
    collect();
    interests.update(roots, entries);
    publish();
    settleIn(nextNanos);
  }

  /** When something that is kept back is due; the time left. */
  private long promote() {
    Promotion promotion =
        new Promotion(
            entries,
            missing,
            initialised || unanswered.contains(ResourceType.CLUSTER),
            schedule.nanoTime().getAsLong());
    promotion.run();
    changedSincePublished.addAll(promotion.changed());
    return promotion.nextNanos();
  }

  /** Forgets what nobody names any more (S4). */
  private void collect() {
    Set<ResourceName> named = new HashSet<>();
    for (Entry entry : entries.values()) {
      entry.children().forEach(child -> named.add(child.target()));
    }
    entries
        .entrySet()
        .removeIf(each -> {
          boolean root =
              each.getValue().isStatic || roots.byType().containsKey(each.getKey().type());
          boolean gone = each.getValue().latest() == null && each.getValue().active() == null;
          boolean drop = gone || (!root && !named.contains(each.getKey()));
          if (drop) {
            changedSincePublished.add(each.getKey());
          }
          return drop;
        });
    missing.retainAll(named);
  }

  private void publish() {
    if (!initialised) {
      initialised = unanswered.isEmpty() && entries.values().stream().noneMatch(Entry::isPending);
      if (!initialised) {
        return;
      }
    } else if (changedSincePublished.isEmpty()) {
      return;
    }
    for (ResourceType<?> type : ResourceType.ALL) {
      published = withChanges(published, type);
    }
    changedSincePublished.clear();
    ports.publish().accept(published);
  }

  private <M extends Message> ResourceSet withChanges(ResourceSet set, ResourceType<M> type) {
    List<Offered<M>> changed = new ArrayList<>();
    Set<String> removed = new HashSet<>();
    for (ResourceName name : changedSincePublished) {
      if (!name.type().equals(type)) {
        continue;
      }
      Entry entry = entries.get(name);
      Entry.Version active = entry == null ? null : entry.active();
      if (active == null) {
        removed.add(name.name());
      } else {
        changed.add(cast(active.offered()));
      }
    }
    changed.sort(Comparator.comparing(Offered::path));
    return set.with(type, changed, removed);
  }

  /** An entry is only ever filed under the type of its message. */
  @SuppressWarnings("unchecked")
  private static <M extends Message> Offered<M> cast(Offered<? extends Message> offered) {
    return (Offered<M>) offered;
  }

  private void settleIn(long nanos) {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (nanos != Long.MAX_VALUE) {
      timer = schedule.executor().schedule(this::settle, nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Takes what one source tells. */
  private final class SourceHandler implements ResourceHandler {

    private final ConfigSource source;

    /** Types of which another server has told, and this one not yet. */
    private final Set<ResourceType<?>> stale = new HashSet<>();

    SourceHandler(ConfigSource source) {
      this.source = source;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      List<ResourceFault> faults = new ArrayList<>();
      Set<ResourceName> told = new HashSet<>();
      for (Received each : update.changed()) {
        ResourceName name = new ResourceName(update.type(), each.name());
        told.add(name);
        take(name, each).ifPresent(faults::add);
      }
      update.faults().forEach(fault -> absent(new ResourceName(update.type(), fault.name())));
      faults.forEach(fault -> absent(new ResourceName(update.type(), fault.name())));
      update.removed().forEach(name -> remove(new ResourceName(update.type(), name)));
      if (stale.remove(update.type()) && update.type().complete()) {
        removeAllBut(update.type(), told);
      }
      unanswered.remove(update.type());
      settle();
      return CompletableFuture.completedFuture(faults);
    }

    private Optional<ResourceFault> take(ResourceName name, Received received) {
      Entry entry = entries.get(name);
      Entry.Version latest = entry == null ? null : entry.latest();
      if (entry != null && entry.isStatic) {
        return Optional.of(
            ResourceFault.of(
                name.name(),
                name + ".name",
                name.name() + " (expected: a name that no static resource has)"));
      }
      if (latest != null && latest.offered().message().equals(received.message())) {
        return Optional.empty();
      }
      Offered<Message> offered =
          new Offered<>(received.message(), name.toString(), received.version());
      List<ConfigError> errors = ports.check().check(name.type(), offered);
      if (!errors.isEmpty()) {
        return Optional.of(new ResourceFault(name.name(), errors));
      }
      Entry kept = entries.computeIfAbsent(name, each -> new Entry(source, false));
      kept.offer(
          new Entry.Version(offered, References.of(received.message(), ports.types())),
          schedule.nanoTime().getAsLong());
      missing.remove(name);
      return Optional.empty();
    }

    private void removeAllBut(ResourceType<?> type, Set<ResourceName> told) {
      List.copyOf(entries.keySet()).stream()
          .filter(name -> name.type().equals(type) && !told.contains(name))
          .forEach(this::remove);
    }

    private void remove(ResourceName name) {
      delete(name, schedule.nanoTime().getAsLong());
    }

    /** What has expired serves nobody any longer. */
    private void expire(ResourceName name) {
      delete(name, schedule.nanoTime().getAsLong() - KEEP_LIMIT.toNanos());
    }

    private void delete(ResourceName name, long since) {
      Entry entry = entries.get(name);
      if (entry != null && entry.isStatic) {
        return;
      }
      if (entry != null) {
        entry.delete(since);
      }
      missing.add(name);
    }

    /** Nothing usable came of that name; what is held of it serves on. */
    private void absent(ResourceName name) {
      Entry entry = entries.get(name);
      if (entry == null || entry.latest() == null) {
        missing.add(name);
      }
    }

    @Override
    public void lost(Effect.Lost lost) {
      for (String each : lost.names()) {
        ResourceName name = new ResourceName(lost.type(), each);
        switch (lost.reason()) {
          case TIMEOUT, REPORTED -> absent(name);
          case EXPIRED -> expire(name);
        }
      }
      unanswered.remove(lost.type());
      settle();
    }

    @Override
    public void failed(Effect.Failed failed) {
      log.warn(
          "{}: {}; {} held serve on, {} are not there",
          failed.type(),
          failed.error(),
          failed.cached().size(),
          failed.uncached().size());
    }

    @Override
    public void serverChanged() {
      stale.addAll(ResourceType.ALL);
    }
  }
}
