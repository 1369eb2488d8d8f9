package io.handfast.proxy.config.compile.discovery;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted configuration was compiled to, part by part: a part whose source is the same
 * object, and whose neighbours are the same, is the same object again. So one endpoint that changes
 * touches one cluster, and no other one is looked at. Immutable.
 */
public final class Reuse {

  private final ResourceSet resources;
  private final Neighbours.ClusterRule rule;
  private final Map<ResourceType<?>, Shelf> shelves;
  private final @Nullable Known process;
  private final List<String> observed;

  private Reuse(
      ResourceSet resources,
      Neighbours.ClusterRule rule,
      Map<ResourceType<?>, Shelf> shelves,
      @Nullable Known process,
      List<String> observed) {
    this.resources = resources;
    this.rule = rule;
    this.shelves = shelves;
    this.process = process;
    this.observed = observed;
  }

  /** Nothing was compiled before. */
  public static Reuse none() {
    return new Reuse(
        ResourceSet.of(Bootstrap.getDefaultInstance()),
        Neighbours.ClusterRule.ALWAYS,
        Map.of(),
        null,
        List.of());
  }

  /** Looks at the fields of a source, apart from what it stands beside. */
  @FunctionalInterface
  public interface FieldsCheck<S> {

    /**
     * Paths of fields that are set and have no effect.
     *
     * @param errors takes what is wrong
     */
    List<String> check(S source, ConfigErrors errors);
  }

  /** Makes a part that is not known. */
  @FunctionalInterface
  public interface Maker<S, T> {

    /**
     * The part, or null if something is wrong that leaves none.
     *
     * @param place among the resources of its type
     * @param errors takes what is wrong
     */
    @Nullable T make(S source, int place, Neighbours neighbours, ConfigErrors errors);
  }

  /** Whether the part that was made of that source was made with a look at that resource. */
  public boolean asked(ResourceType<?> type, Offered<?> source, ResourceName name) {
    Known known = shelf(type).find(0, source);
    return known != null && known.neighbours().asked(name);
  }

  private Shelf shelf(ResourceType<?> type) {
    return shelves.getOrDefault(type, Shelf.EMPTY);
  }

  /** One compilation. Confined to its thread. */
  public final class Pass {
    private final ResourceSet next;
    private final Neighbours.ClusterRule nextRule;
    private @Nullable Changes changes;
    private final Map<ResourceType<?>, Shelf> made = new HashMap<>();
    private @Nullable Known madeProcess;
    private final ConfigErrors errors;

    /** Of those resources; what is wrong goes to the collector. */
    public Pass(ResourceSet next, Neighbours.ClusterRule nextRule, ConfigErrors errors) {
      this.next = next;
      this.nextRule = nextRule;
      this.errors = errors;
    }

    private Changes changes() {
      Changes known = changes;
      if (known == null) {
        known = Changes.between(resources, next);
        changes = known;
      }
      return known;
    }

    /** Whether resources of that type have the names that were accepted, in the same order. */
    public boolean keepsNames(ResourceType<?> type) {
      return changes().keepNames(type);
    }

    /** The part of the process: as it was, or made anew. */
    @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
    public <T> @Nullable T process(
        Class<T> type, FieldsCheck<Bootstrap> check, Maker<Bootstrap, T> maker) {
      Bootstrap source = next.process();
      Known before = process != null && process.source() == source ? process : null;
      madeProcess =
          before != null && holds(before)
              ? before
              : make(source, 0, before, check, maker).orElse(null);
      return madeProcess == null ? null : type.cast(madeProcess.compiled());
    }

    /** The parts of a type, as they were or made anew. */
    public <M extends Message, T> Parts<T> take(
        ResourceType<M> type,
        Class<T> of,
        FieldsCheck<Offered<M>> check,
        Maker<Offered<M>, T> maker) {
      Shelf before = shelf(type);
      List<Offered<M>> sources = next.get(type);
      BitSet touched = touched(type, before, sources.size());
      Shelf.Draft draft = before.draft(sources.size());
      for (int i = touched.nextSetBit(0); i >= 0; i = touched.nextSetBit(i + 1)) {
        Offered<M> source = sources.get(i);
        Known known = before.find(i, source);
        if (known == null || !holds(known)) {
          known = make(source, i, known, check, maker).orElse(null);
        }
        draft.put(i, known);
      }
      Shelf now = draft.finish(touched);
      made.put(type, now);
      boolean sameNames = rule == nextRule && !before.isEmpty() && changes().keepNames(type);
      return new Parts<>(now, of, sameNames ? touched : null);
    }

    /** Where a part may be another one than before. */
    private BitSet touched(ResourceType<?> type, Shelf before, int size) {
      BitSet touched = new BitSet();
      if (before.isEmpty() || rule != nextRule || changes().resized().contains(type)) {
        touched.set(0, size);
      } else {
        touched.or(changes().places().getOrDefault(type, new BitSet()));
        before.addAskers(changes(), touched);
      }
      return touched;
    }

    private boolean holds(Known known) {
      Neighbours neighbours = known.neighbours();
      return neighbours.hold(nextRule)
          && (neighbours.areAlone() || neighbours.areUntouchedBy(changes()));
    }

    /**
     * What is wrong is noted, and the whole is not accepted then.
     *
     * @param before made of the same source beside others, which has passed the check; null: none
     */
    private <S, T> Optional<Known> make(
        S source, int place, @Nullable Known before, FieldsCheck<S> check, Maker<S, T> maker) {
      List<String> seen =
          before == null ? List.copyOf(check.check(source, errors)) : before.observed();
      Neighbours neighbours = new Neighbours(next, nextRule);
      T part = maker.make(source, place, neighbours, errors);
      return Optional.ofNullable(part).map(whole -> new Known(source, neighbours, whole, seen));
    }

    /** Keeps a part in another form than it was made. */
    public void replace(ResourceType<?> type, int place, Object compiled) {
      made.getOrDefault(type, Shelf.EMPTY).replace(place, compiled);
    }

    /**
     * Fields that are set and have no effect; the very list of the compilation before if they are
     * the same.
     */
    public List<String> observed() {
      return isObservedAsBefore() ? observed : observedNow();
    }

    @SuppressWarnings("ReferenceEquality")
    private boolean isObservedAsBefore() {
      return madeProcess == process
          && made.keySet().containsAll(shelves.keySet())
          && made.entrySet().stream()
              .allMatch(each -> each.getValue().observed() == shelf(each.getKey()).observed());
    }

    private List<String> observedNow() {
      List<String> all = new ArrayList<>();
      if (madeProcess != null) {
        all.addAll(madeProcess.observed());
      }
      ResourceType.ALL.forEach(type -> all.addAll(made.getOrDefault(type, Shelf.EMPTY).observed()));
      return List.copyOf(all);
    }

    /** What the next compilation may use again, if this one is accepted. */
    public Reuse result() {
      return new Reuse(next, nextRule, Map.copyOf(made), madeProcess, observed());
    }
  }

  /**
   * The parts of a type.
   *
   * @param <T> what they are
   */
  public static final class Parts<T> {
    private final Shelf shelf;
    private final Class<T> type;
    private final @Nullable BitSet touched;

    private Parts(Shelf shelf, Class<T> type, @Nullable BitSet touched) {
      this.shelf = shelf;
      this.type = type;
      this.touched = touched;
    }

    /** All, in order; those of which nothing is left are left out. */
    public List<T> all() {
      List<T> all = new ArrayList<>(shelf.size());
      for (int i = 0; i < shelf.size(); i++) {
        Known known = shelf.get(i);
        if (known != null) {
          all.add(type.cast(known.compiled()));
        }
      }
      return all;
    }

    /**
     * By their place those that may be others than before, if all others are those of the
     * configuration that was accepted before.
     */
    public Optional<Map<Integer, T>> others() {
      if (touched == null) {
        return Optional.empty();
      }
      Map<Integer, T> others = new HashMap<>();
      for (int i = touched.nextSetBit(0); i >= 0; i = touched.nextSetBit(i + 1)) {
        Known known = shelf.get(i);
        if (known != null) {
          others.put(i, type.cast(known.compiled()));
        }
      }
      return Optional.of(others);
    }
  }
}
