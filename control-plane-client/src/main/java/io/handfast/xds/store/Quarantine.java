package io.handfast.xds.store;

import com.google.protobuf.Message;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compiles what is valid of an update (A6): a resource with an error gives way to its last good
 * version, and if that does not fit either, to none.
 *
 * @param compiled of the last attempt
 * @param used the resources of the last attempt
 * @param rejected what was taken out, with what is wrong
 */
record Quarantine<S>(
    Compiled<S> compiled, ResourceSet used, Map<ResourceName, List<ConfigError>> rejected) {

  /** Bound of attempts; each takes out every resource that the one before complained of. */
  private static final int MAX_ROUNDS = 10;

  static <S> Quarantine<S> compile(
      SnapshotCompiler<S> compiler,
      long version,
      ResourceSet offered,
      Optional<ResourceSet> lastGood) {
    ResourceSet used = offered;
    Map<ResourceName, List<ConfigError>> rejected = new TreeMap<>();
    Compiled<S> compiled = compiler.compile(version, used);
    for (int round = 1; round < MAX_ROUNDS && compiled.snapshot().isEmpty(); round++) {
      Map<ResourceName, List<ConfigError>> owners = new TreeMap<>();
      for (ConfigError error : compiled.errors()) {
        Optional<ResourceName> owner = used.owner(error.path());
        if (owner.isEmpty()) {
          return new Quarantine<>(compiled, used, rejected);
        }
        owners.computeIfAbsent(owner.get(), name -> new ArrayList<>()).add(error);
      }
      for (ResourceName name : owners.keySet()) {
        used = without(used, name, name.type(), lastGood);
      }
      owners.forEach(rejected::putIfAbsent);
      compiled = compiler.compile(version, used);
    }
    return new Quarantine<>(compiled, used, rejected);
  }

  private static <M extends Message> ResourceSet without(
      ResourceSet used, ResourceName name, ResourceType<M> type, Optional<ResourceSet> lastGood) {
    Optional<Offered<M>> good = lastGood.flatMap(set -> set.find(type, name.name()));
    return good.isEmpty() || used.find(type, name.name()).equals(good)
        ? used.with(type, List.of(), Set.of(name.name()))
        : used.with(type, List.of(good.get()), Set.of());
  }
}
