package io.handfast.k8s.controlplane.protocol;

import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream of one client. Confined to the thread that tells it of requests and snapshots.
 *
 * <pre>
 *              request (asks, ACK, NACK)
 *   client ──────────────────────────────► Watch of its type ─┐
 *      ▲                                                      ├─► what the client has to be told
 *      └────────── response, one at a time of a type ◄────────┘      of the newest snapshot
 * </pre>
 *
 * <p>A new snapshot is sent make before break. On a stream that carries all types, listeners and
 * routes are sent of the snapshot whose clusters the client has acknowledged (an Envoy does so when
 * they are warm, for that purpose); and what is gone is taken away when the client has acknowledged
 * listeners and routes that do without it. While one response of a type is not answered the next
 * waits, so that a slow client gets the newest and not every one.
 *
 * @param <Q> request
 * @param <R> response
 */
public final class DiscoveryStream<Q, R> {

  static final ControlPlane IDENTITY = ControlPlane.newBuilder().setIdentifier("handfast").build();

  /** Bound of names and resources that one client may make us remember. */
  static final int MAX_NAMES = 200_000;

  /** Bound of all characters of these. */
  static final int MAX_CHARACTERS = 32 << 20;

  /** Bound of what is remembered of types that nobody serves. */
  private static final int MAX_UNKNOWN_TYPES = 100;

  /** Bound of what is remembered of who a client says that it is, and of such a type. */
  static final int MAX_TEXT = 1000;

  /** Those that are named. */
  private static final List<ResourceType<?>> NAMED =
      List.of(
          ResourceType.CLUSTER,
          ResourceType.ENDPOINT,
          ResourceType.SECRET,
          ResourceType.EXTENSION_CONFIG);

  /** Those that name them. */
  private static final List<ResourceType<?>> NAMING =
      List.of(ResourceType.LISTENER, ResourceType.ROUTE);

  private static final Map<String, ResourceType<?>> BY_URL = byUrl();

  /**
   * What is different between delta and state of the world.
   *
   * @param typeUrl of a request
   * @param node of a request, which only the first needs to have
   * @param watch made for a type when it is asked for first
   */
  record Variant<Q, R>(
      Function<Q, String> typeUrl,
      Function<Q, Optional<Node>> node,
      Function<ResourceType<?>, Watch<Q, R>> watch) {}

  /** What a stream tells. */
  public interface Events<R> {

    /** To be sent to the client. */
    void send(ResourceType<?> type, R response);

    /** The client took the last response. */
    void acknowledged(ResourceType<?> type);

    /** The client did not take the last response. */
    void refused(ResourceType<?> type, String node, Status reason);

    /** The client asks for something that is not served; told once of each type. */
    void unknownType(String node, String typeUrl);
  }

  /** One type on this stream. */
  private static final class Place<Q, R> {
    final Watch<Q, R> watch;

    /** Whether the last that it answered was a refusal. */
    boolean refused;

    /** Of which all that is there has been told. */
    @Nullable Snapshot made;

    /** Of which what is gone has been told too. */
    @Nullable Snapshot told;

    Place(Watch<Q, R> watch) {
      this.watch = watch;
    }
  }

  private final Variant<Q, R> variant;
  private final Optional<ResourceType<?>> only;
  private final Events<R> events;
  private final Map<ResourceType<?>, Place<Q, R>> places = new HashMap<>();
  private final Set<String> unknown = new HashSet<>();
  private String node = "";
  private long nonces;

  /** The newest whose clusters the client has, as far as it has told. */
  private @Nullable Snapshot ready;

  /** How often the client has answered what was sent of clusters. */
  private long answers;

  /**
   * Endpoints of clusters that were sent: a client that has these in an older version, and starts
   * to use the newer one when it has endpoints, may wait for them to come again.
   */
  private final Set<String> rewarmed = new TreeSet<>();

  private DiscoveryStream(Variant<Q, R> variant, Optional<ResourceType<?>> only, Events<R> events) {
    this.variant = variant;
    this.only = only;
    this.events = events;
  }

  /**
   * A delta stream.
   *
   * @param only the type, if it is not aggregated
   */
  public static DiscoveryStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta(
      Optional<ResourceType<?>> only, Events<DeltaDiscoveryResponse> events) {
    return new DiscoveryStream<>(
        new Variant<>(
            DeltaDiscoveryRequest::getTypeUrl,
            request -> request.hasNode() ? Optional.of(request.getNode()) : Optional.empty(),
            DeltaWatch::new),
        only,
        events);
  }

  /**
   * A stream of states of the world.
   *
   * @param only the type, if it is not aggregated
   */
  public static DiscoveryStream<DiscoveryRequest, DiscoveryResponse> sotw(
      Optional<ResourceType<?>> only, Events<DiscoveryResponse> events) {
    return new DiscoveryStream<>(
        new Variant<>(
            DiscoveryRequest::getTypeUrl,
            request -> request.hasNode() ? Optional.of(request.getNode()) : Optional.empty(),
            SotwWatch::new),
        only,
        events);
  }

  private static Map<String, ResourceType<?>> byUrl() {
    Map<String, ResourceType<?>> byUrl = new HashMap<>();
    ResourceType.ALL.forEach(type -> byUrl.put(TypeRegistry.nameOf(type.typeUrl()), type));
    return Map.copyOf(byUrl);
  }

  /** Who asks; empty before he has said so. */
  public String node() {
    return node;
  }

  /**
   * Takes a request and answers it.
   *
   * @param snapshot empty if there is none yet: then nothing is answered
   * @throws IllegalArgumentException with what is wrong with it, which ends the stream
   */
  public void request(Q request, Optional<Snapshot> snapshot) {
    variant.node().apply(request).ifPresent(said -> node = cut(said.getId()));
    Optional<ResourceType<?>> type = typeOf(variant.typeUrl().apply(request));
    if (type.isEmpty()) {
      return;
    }
    Place<Q, R> place =
        places.computeIfAbsent(type.get(), each -> new Place<>(variant.watch().apply(each)));
    Heard heard = place.watch.request(request);
    checkSize();
    switch (heard) {
      case Heard.Asked() -> {}
      case Heard.Stale() -> {
        return;
      }
      case Heard.Acknowledged() -> {
        place.refused = false;
        events.acknowledged(type.get());
      }
      case Heard.Refused(Status reason) -> {
        place.refused = true;
        events.refused(type.get(), node, reason);
      }
    }
    if (type.get().equals(ResourceType.CLUSTER) && !place.watch.isUnanswered()) {
      ready = place.made;
      answers++;
    }
    place.made = null;
    place.told = null;
    snapshot.ifPresent(newest -> {
      answer(type.get(), place, newest);
      advance(newest);
    });
  }

  /** What a request asks for is told though something else of its type is on its way. */
  private void answer(ResourceType<?> type, Place<Q, R> place, Snapshot newest) {
    if (NAMING.contains(type)) {
      tell(NAMED, newest, isQuiet(newest));
      Snapshot due = due(newest);
      if (due != null) {
        tell(type, place, due, true);
      }
    } else {
      tell(type, place, newest, isQuiet(newest));
    }
  }

  private Optional<ResourceType<?>> typeOf(String typeUrl) {
    if (only.isPresent()) {
      if (!typeUrl.isEmpty() && !typeUrl.equals(only.get().typeUrl())) {
        throw new IllegalArgumentException(
            "type_url: " + typeUrl + " (expected: " + only.get().typeUrl() + ")");
      }
      return only;
    }
    Optional<ResourceType<?>> type = Optional.ofNullable(BY_URL.get(TypeRegistry.nameOf(typeUrl)));
    String known = cut(typeUrl);
    if (type.isEmpty() && unknown.size() < MAX_UNKNOWN_TYPES && unknown.add(known)) {
      events.unknownType(node, known);
    }
    return type;
  }

  private void checkSize() {
    long size = places.values().stream().mapToLong(place -> place.watch.size()).sum();
    if (size > MAX_NAMES) {
      throw new IllegalArgumentException(
          "resource_names: " + size + " (expected: at most " + MAX_NAMES + " on a stream)");
    }
    long characters = places.values().stream().mapToLong(place -> place.watch.characters()).sum();
    if (characters > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "resource_names: "
              + characters
              + " characters (expected: at most "
              + MAX_CHARACTERS
              + " on a stream)");
    }
  }

  private static String cut(String said) {
    return said.length() > MAX_TEXT ? said.substring(0, MAX_TEXT) + "…" : said;
  }

  /** Tells what is new, as far as nothing is on its way already. */
  public void advance(Snapshot newest) {
    tell(NAMED, newest, isQuiet(newest));
    Snapshot due = due(newest);
    if (due != null) {
      tell(NAMING, due, true);
    }
    if (isQuiet(newest)) {
      tell(NAMED, newest, true);
    }
  }

  /**
   * What listeners and routes wait for: a number that is another when the client has answered what
   * was sent of clusters. Empty if they do not wait.
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what has been told.
  public OptionalLong awaited(Snapshot newest) {
    boolean heldBack =
        !hasClusters()
            && ready != newest
            && NAMING.stream()
                .map(places::get)
                .anyMatch(place -> place != null && place.told != newest);
    return heldBack ? OptionalLong.of(answers) : OptionalLong.empty();
  }

  /** Goes on as if the client had acknowledged clusters, which it does not do. */
  public void goOn(Snapshot newest) {
    ready = newest;
    advance(newest);
  }

  /** Of which listeners and routes may be told, after clusters; null: of none yet. */
  private @Nullable Snapshot due(Snapshot newest) {
    if (hasClusters()) {
      ready = newest;
    }
    return ready;
  }

  /** Whether the client has all clusters that it was sent, or does not want any. */
  private boolean hasClusters() {
    Place<Q, R> clusters = places.get(ResourceType.CLUSTER);
    return clusters == null || !clusters.watch.isUnanswered();
  }

  private void tell(List<ResourceType<?>> types, Snapshot snapshot, boolean mayRemove) {
    for (ResourceType<?> type : types) {
      Place<Q, R> place = places.get(type);
      if (place != null && !place.watch.isUnanswered()) {
        tell(type, place, snapshot, mayRemove);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // The same object is what has been told.
  private void tell(ResourceType<?> type, Place<Q, R> place, Snapshot snapshot, boolean mayRemove) {
    if (type.equals(ResourceType.ENDPOINT) && !rewarmed.isEmpty()) {
      place.watch.again(rewarmed);
      rewarmed.clear();
      place.made = null;
      place.told = null;
    }
    if (place.told == snapshot || (place.made == snapshot && !mayRemove)) {
      return;
    }
    Optional<Watch.Told<R>> next = place.watch.next(snapshot, mayRemove, Long.toString(nonces + 1));
    place.made = snapshot;
    place.told = mayRemove ? snapshot : null;
    next.ifPresent(told -> {
      nonces++;
      told.changed().forEach(each -> each.endpoints().ifPresent(rewarmed::add));
      events.send(type, told.response());
    });
  }

  /**
   * Whether what names others is as the newest snapshot says, so that nothing names what is gone.
   */
  @SuppressWarnings("ReferenceEquality") // The same object is what has been told.
  private boolean isQuiet(Snapshot newest) {
    return NAMING.stream()
        .map(places::get)
        .allMatch(place ->
            place == null
                || (place.told == newest && !place.watch.isUnanswered() && !place.refused));
  }
}
