package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.resource.Offered;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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

  private final Ports ports;
  private final Schedule schedule;
  private final Interests interests;
  private final Holdings holdings;
  private final StandIns standIns;

  /** Root types that have not been answered for. */
  private final Set<ResourceType<?>> unanswered = new HashSet<>();

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
    this.ports = ports;
    this.schedule = schedule;
    this.interests = new Interests(ports.subscriber());
    this.holdings = new Holdings(ports.types(), roots.byType()::containsKey, interests);
    this.standIns = new StandIns(holdings, roots);
    roots.byType().forEach(interests::add);
    this.unanswered.addAll(roots.byType().keySet());
    for (ResourceType<?> type : ResourceType.ALL) {
      base.get(type).forEach(offered -> hold(type, offered));
    }
    promote();
    holdings.takeChanged();
    this.published = whole(base);
  }

  private void hold(ResourceType<?> type, Offered<? extends Message> offered) {
    String given = offered.content().name(type);
    ResourceName name = new ResourceName(type, given.isEmpty() ? offered.path() : given);
    holdings.hold(name, holdings.version(offered, ADS), schedule.nanoTime().getAsLong());
    Entry entry = holdings.find(name);
    if (given.isEmpty() && entry != null) {
      holdings.promote(name, entry);
    }
  }

  /** Without what waits for something that comes from a control plane. */
  private ResourceSet whole(ResourceSet base) {
    ResourceSet whole = base;
    Set<ResourceName> pending = pending();
    for (ResourceName name : pending) {
      whole = whole.with(name.type(), List.of(), Set.of(name.name()));
    }
    return whole.partial(!pending.isEmpty());
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

  /**
   * Lets what an earlier life was configured with serve until servers tell otherwise; does nothing
   * once a first set was published.
   *
   * @return whether it does
   */
  public boolean standIn(ResourceSet earlier) {
    if (initialised) {
      return false;
    }
    initialised = true;
    standIns.take(earlier, ports, unanswered, schedule.nanoTime().getAsLong());
    settle();
    return true;
  }

  /** Whether anything serves of which no server has told in this life. */
  public boolean isStandingIn() {
    return standIns.remain();
  }

  /** What a client of that source is to be given. */
  public ResourceHandler handler(ConfigSource source) {
    return new SourceHandler(source, holdings, standIns, ports, schedule, this::answered);
  }

  /** A source has told of a type, be it that there is nothing. */
  private void answered(ResourceType<?> type) {
    unanswered.remove(type);
    settle();
  }

  /** Whether the first set was published. */
  public boolean isInitialised() {
    return initialised;
  }

  /** Names that wait for what they name, or serve on though they were removed. */
  public Set<ResourceName> pending() {
    return new TreeSet<>(holdings.pending().keySet());
  }

  private void settle() {
    long nextNanos = promote();
    while (holdings.collect()) {
      // What went named others, which may go now.
      nextNanos = promote();
    }
    interests.tell();
    publish();
    settleIn(nextNanos);
  }

  /** When something that is kept back is due; the time left. */
  private long promote() {
    boolean mayCome = initialised || unanswered.contains(ResourceType.CLUSTER);
    return new Promotion(holdings, mayCome, schedule.nanoTime().getAsLong()).run();
  }

  private void publish() {
    if (!initialised) {
      initialised = unanswered.isEmpty() && !holdings.hasPending();
      if (!initialised) {
        return;
      }
    } else if (!holdings.hasChanged()) {
      return;
    }
    Set<ResourceName> changed = holdings.takeChanged();
    published = published.isPartial() ? published.partial(false) : published;
    for (ResourceType<?> type : ResourceType.ALL) {
      published = withChanges(published, type, changed);
    }
    ports.publish().accept(published);
  }

  private <M extends Message> ResourceSet withChanges(
      ResourceSet set, ResourceType<M> type, Set<ResourceName> names) {
    List<Offered<M>> changed = new ArrayList<>();
    Set<String> removed = new HashSet<>();
    for (ResourceName name : names) {
      if (!name.type().equals(type)) {
        continue;
      }
      Entry entry = holdings.find(name);
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
}
