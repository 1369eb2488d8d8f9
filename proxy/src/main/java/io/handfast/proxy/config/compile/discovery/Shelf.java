package io.handfast.proxy.config.compile.discovery;

import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one type, in the order of their sources. Immutable once its compilation is done, but
 * for the indexes, which anybody may make.
 */
final class Shelf {
  static final Shelf EMPTY = new Shelf(new Known[0], List.of(), Map.of());

  /** Null where nothing could be made of the source; such a shelf is never used again. */
  private final @Nullable Known[] parts;

  private final List<String> observed;
  private volatile @Nullable Map<Object, Known> bySource;

  /** Where the parts are that have asked for a resource. */
  private volatile @Nullable Map<ResourceName, List<Integer>> askers;

  private Shelf(
      @Nullable Known[] parts,
      List<String> observed,
      @Nullable Map<ResourceName, List<Integer>> askers) {
    this.parts = parts;
    this.observed = observed;
    this.askers = askers;
  }

  int size() {
    return parts.length;
  }

  boolean isEmpty() {
    return parts.length == 0;
  }

  @Nullable Known get(int place) {
    return parts[place];
  }

  /** Fields that are set and have no effect; the same list as before if they are the same. */
  List<String> observed() {
    return observed;
  }

  /** The part that was made of that source; most are where they were. */
  @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
  @Nullable Known find(int place, Offered<?> source) {
    Known here = place < parts.length ? parts[place] : null;
    if (here != null && here.source() == source) {
      return here;
    }
    if (here != null && ((Offered<?>) here.source()).path().equals(source.path())) {
      return null; // It has changed where it is, and is nowhere else.
    }
    Known known = bySource().get(source.path());
    return known == null || known.source() != source ? null : known;
  }

  private Map<Object, Known> bySource() {
    Map<Object, Known> index = bySource;
    if (index == null) {
      index = HashMap.newHashMap(parts.length);
      for (Known part : parts) {
        if (part != null) {
          index.put(((Offered<?>) part.source()).path(), part);
        }
      }
      bySource = index;
    }
    return index;
  }

  /** Adds where the parts are whose neighbours are others after those changes. */
  void addAskers(Changes changes, BitSet places) {
    Map<ResourceName, List<Integer>> index = askers();
    for (ResourceName name : changes.names()) {
      index.getOrDefault(name, List.of()).forEach(places::set);
    }
    if (changes.clusters().isEmpty()) {
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      Known part = parts[i];
      if (part != null && !part.neighbours().haveClustersAfter(changes)) {
        places.set(i);
      }
    }
  }

  private Map<ResourceName, List<Integer>> askers() {
    Map<ResourceName, List<Integer>> index = askers;
    if (index == null) {
      index = new HashMap<>();
      for (int i = 0; i < parts.length; i++) {
        Known part = parts[i];
        if (part != null) {
          for (ResourceName name : part.neighbours().asked()) {
            index.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(i);
          }
        }
      }
      askers = index;
    }
    return index;
  }

  /** Of the compilation that has made it, and before it is done. */
  void replace(int place, Object compiled) {
    Known part = Objects.requireNonNull(parts[place]);
    parts[place] = new Known(part.source(), part.neighbours(), compiled, part.observed());
  }

  /** The next shelf, for so many sources: with the same parts if there are as many. */
  Draft draft(int size) {
    return new Draft(size);
  }

  /** The next shelf while its parts are being put there. */
  final class Draft {
    private final @Nullable Known[] next;

    private Draft(int size) {
      next = size == parts.length ? parts.clone() : new Known[size];
    }

    void put(int place, @Nullable Known part) {
      next[place] = part;
    }

    /**
     * What is known of the parts is known of the next ones where it is the same.
     *
     * @param touched where parts were put
     */
    Shelf finish(BitSet touched) {
      boolean sameAsked = next.length == parts.length;
      boolean sameObserved = sameAsked;
      for (int i = touched.nextSetBit(0);
          i >= 0 && (sameAsked || sameObserved);
          i = touched.nextSetBit(i + 1)) {
        Known was = parts[i];
        Known is = next[i];
        if (was == null || is == null) {
          sameAsked = false;
          sameObserved = false;
        } else {
          sameAsked &= was.neighbours().asked().equals(is.neighbours().asked());
          sameObserved &= was.observed().equals(is.observed());
        }
      }
      return new Shelf(next, sameObserved ? observed : observedOf(next), sameAsked ? askers : null);
    }

    private static List<String> observedOf(@Nullable Known[] parts) {
      List<String> all = new ArrayList<>();
      Arrays.stream(parts).filter(Objects::nonNull).forEach(part -> all.addAll(part.observed()));
      return List.copyOf(all);
    }
  }
}
