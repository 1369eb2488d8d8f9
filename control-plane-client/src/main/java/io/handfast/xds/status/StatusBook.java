package io.handfast.xds.status;

import io.envoyproxy.envoy.admin.v3.ClientResourceStatus;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Content;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.status.ResourceStatus.Accepted;
import io.handfast.xds.status.ResourceStatus.Failure;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The state of every resource that was asked for or has come, as client status discovery names it
 * (gRPC A40, A88).
 *
 * <pre>{@code
 * wanted --> REQUESTED --taken----------> ACKED <--taken--- any of these
 *                |-------refused--------> NACKED          (the last one that was taken stays)
 *                |-------not in time----> TIMEOUT
 *                |-------server's error-> RECEIVED_ERROR  (the last one that was taken stays)
 *                '-------removed--------> DOES_NOT_EXIST  (while it is named, or serves yet)
 * }</pre>
 *
 * <p>Written on the executor of the clients, each change in time that grows with what changes; read
 * by any thread.
 */
public final class StatusBook {

  private final LongSupplier epochMillis;
  private final ConcurrentMap<ResourceName, ResourceStatus> statuses = new ConcurrentHashMap<>();
  private final Map<Subscription, Set<String>> wanted = new HashMap<>();

  /** Told to be gone, or wanted no more; some of it serves yet. */
  private final Set<ResourceName> leaving = new HashSet<>();

  /** Of which another version has come than the one that serves. */
  private final Set<ResourceName> changing = new HashSet<>();

  /** What fits into no configuration, though it was acknowledged. */
  private final Set<ResourceName> unfit = new HashSet<>();

  private record Subscription(ConfigSource source, ResourceType<?> type) {}

  /**
   * An empty book.
   *
   * @param epochMillis time of day
   */
  public StatusBook(LongSupplier epochMillis) {
    this.epochMillis = epochMillis;
  }

  /** Everything that is known now, by type and name; each entry as of one moment. */
  public List<ResourceStatus> statuses() {
    List<ResourceStatus> all = new ArrayList<>(statuses.values());
    all.sort((one, other) -> one.name().compareTo(other.name()));
    return List.copyOf(all);
  }

  /** What is known of one resource. */
  public Optional<ResourceStatus> find(ResourceName name) {
    return Optional.ofNullable(statuses.get(name));
  }

  /**
   * Those names of a type are wanted of that source from now on, all of them.
   *
   * @return names that were wanted, and are by nobody any more
   */
  public Set<String> wanted(ConfigSource source, ResourceType<?> type, Set<String> names) {
    Subscription key = new Subscription(source, type);
    Set<String> before = wanted.getOrDefault(key, Set.of());
    if (names.isEmpty()) {
      wanted.remove(key);
    } else {
      wanted.put(key, Set.copyOf(names));
    }
    for (String name : names) {
      if (!before.contains(name) && isOne(name)) {
        ResourceName asked = nameOf(type, name);
        leaving.remove(asked);
        statuses.putIfAbsent(asked, ResourceStatus.requested(asked));
      }
    }
    Set<String> dropped = new HashSet<>();
    for (String name : before) {
      if (!names.contains(name) && !isWanted(type, name)) {
        leave(nameOf(type, name));
        dropped.add(name);
      }
    }
    return dropped;
  }

  private static boolean isOne(String name) {
    return !name.equals(StreamMachine.WILDCARD) && !name.endsWith("/" + StreamMachine.WILDCARD);
  }

  private static ResourceName nameOf(ResourceType<?> type, String name) {
    return new ResourceName(type, XdstpName.normalise(name));
  }

  private boolean isWanted(ResourceType<?> type, String name) {
    return wanted.entrySet().stream()
        .anyMatch(each -> each.getKey().type().equals(type) && each.getValue().contains(name));
  }

  /** Nobody asks for it; if it serves yet, it is shown until it does not. */
  private void leave(ResourceName name) {
    ResourceStatus known = statuses.get(name);
    if (known != null && known.accepted().isEmpty()) {
      statuses.remove(name);
    } else if (known != null) {
      leaving.add(name);
    }
  }

  /**
   * A configuration serves.
   *
   * @param serving what it was made of
   * @param rejected what was acknowledged and did not fit into it, with what is wrong
   */
  public void published(ResourceSet serving, Map<ResourceName, List<ConfigError>> rejected) {
    rejected.forEach((name, errors) -> {
      if (unfit.add(name)) {
        statuses.computeIfPresent(
            name, (_, known) -> known.unfit(epochMillis.getAsLong(), text(errors)));
      }
    });
    unfit.removeIf(name -> {
      boolean fits = !rejected.containsKey(name);
      if (fits) {
        statuses.computeIfPresent(name, (_, known) -> sharing(known.fit(), serving));
      }
      return fits;
    });
    changing.removeIf(name -> {
      ResourceStatus known = statuses.get(name);
      boolean settled =
          known == null
              || serving
                  .find(name.type(), name.name())
                  .<Content<?>>map(Offered::content)
                  .equals(known.accepted().<Content<?>>map(Accepted::content));
      if (settled) {
        statuses.computeIfPresent(name, (_, it) -> sharing(it.settled(), serving));
      }
      return settled;
    });
    leaving.removeIf(name -> {
      boolean gone = serving.find(name.type(), name.name()).isEmpty();
      if (gone) {
        forget(name);
      }
      return gone;
    });
  }

  private static ResourceStatus sharing(ResourceStatus known, ResourceSet serving) {
    return serving
        .find(known.name().type(), known.name().name())
        .map(offered -> known.sharing(offered.content()))
        .orElse(known);
  }

  private void forget(ResourceName name) {
    if (isWanted(name.type(), name.name())) {
      statuses.computeIfPresent(name, (_, known) -> known.gone());
    } else {
      statuses.remove(name);
    }
  }

  private static String text(List<ConfigError> errors) {
    return errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n"));
  }

  /** Writes down what that handler is told, and what it says to it. */
  public ResourceHandler recording(ResourceHandler handler) {
    return new Recording(handler);
  }

  private void taken(ResourceType<?> type, Received received) {
    long now = epochMillis.getAsLong();
    ResourceName name = new ResourceName(type, received.name());
    leaving.remove(name);
    statuses.compute(
        name,
        (_, entry) -> {
          ResourceStatus known = entry == null ? ResourceStatus.requested(name) : entry;
          if (known
              .accepted()
              .<Content<?>>map(Accepted::content)
              .equals(Optional.of(received.content()))) {
            return known.again(received.version(), now);
          }
          if (unfit.contains(name) && known.isRefused(received.message())) {
            return known; // it is not tried again
          }
          changing.add(name);
          unfit.remove(name);
          return known.changed(new Accepted(received.content(), received.version(), now, now));
        });
  }

  private void mark(ResourceName name, ClientResourceStatus state, Failure why) {
    if (!name.name().isEmpty()) {
      statuses.compute(
          name,
          (_, known) -> (known == null ? ResourceStatus.requested(name) : known).with(state, why));
    }
  }

  private void removed(ResourceName name) {
    ResourceStatus known =
        statuses.computeIfPresent(
            name, (_, before) -> before.with(ClientResourceStatus.DOES_NOT_EXIST));
    if (known == null) {
      return;
    }
    if (known.accepted().isEmpty() && !isWanted(name.type(), name.name())) {
      statuses.remove(name);
    } else {
      leaving.add(name);
    }
  }

  /** Of one source. */
  private final class Recording implements ResourceHandler {
    private final ResourceHandler handler;

    /** Types of which another server has told, and this one not yet. */
    private final Set<ResourceType<?>> stale = new HashSet<>();

    Recording(ResourceHandler handler) {
      this.handler = handler;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      return handler
          .apply(update)
          .thenApply(faults -> {
            record(update, faults);
            return faults;
          });
    }

    private void record(Update update, List<ResourceFault> faults) {
      Map<String, List<ConfigError>> refused = new LinkedHashMap<>();
      faults.forEach(fault -> refused.put(fault.name(), fault.errors()));
      update.faults().forEach(fault -> refused.put(fault.name(), fault.errors()));
      Map<String, Received> told = new HashMap<>();
      for (Received each : update.changed()) {
        told.put(each.name(), each);
        if (!refused.containsKey(each.name())) {
          taken(update.type(), each);
        }
      }
      refused.forEach((name, errors) -> {
        Optional<Received> read = Optional.ofNullable(told.get(name));
        mark(
            new ResourceName(update.type(), name),
            ClientResourceStatus.NACKED,
            new Failure(
                read.map(Received::message),
                read.map(Received::version).orElse(update.version()),
                epochMillis.getAsLong(),
                text(errors)));
      });
      update.removed().forEach(name -> removed(new ResourceName(update.type(), name)));
      if (stale.remove(update.type()) && update.type().complete()) {
        statuses.keySet().stream()
            .filter(name -> name.type().equals(update.type()) && !told.containsKey(name.name()))
            .forEach(StatusBook.this::removed);
      }
    }

    @Override
    public void lost(Effect.Lost lost) {
      handler.lost(lost);
      for (String each : lost.names()) {
        ResourceName name = new ResourceName(lost.type(), each);
        switch (lost.reason()) {
          case TIMEOUT ->
              statuses.computeIfPresent(
                  name, (_, known) -> known.with(ClientResourceStatus.TIMEOUT));
          case EXPIRED -> removed(name);
          case REPORTED -> {} // failed() has said what
        }
      }
    }

    @Override
    public void failed(Effect.Failed failed) {
      handler.failed(failed);
      if (failed.kind() == Effect.Failed.Kind.RESOURCE) {
        Failure why = new Failure(Optional.empty(), "", epochMillis.getAsLong(), failed.error());
        for (Set<String> names : List.of(failed.uncached(), failed.cached())) {
          names.forEach(name ->
              mark(
                  new ResourceName(failed.type(), name), ClientResourceStatus.RECEIVED_ERROR, why));
        }
      }
    }

    @Override
    public void serverChanged() {
      handler.serverChanged();
      stale.addAll(ResourceType.ALL);
    }
  }
}
