package io.handfast.xds.store;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a configuration consists of: what holds for the process, and the resources by
 * type. Immutable.
 */
public final class ResourceSet {

  private static final String STATIC = "static_resources.";

  private final Bootstrap process;
  private final Map<ResourceType<?>, Shelf<?>> byType;
  private final boolean partial;

  /** The resources of one type. Immutable but for the index, which anybody may make. */
  private static final class Shelf<M extends Message> {
    private final ResourceType<M> type;
    private final List<Offered<M>> offered;
    private volatile @Nullable Map<String, Integer> places;

    Shelf(ResourceType<M> type, List<Offered<M>> offered, @Nullable Map<String, Integer> places) {
      this.type = type;
      this.offered = List.copyOf(offered);
      this.places = places;
    }

    /** Where the first of each name is. */
    Map<String, Integer> places() {
      Map<String, Integer> known = places;
      if (known == null) {
        known = HashMap.newHashMap(offered.size());
        for (int i = 0; i < offered.size(); i++) {
          known.putIfAbsent(nameOf(type, offered.get(i)), i);
        }
        places = known;
      }
      return known;
    }

    @Nullable Offered<M> find(String name) {
      Integer place = places().get(name);
      return place == null ? null : offered.get(place);
    }

    Shelf<M> with(List<Offered<M>> changed, Set<String> removed) {
      List<Offered<M>> next = new ArrayList<>(offered);
      Map<String, Offered<M>> added = new LinkedHashMap<>();
      Set<String> gone = new HashSet<>(removed);
      for (Offered<M> each : changed) {
        String name = nameOf(type, each);
        gone.remove(name);
        Integer place = places().get(name);
        if (place == null) {
          added.put(name, each);
        } else {
          next.set(place, each);
        }
      }
      gone.retainAll(places().keySet());
      if (!gone.isEmpty()) {
        next.removeIf(each -> gone.contains(nameOf(type, each)));
      }
      next.addAll(added.values());
      return new Shelf<>(type, next, gone.isEmpty() && added.isEmpty() ? places() : null);
    }
  }

  private ResourceSet(Bootstrap process, Map<ResourceType<?>, Shelf<?>> byType, boolean partial) {
    this.process = process;
    this.byType = Map.copyOf(byType);
    this.partial = partial;
  }

  /**
   * What a bootstrap says: its static listeners, clusters and secrets become resources as a control
   * plane would offer them.
   */
  public static ResourceSet of(Bootstrap bootstrap) {
    Bootstrap.StaticResources resources = bootstrap.getStaticResources();
    Bootstrap.Builder process = bootstrap.toBuilder();
    if (bootstrap.hasStaticResources()) {
      process.getStaticResourcesBuilder().clearListeners().clearClusters().clearSecrets();
    }
    return new ResourceSet(
        process.build(),
        Map.of(
            ResourceType.LISTENER, offered(ResourceType.LISTENER, resources.getListenersList()),
            ResourceType.CLUSTER, offered(ResourceType.CLUSTER, resources.getClustersList()),
            ResourceType.SECRET, offered(ResourceType.SECRET, resources.getSecretsList())),
        false);
  }

  private static <M extends Message> Shelf<M> offered(ResourceType<M> type, List<M> messages) {
    List<Offered<M>> offered = new ArrayList<>(messages.size());
    for (int i = 0; i < messages.size(); i++) {
      offered.add(new Offered<>(messages.get(i), STATIC + type.collection() + "[" + i + "]"));
    }
    return new Shelf<>(type, offered, null);
  }

  /** An {@code xdstp://} name may be written in several ways. */
  private static String nameOf(ResourceType<?> type, Offered<?> offered) {
    return XdstpName.normalise(offered.content().name(type));
  }

  /** Whether it comes from the bootstrap. */
  public static boolean isStatic(Offered<?> offered) {
    return offered.path().startsWith(STATIC);
  }

  /** The bootstrap without its static resources. */
  public Bootstrap process() {
    return process;
  }

  /** The resources of that type, in the order in which they were offered. */
  public <M extends Message> List<Offered<M>> get(ResourceType<M> type) {
    return shelf(type).offered;
  }

  @SuppressWarnings("unchecked") // A shelf is only ever filed under its type.
  private <M extends Message> Shelf<M> shelf(ResourceType<M> type) {
    Shelf<M> found = (Shelf<M>) byType.get(type);
    return found == null ? new Shelf<>(type, List.of(), Map.of()) : found;
  }

  /**
   * This set with some resources of a type replaced, added or taken out; everything else is shared.
   *
   * @param changed each takes the place of the one with its name, or comes behind the others
   * @param removed names that are there no more
   */
  public <M extends Message> ResourceSet with(
      ResourceType<M> type, List<Offered<M>> changed, Set<String> removed) {
    if (changed.isEmpty() && removed.isEmpty()) {
      return this;
    }
    Map<ResourceType<?>, Shelf<?>> types = new HashMap<>(byType);
    types.put(type, shelf(type).with(changed, removed));
    return new ResourceSet(process, types, partial);
  }

  /** The same, with or without more that comes later: what is named may be missing until then. */
  public ResourceSet partial(boolean moreComes) {
    return new ResourceSet(process, byType, moreComes);
  }

  /** Whether there are many of a type, and they are seldom read once they serve. */
  public static boolean rests(ResourceType<?> type) {
    return type.equals(ResourceType.CLUSTER) || type.equals(ResourceType.ENDPOINT);
  }

  /** Keeps those of such types that were not in that set as bytes from now on. */
  public void rest(Optional<ResourceSet> before) {
    ResourceType.ALL.stream().filter(ResourceSet::rests).forEach(type -> rest(type, before));
  }

  @SuppressWarnings("ReferenceEquality") // The same object rests already.
  private <M extends Message> void rest(ResourceType<M> type, Optional<ResourceSet> before) {
    List<Offered<M>> now = get(type);
    List<Offered<M>> old = before.map(set -> set.get(type)).orElse(List.of());
    for (int i = 0; i < now.size() && now != old; i++) {
      if (i >= old.size() || now.get(i) != old.get(i)) {
        now.get(i).content().rest(type);
      }
    }
  }

  /** Whether some of what it names comes later. */
  public boolean isPartial() {
    return partial;
  }

  /** The resource of that name, if it is here. */
  public <M extends Message> Optional<Offered<M>> find(ResourceType<M> type, String name) {
    return Optional.ofNullable(shelf(type).find(name));
  }

  /**
   * The resource that an error with that path belongs to; empty if it is of the process. What looks
   * at a whole snapshot knows names only: {@code clusters["name"]}.
   */
  public Optional<ResourceName> owner(String path) {
    for (ResourceType<?> type : byType.keySet()) {
      for (Offered<?> each : get(type)) {
        if (owns(type, each, path)) {
          return Optional.of(new ResourceName(type, nameOf(type, each)));
        }
      }
    }
    return Optional.empty();
  }

  /** Whether an error with that path belongs to that resource. */
  public static boolean owns(ResourceType<?> type, Offered<?> offered, String path) {
    return isIn(path, offered.path()) || isIn(path, type + "[\"" + nameOf(type, offered) + "\"]");
  }

  private static boolean isIn(String path, String place) {
    return path.startsWith(place) && endsAt(path, place.length());
  }

  private static boolean endsAt(String path, int length) {
    return path.length() == length || path.charAt(length) == '.' || path.charAt(length) == '[';
  }

  /** Notes every resource whose name another one of its type has already. */
  public void checkNames(ConfigErrors errors) {
    checkNames(errors, _ -> true);
  }

  /**
   * The same for some types only.
   *
   * @param which those that were not looked at before
   */
  public void checkNames(ConfigErrors errors, Predicate<ResourceType<?>> which) {
    for (ResourceType<?> type :
        List.of(ResourceType.LISTENER, ResourceType.CLUSTER, ResourceType.SECRET)) {
      if (which.test(type)) {
        checkNames(type, errors);
      }
    }
  }

  private <M extends Message> void checkNames(ResourceType<M> type, ConfigErrors errors) {
    Map<String, String> pathByName = new HashMap<>();
    for (Offered<M> offered : get(type)) {
      String name = offered.content().name(type);
      String first = name.isEmpty() ? null : pathByName.putIfAbsent(name, offered.path());
      if (first != null) {
        errors.add(offered.path() + ".name", name, "a name of its own; " + first + " has it");
      }
    }
  }
}
