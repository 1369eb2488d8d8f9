package io.handfast.proxy.config.compile.discovery;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted configuration was compiled to, part by part: a part whose source is the same
 * object, and whose neighbours are the same, is the same object again. So one endpoint that changes
 * touches one cluster. Immutable.
 */
public final class Reuse {

  private final ResourceSet resources;
  private final Neighbours.ClusterRule rule;
  private final Map<ResourceType<?>, Shelf> shelves;
  private final @Nullable Known process;

  private Reuse(
      ResourceSet resources,
      Neighbours.ClusterRule rule,
      Map<ResourceType<?>, Shelf> shelves,
      @Nullable Known process) {
    this.resources = resources;
    this.rule = rule;
    this.shelves = shelves;
    this.process = process;
  }

  /** Nothing was compiled before. */
  public static Reuse none() {
    return new Reuse(
        ResourceSet.of(Bootstrap.getDefaultInstance()),
        Neighbours.ClusterRule.ALWAYS,
        Map.of(),
        null);
  }

  private record Known(
      Object source, Neighbours neighbours, Object compiled, List<String> observed) {}

  /** The parts of one type, in order. Immutable but for the index, which anybody may make. */
  private static final class Shelf {
    static final Shelf EMPTY = new Shelf(List.of());

    final List<Known> parts;
    private volatile @Nullable Map<Object, Known> bySource;

    Shelf(List<Known> parts) {
      this.parts = parts;
    }

    /** The part that was made of that source; most are where they were. */
    @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
    @Nullable Known find(int place, Offered<?> source) {
      if (place < parts.size() && parts.get(place).source() == source) {
        return parts.get(place);
      }
      Map<Object, Known> index = bySource;
      if (index == null) {
        index = HashMap.newHashMap(parts.size());
        for (Known part : parts) {
          index.put(((Offered<?>) part.source()).path(), part);
        }
        bySource = index;
      }
      Known known = index.get(source.path());
      return known == null || known.source() != source ? null : known;
    }
  }

  /** Makes a part that is not known. */
  @FunctionalInterface
  public interface Maker<S, T> {

    /**
     * The part, or null if something is wrong that leaves none.
     *
     * @param place among the parts of its type
     * @param errors takes what is wrong
     * @param observed takes fields that are set and have no effect
     */
    @Nullable T make(
        S source, int place, Neighbours neighbours, ConfigErrors errors, List<String> observed);
  }

  /** Whether the part that was made of that source was made with a look at that resource. */
  public boolean asked(ResourceType<?> type, Offered<?> source, ResourceName name) {
    Known known = shelves.getOrDefault(type, Shelf.EMPTY).find(0, source);
    return known != null && known.neighbours().asked(name);
  }

  /** Whether the resources of that type are the very same as those that were accepted. */
  @SuppressWarnings("ReferenceEquality")
  public boolean isSame(ResourceType<?> type, ResourceSet now) {
    return resources.get(type) == now.get(type);
  }

  /** One compilation. Confined to its thread. */
  public final class Pass {
    private final ResourceSet next;
    private final Neighbours.ClusterRule nextRule;
    private final Changes changes;
    private final Map<ResourceType<?>, Shelf> made = new HashMap<>();
    private @Nullable Known madeProcess;
    private final ConfigErrors errors;
    private final List<String> observed = new ArrayList<>();

    /** Of those resources; what is wrong goes to the collector. */
    public Pass(ResourceSet next, Neighbours.ClusterRule nextRule, ConfigErrors errors) {
      this.next = next;
      this.nextRule = nextRule;
      this.errors = errors;
      this.changes = Changes.between(resources, next);
    }

    /** The part of the process: as it was, or made anew. */
    @SuppressWarnings("ReferenceEquality")
    public <T> @Nullable T process(Class<T> type, Maker<Bootstrap, T> maker) {
      Bootstrap source = next.process();
      Known before = process;
      madeProcess =
          before != null && before.source() == source && holds(before)
              ? before
              : make(source, 0, maker).orElse(null);
      return madeProcess == null ? null : take(madeProcess, type);
    }

    /**
     * The parts of a type, in order: as they were, or made anew. Those of which nothing is left are
     * left out.
     */
    public <M extends Message, T> List<T> take(
        ResourceType<M> type, Class<T> of, Maker<Offered<M>, T> maker) {
      Shelf before = shelves.getOrDefault(type, Shelf.EMPTY);
      List<Offered<M>> sources = next.get(type);
      List<Known> parts = new ArrayList<>(sources.size());
      List<T> compiled = new ArrayList<>(sources.size());
      for (Offered<M> source : sources) {
        Known known = before.find(parts.size(), source);
        if (known == null || !holds(known)) {
          known = make(source, parts.size(), maker).orElse(null);
        }
        if (known != null) {
          parts.add(known);
          compiled.add(take(known, of));
        }
      }
      made.put(type, new Shelf(parts));
      return compiled;
    }

    private boolean holds(Known known) {
      return rule == nextRule && known.neighbours().areUntouchedBy(changes);
    }

    private <T> T take(Known known, Class<T> type) {
      if (!known.observed().isEmpty()) {
        observed.addAll(known.observed());
      }
      return type.cast(known.compiled());
    }

    /** What is wrong is noted, and the whole is not accepted then. */
    private <S, T> Optional<Known> make(S source, int place, Maker<S, T> maker) {
      Neighbours neighbours = new Neighbours(next, nextRule);
      List<String> seen = new ArrayList<>();
      T part = maker.make(source, place, neighbours, errors, seen);
      return Optional.ofNullable(part)
          .map(whole -> new Known(source, neighbours, whole, List.copyOf(seen)));
    }

    /** Keeps a part in another form than it was made. */
    public void replace(ResourceType<?> type, int place, Object compiled) {
      Shelf shelf = made.getOrDefault(type, Shelf.EMPTY);
      Known known = shelf.parts.get(place);
      shelf.parts.set(
          place, new Known(known.source(), known.neighbours(), compiled, known.observed()));
    }

    /** Fields that are set and have no effect. */
    public List<String> observed() {
      return List.copyOf(observed);
    }

    /** What the next compilation may use again, if this one is accepted. */
    public Reuse result() {
      return new Reuse(next, nextRule, Map.copyOf(made), madeProcess);
    }
  }
}
