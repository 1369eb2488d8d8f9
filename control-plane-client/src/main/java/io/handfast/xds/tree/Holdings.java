package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is held, and how often each of it is named. The counts follow every change, so that a change
 * costs what it changes, not what is held. Confined to its tree.
 */
final class Holdings {

  private final TypeRegistry types;
  private final Predicate<ResourceType<?>> isRoot;
  private final Interests interests;
  private final Map<ResourceName, Entry> entries = new HashMap<>();

  /** Of the entries, those that wait. */
  private final Map<ResourceName, Entry> pending = new LinkedHashMap<>();

  /** Names of which is known that nothing is there. */
  private final Set<ResourceName> missing = new HashSet<>();

  /** Of an earlier life of the process, and not told of in this one. */
  private final Set<ResourceName> standIns = new HashSet<>();

  /** What newest and serving versions cannot be without. */
  private final Tally<ResourceName> children = new Tally<>();

  /** All that serving versions name. */
  private final Tally<ResourceName> served = new Tally<>();

  /** Names that have to be looked at: somebody may have been the last to name them. */
  private final Set<ResourceName> loose = new HashSet<>();

  /** What routes name, for as long as a table has them. */
  private final Map<Route, References> routes = new WeakHashMap<>();

  /** Names whose serving version has changed since somebody took them. */
  private Set<ResourceName> changed = new HashSet<>();

  /**
   * Nothing.
   *
   * @param types messages that may stand in an {@code Any}
   * @param isRoot whether resources of a type are held though nothing names them
   * @param interests told of what newest versions name
   */
  Holdings(TypeRegistry types, Predicate<ResourceType<?>> isRoot, Interests interests) {
    this.types = types;
    this.isRoot = isRoot;
    this.interests = interests;
  }

  /** A version with what it names. */
  Entry.Version version(Offered<? extends Message> offered, ConfigSource source) {
    return new Entry.Version(offered, References.of(offered.message(), types, routes), source);
  }

  @Nullable Entry find(ResourceName name) {
    return entries.get(name);
  }

  /** Every name that is held. */
  Set<ResourceName> names() {
    return Set.copyOf(entries.keySet());
  }

  /** Those that wait for what they name, or serve on though they were removed. */
  Map<ResourceName, Entry> pending() {
    return new LinkedHashMap<>(pending);
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  /** Whether it is known that nothing is there. */
  boolean isMissing(ResourceName name) {
    return missing.contains(name);
  }

  /** Whether something that serves names it. */
  boolean isServed(ResourceName name) {
    return served.has(name);
  }

  /** A static resource. */
  void hold(ResourceName name, Entry.Version version, long now) {
    entries.computeIfAbsent(name, _ -> new Entry(true));
    offer(name, version, now);
  }

  /** A newer version. */
  Entry offer(ResourceName name, Entry.Version version, long now) {
    Entry entry = entries.computeIfAbsent(name, _ -> new Entry(false));
    told(name);
    Entry.Version before = entry.latest();
    entry.offer(version, now);
    replaceLatest(before, version);
    pending.put(name, entry);
    missing.remove(name);
    loose.add(name);
    return entry;
  }

  /**
   * A version of an earlier life of the process: it serves until a source tells of that name, and
   * beside a newest version until that one is ready.
   */
  void standIn(ResourceName name, Entry.Version earlier, long now) {
    Entry held = entries.get(name);
    if (held == null) {
      promote(name, offer(name, earlier, now));
      standIns.add(name);
    } else if (held.active() == null) {
      held.serve(earlier);
      replaceActive(null, earlier);
      changed.add(name);
    }
  }

  /**
   * Whether it is another source's: the one that told of a name has it, as long as it is wanted of
   * that source.
   */
  boolean isOfAnother(ResourceName name, ConfigSource source) {
    Entry entry = entries.get(name);
    Entry.Version held =
        entry == null ? null : entry.latest() == null ? entry.active() : entry.latest();
    return held != null && !held.source().equals(source) && interests.isWanted(held.source(), name);
  }

  /** A source has told of it. */
  void told(ResourceName name) {
    standIns.remove(name);
  }

  /** Whether something is held of which no source has told. */
  boolean hasStandIns() {
    return !standIns.isEmpty();
  }

  /** It is there no more, and serves on until it may go. */
  void delete(ResourceName name, long since) {
    told(name);
    Entry entry = entries.get(name);
    if (entry != null) {
      Entry.Version before = entry.latest();
      entry.delete(since);
      replaceLatest(before, null);
      pending.put(name, entry);
    }
    missing.add(name);
    loose.add(name);
  }

  /** Nothing usable came of that name; what is held of it serves on. */
  void absent(ResourceName name) {
    told(name);
    Entry entry = entries.get(name);
    if (entry == null || entry.latest() == null) {
      missing.add(name);
      loose.add(name);
    }
  }

  /** The newest version serves, or nothing does. */
  @SuppressWarnings("ReferenceEquality") // The same object is the same version.
  void promote(ResourceName name, Entry entry) {
    Entry.Version before = entry.active();
    entry.promote();
    Entry.Version now = entry.active();
    replaceActive(before, now);
    pending.remove(name);
    if (before != now) {
      changed.add(name);
    }
    if (now == null) {
      loose.add(name);
    }
  }

  /** Forgets what nobody names any more (S4); whether anything that served went. */
  boolean collect() {
    boolean any = false;
    while (!loose.isEmpty()) {
      List<ResourceName> now = List.copyOf(loose);
      loose.clear();
      for (ResourceName name : now) {
        any |= collect(name);
      }
    }
    return any;
  }

  private boolean collect(ResourceName name) {
    boolean named = children.has(name);
    if (!named) {
      missing.remove(name);
    }
    Entry entry = entries.get(name);
    if (entry == null
        || (!entry.isGone() && (named || entry.isStatic || isRoot.test(name.type())))) {
      return false;
    }
    entries.remove(name);
    told(name);
    pending.remove(name);
    replaceLatest(entry.latest(), null);
    replaceActive(entry.active(), null);
    if (entry.active() == null) {
      return false;
    }
    changed.add(name);
    return true;
  }

  /** Names whose serving version has changed since this was asked before. */
  Set<ResourceName> takeChanged() {
    Set<ResourceName> taken = changed;
    changed = new HashSet<>();
    return taken;
  }

  boolean hasChanged() {
    return !changed.isEmpty();
  }

  /** What comes is counted before what goes, so that what both name is never unnamed. */
  private void replaceLatest(Entry.@Nullable Version before, Entry.@Nullable Version now) {
    if (now != null) {
      now.references().children().forEach(child -> children.add(child.target()));
      interests.add(now.source(), now.references());
    }
    if (before != null) {
      before.references().children().forEach(child -> removeChild(child.target()));
      interests.remove(before.source(), before.references());
    }
  }

  private void replaceActive(Entry.@Nullable Version before, Entry.@Nullable Version now) {
    if (now != null) {
      now.references().children().forEach(child -> children.add(child.target()));
      now.references().targets().forEach(served::add);
    }
    if (before != null) {
      before.references().children().forEach(child -> removeChild(child.target()));
      before.references().targets().forEach(served::remove);
    }
  }

  private void removeChild(ResourceName child) {
    if (children.remove(child)) {
      loose.add(child);
    }
  }
}
