package io.handfast.xds.protocol;

import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a machine knows of one type. Confined to its machine. */
final class TypeState {

  final ResourceType<?> type;
  final Backoff nackBackoff;

  /** Names that the subscriber wants, sorted, so that requests are the same in every run. */
  private Set<String> wanted = Set.of();

  private List<XdstpName> collections = List.of();
  Duration fetchTimeout = Duration.ZERO;

  /** Name → version of what was taken and not lost since; outlives streams (D3). */
  final Map<String, String> held = new HashMap<>();

  /** Names of which the newest version was refused: what is held of them is news if it comes. */
  final Set<String> refused = new HashSet<>();

  /** Version of the last response that was taken whole; outlives streams (A4). */
  String ackedVersion = "";

  /** Whether an update was ever answered. */
  boolean answered;

  /** Names with a TTL that runs; outlives streams. */
  final Set<String> ttls = new HashSet<>();

  /** Whether this stream has asked for the type. */
  boolean asked;

  /** Whether this stream was asked for everything by the empty list of old. */
  boolean legacyWildcard;

  /** Names that this stream's server has been told of (delta). */
  Set<String> told = Set.of();

  /** Of the last response on this stream (A4). */
  String nonce = "";

  /** Whether the response with that nonce is still being applied. */
  boolean applying;

  /** Names with an absent timer that runs. */
  final Set<String> awaited = new TreeSet<>();

  /** NACKs in a row. */
  int nacks;

  /** The detail of a NACK that is kept back (A7). */
  @Nullable String keptNack;

  TypeState(ResourceType<?> type, Backoff nackBackoff) {
    this.type = type;
    this.nackBackoff = nackBackoff;
  }

  String url() {
    return type.typeUrl();
  }

  Set<String> wanted() {
    return wanted;
  }

  void want(Set<String> names) {
    wanted = new TreeSet<>(names);
    collections = new ArrayList<>();
    for (String name : wanted) {
      collectionOf(name).ifPresent(collections::add);
    }
  }

  private static Optional<XdstpName> collectionOf(String name) {
    if (!XdstpName.isXdstp(name)) {
      return Optional.empty();
    }
    try {
      return Optional.of(XdstpName.parse(name)).filter(XdstpName::isCollection);
    } catch (InvalidConfigException malformed) {
      return Optional.empty();
    }
  }

  /** Whether a resource of that name was asked for, itself or as one of many. */
  boolean wants(String name) {
    return wanted.contains(name)
        || wanted.contains(StreamMachine.WILDCARD)
        || coveredBy(name) != null;
  }

  /** The name of the collection by which a resource was asked for, if it was by one. */
  @Nullable String coveredBy(String name) {
    if (collections.isEmpty() || !XdstpName.isXdstp(name)) {
      return null;
    }
    try {
      XdstpName parsed = XdstpName.parse(name);
      for (XdstpName each : collections) {
        if (each.covers(parsed)) {
          return each.canonical();
        }
      }
      return null;
    } catch (InvalidConfigException malformed) {
      return null;
    }
  }

  /** Forgets what belongs to a stream. */
  void streamEnded() {
    asked = false;
    legacyWildcard = false;
    told = Set.of();
    nonce = "";
    applying = false;
  }

  /** The names wanted of which nothing is held. */
  Set<String> uncached() {
    Set<String> names = new TreeSet<>(wanted);
    names.removeAll(held.keySet());
    if (!held.isEmpty()) {
      names.removeIf(name -> name.equals(StreamMachine.WILDCARD));
      held.keySet()
          .forEach(name -> {
            String collection = coveredBy(name);
            if (collection != null) {
              names.remove(collection);
            }
          });
    }
    return names;
  }
}
