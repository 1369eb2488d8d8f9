package io.handfast.proxy.config.compile.discovery;

import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted configuration was compiled to, part by part: a part whose source is the same
 * object, and whose neighbours answer as they did, is the same object again. So one endpoint that
 * changes touches one cluster. Immutable.
 */
public final class Reuse {

  /** Nothing was compiled before. */
  public static final Reuse NONE = new Reuse(Map.of());

  private final Map<String, Known> byPath;

  private Reuse(Map<String, Known> byPath) {
    this.byPath = byPath;
  }

  private record Known(
      Object source, Neighbours neighbours, Object compiled, List<String> observed) {}

  /** Makes a part that is not known. */
  @FunctionalInterface
  public interface Maker<T> {

    /**
     * The part, or null if something is wrong that leaves none.
     *
     * @param errors takes what is wrong
     * @param observed takes fields that are set and have no effect
     */
    @Nullable T make(Neighbours neighbours, ConfigErrors errors, List<String> observed);
  }

  /** Whether the part at that place was made with a look at that resource. */
  public boolean asked(String path, ResourceName name) {
    Known known = byPath.get(path);
    return known != null && known.neighbours().asked(name);
  }

  /** One compilation. Confined to its thread. */
  public final class Pass {
    private final ResourceSet resources;
    private final Neighbours.ClusterRule rule;
    private final Map<String, Known> next = new HashMap<>();
    private final ConfigErrors errors;
    private final List<String> observed = new ArrayList<>();

    /** Of those resources; what is wrong goes to the collector. */
    public Pass(ResourceSet resources, Neighbours.ClusterRule rule, ConfigErrors errors) {
      this.resources = resources;
      this.rule = rule;
      this.errors = errors;
    }

    /**
     * The part at that place: as it was, or made anew.
     *
     * @param source what it is made of, beside its neighbours
     */
    @SuppressWarnings("ReferenceEquality") // The same object is what did not change.
    public <T> @Nullable T take(String path, Object source, Class<T> type, Maker<T> maker) {
      Known known = byPath.get(path);
      if (known != null && known.source() == source && known.neighbours().stillHold(resources)) {
        next.put(path, known);
        observed.addAll(known.observed());
        return type.cast(known.compiled());
      }
      ConfigErrors own = new ConfigErrors();
      List<String> ownObserved = new ArrayList<>();
      Neighbours neighbours = new Neighbours(resources, rule);
      T made = maker.make(neighbours, own, ownObserved);
      errors.addAll(own.list());
      observed.addAll(ownObserved);
      if (made != null && own.isEmpty()) {
        next.put(path, new Known(source, neighbours, made, List.copyOf(ownObserved)));
      }
      return made;
    }

    /** Keeps a part in another form than it was made. */
    public void replace(String path, Object compiled) {
      next.computeIfPresent(
          path,
          (_, known) -> new Known(known.source(), known.neighbours(), compiled, known.observed()));
    }

    /** Fields that are set and have no effect. */
    public List<String> observed() {
      return List.copyOf(observed);
    }

    /** What the next compilation may use again, if this one is accepted. */
    public Reuse result() {
      return new Reuse(Map.copyOf(next));
    }
  }
}
