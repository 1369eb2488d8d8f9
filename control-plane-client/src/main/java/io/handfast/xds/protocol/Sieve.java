package io.handfast.xds.protocol;

import io.envoyproxy.envoy.service.discovery.v3.ResourceError;
import io.handfast.xds.protocol.ResourceDecoder.Decoded;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Takes out of a response what was asked for and is new, and what is gone. Confined to its machine.
 */
final class Sieve {

  private final boolean failOnDataErrors;
  private final boolean versionsAreOfResources;
  private final BiFunction<TypeState, Set<String>, Set<String>> omitted;
  private final Timers timers;
  private final Consumer<Effect> out;

  /**
   * A sieve of one kind of stream.
   *
   * @param versionsAreOfResources whether an equal version tells that a resource is the same
   * @param omitted names that a response says are gone by not listing them
   */
  Sieve(
      boolean failOnDataErrors,
      boolean versionsAreOfResources,
      BiFunction<TypeState, Set<String>, Set<String>> omitted,
      Timers timers,
      Consumer<Effect> out) {
    this.failOnDataErrors = failOnDataErrors;
    this.versionsAreOfResources = versionsAreOfResources;
    this.omitted = omitted;
    this.timers = timers;
    this.out = out;
  }

  Update sift(TypeState type, Incoming incoming, long stream) {
    Map<String, Received> changed = new LinkedHashMap<>();
    List<ResourceFault> faults = new ArrayList<>();
    Set<String> listed = new LinkedHashSet<>();
    boolean nameless = false;
    for (Decoded each : incoming.resources()) {
      String name = each.name();
      nameless |= name.isEmpty();
      if (!name.isEmpty() && !type.wants(name)) {
        continue;
      }
      if (!name.isEmpty() && !listed.add(name)) {
        changed.remove(name);
        faults.add(duplicate(type, name));
        continue;
      }
      timers.arrived(type, name);
      switch (each) {
        case Decoded.Bad bad -> faults.add(bad.fault());
        case Decoded.Heartbeat beat -> timers.restartTtl(type, name, beat.ttl().orElse(null));
        case Decoded.Good good -> {
          timers.restartTtl(type, name, good.ttl().orElse(null));
          changed.put(name, good.resource());
        }
      }
    }
    changed.values().removeIf(each -> isHeld(type, each));
    // A resource whose name cannot be read may be any of those that are not listed.
    Set<String> removed = removed(type, incoming, listed, !nameless);
    return new Update(
        type.type,
        stream,
        incoming.nonce(),
        incoming.version(),
        List.copyOf(changed.values()),
        removed,
        faults,
        !type.answered);
  }

  private boolean isHeld(TypeState type, Received each) {
    return versionsAreOfResources
        && !each.version().isEmpty()
        && !type.refused.contains(each.name())
        && each.version().equals(type.held.get(each.name()));
  }

  private static ResourceFault duplicate(TypeState type, String name) {
    return ResourceFault.of(
        name,
        type.type.collection() + "[" + name + "]",
        "twice in one response (expected: each name once)");
  }

  private Set<String> removed(
      TypeState type, Incoming incoming, Set<String> listed, boolean byOmission) {
    Set<String> removed = new TreeSet<>();
    Set<String> named = new LinkedHashSet<>(listed);
    for (ResourceError error : incoming.errors()) {
      String name = XdstpName.normalise(error.getResourceName().getName());
      if (type.wants(name)) {
        named.add(name);
        timers.arrived(type, name);
        report(type, name, error);
        if (failOnDataErrors && type.held.containsKey(name)) {
          removed.add(name);
        }
      }
    }
    if (byOmission) {
      removed.addAll(omitted.apply(type, named));
    }
    for (String name : incoming.removed()) {
      if (type.wants(name) && !listed.contains(name)) {
        timers.arrived(type, name);
        removed.add(name);
      }
    }
    removed.forEach(name -> timers.stopTtl(type, name));
    return removed;
  }

  private void report(TypeState type, String name, ResourceError error) {
    boolean kept = type.held.containsKey(name) && !failOnDataErrors;
    String text =
        "the control plane reports code "
            + error.getErrorDetail().getCode()
            + ": "
            + error.getErrorDetail().getMessage();
    out.accept(
        new Effect.Failed(
            type.type,
            kept ? Set.of() : Set.of(name),
            kept ? Set.of(name) : Set.of(),
            text,
            Effect.Failed.Kind.RESOURCE));
    if (!type.held.containsKey(name)) {
      out.accept(new Effect.Lost(type.type, Set.of(name), Effect.Reason.REPORTED));
    }
  }
}
