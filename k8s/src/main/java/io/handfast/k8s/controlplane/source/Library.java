package io.handfast.k8s.controlplane.source;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.handfast.k8s.controlplane.snapshot.Served;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files of resources, and of each the last version that could be used. A file is used whole or not
 * at all: as long as anything in it is wrong, or does not go with the others, what it said before
 * stays. Confined to the thread that reads.
 */
final class Library {

  /** Bound of all resources of a type: clients take 64 MiB in one response. */
  private static final long MAX_TYPE_BYTES = 60L << 20;

  private final ResourceValidator validator;
  private final TypeRegistry types;

  /** Every file as it was last, right or wrong. */
  private Map<String, Edition> newest = Map.of();

  /** Every file as it is used. */
  private Map<String, Edition> used = Map.of();

  /** One content of a file. Immutable. */
  private record Edition(
      ByteString content, Map<ResourceName, Shelved> resources, List<ConfigError> errors) {}

  /** A resource as it stands in a file, as it is sent, and what it names. Immutable. */
  private record Shelved(Offered<?> offered, Served served, Set<ResourceName> links) {}

  /** An attempt: each file in the edition that is tried. */
  private record Attempt(SortedMap<String, Edition> editions, Set<String> fresh) {}

  Library(ResourceValidator validator) {
    this.validator = validator;
    this.types = ResourceFile.types(validator.types());
  }

  /**
   * Takes all files as they are now.
   *
   * @param files contents by name
   */
  Findings update(SortedMap<String, ByteString> files) {
    Map<String, Edition> editions = new HashMap<>();
    files.forEach((file, content) -> editions.put(file, edition(file, content)));
    newest = editions;
    Map<String, List<ConfigError>> refused = new TreeMap<>();
    editions.forEach((file, edition) -> {
      if (!edition.errors().isEmpty()) {
        refused.put(file, edition.errors());
      }
    });
    while (true) {
      Attempt attempt = attempt(files.keySet(), refused.keySet());
      ConfigErrors errors = new ConfigErrors();
      Map<ResourceName, String> owners = owners(attempt, errors);
      Map<String, List<ConfigError>> wrong = byFile(errors.list(), attempt.fresh());
      List<ConfigError> left = List.of();
      if (wrong.isEmpty()) {
        left = check(attempt, owners, wrong);
      }
      if (wrong.isEmpty()) {
        used = attempt.editions();
        return findings(refused, left);
      }
      wrong.forEach(refused::putIfAbsent);
    }
  }

  private Edition edition(String file, ByteString content) {
    Edition known = newest.get(file);
    if (known != null && known.content().equals(content)) {
      return known;
    }
    Edition before = used.get(file);
    if (before != null && before.content().equals(content)) {
      return before;
    }
    ConfigErrors errors = new ConfigErrors();
    Map<ResourceName, Offered<?>> found = ResourceFile.read(file, content, types, errors);
    Map<ResourceName, Shelved> shelved = new LinkedHashMap<>();
    if (errors.isEmpty()) {
      found.forEach((name, offered) ->
          shelved.put(
              name,
              new Shelved(
                  offered,
                  Served.of(name.type(), offered.message()),
                  Dangling.links(offered, types))));
    }
    return new Edition(content, shelved, errors.list());
  }

  /** Files that are refused stay as they were; one that was not there before is left out. */
  @SuppressWarnings("ReferenceEquality") // The same object is what is used already.
  private Attempt attempt(Set<String> files, Set<String> refused) {
    SortedMap<String, Edition> editions = new TreeMap<>();
    Set<String> fresh = new TreeSet<>();
    for (String file : files) {
      Edition before = used.get(file);
      Edition now = newest.get(file);
      if (refused.contains(file) || now == null || now == before) {
        Optional.ofNullable(before).ifPresent(edition -> editions.put(file, edition));
      } else {
        editions.put(file, now);
        fresh.add(file);
      }
    }
    return new Attempt(editions, fresh);
  }

  /** Which file has which resource: what is used already has the better right to a name. */
  private static Map<ResourceName, String> owners(Attempt attempt, ConfigErrors errors) {
    Map<ResourceName, String> owners = new HashMap<>();
    for (boolean fresh : List.of(false, true)) {
      attempt
          .editions()
          .forEach((file, edition) -> {
            if (attempt.fresh().contains(file) != fresh) {
              return;
            }
            edition
                .resources()
                .forEach((name, shelved) -> {
                  String other = owners.putIfAbsent(name, file);
                  if (other != null) {
                    errors.add(
                        shelved.offered().path(),
                        name + " is in " + other + " too (expected: each name of a type once)");
                  }
                });
          });
    }
    return owners;
  }

  /**
   * Has the validator look.
   *
   * @param wrong takes what is wrong with files that are fresh
   * @return what is wrong though nothing is fresh: something has gone on which others relied
   */
  private List<ConfigError> check(
      Attempt attempt, Map<ResourceName, String> owners, Map<String, List<ConfigError>> wrong) {
    ResourceSet all = validator.none();
    for (ResourceType<?> type : ResourceType.ALL) {
      all = add(all, type, attempt);
    }
    Set<ResourceName> changed = new TreeSet<>();
    attempt
        .editions()
        .forEach((file, edition) -> {
          if (attempt.fresh().contains(file)) {
            changed.addAll(edition.resources().keySet());
          }
        });
    List<ConfigError> errors = new ArrayList<>(validator.check(all, changed));
    errors.addAll(tooLarge(attempt));
    if (attempt.fresh().isEmpty()) {
      return errors;
    }
    for (ConfigError error : errors) {
      String owner = all.owner(error.path()).map(owners::get).orElse("");
      // If it shows elsewhere, each that is fresh may be the reason.
      Set<String> files = attempt.fresh().contains(owner) ? Set.of(owner) : attempt.fresh();
      files.forEach(file -> wrong.computeIfAbsent(file, _ -> new ArrayList<>()).add(error));
    }
    return List.of();
  }

  /** In the order of files, but what is used already comes first: a clash is the later one's. */
  @SuppressWarnings("unchecked") // A resource is only ever shelved under its own type.
  private static <M extends Message> ResourceSet add(
      ResourceSet all, ResourceType<M> type, Attempt attempt) {
    List<Offered<M>> offered = new ArrayList<>();
    for (boolean fresh : List.of(false, true)) {
      attempt
          .editions()
          .forEach((file, edition) ->
              edition
                  .resources()
                  .forEach((name, shelved) -> {
                    if (name.type().equals(type) && attempt.fresh().contains(file) == fresh) {
                      offered.add((Offered<M>) shelved.offered());
                    }
                  }));
    }
    return all.with(type, offered, Set.of());
  }

  private static List<ConfigError> tooLarge(Attempt attempt) {
    Map<ResourceType<?>, Long> bytes = new HashMap<>();
    attempt
        .editions()
        .values()
        .forEach(edition ->
            edition
                .resources()
                .forEach((name, shelved) ->
                    bytes.merge(
                        name.type(),
                        (long) shelved.served().wrapper().getSerializedSize(),
                        Long::sum)));
    ConfigErrors errors = new ConfigErrors();
    bytes.forEach((type, size) -> {
      if (size > MAX_TYPE_BYTES) {
        errors.add(type.collection(), size + " bytes", "at most " + MAX_TYPE_BYTES + " together");
      }
    });
    return errors.list();
  }

  /** Errors whose path begins with a file. */
  private static Map<String, List<ConfigError>> byFile(
      List<ConfigError> errors, Set<String> files) {
    Map<String, List<ConfigError>> byFile = new TreeMap<>();
    for (ConfigError error : errors) {
      for (String file : files) {
        if (error.path().startsWith(file + " (")) {
          byFile.computeIfAbsent(file, _ -> new ArrayList<>()).add(error);
        }
      }
    }
    return byFile;
  }

  private Findings findings(Map<String, List<ConfigError>> refused, List<ConfigError> left) {
    Map<ResourceType<?>, List<Served>> served = new HashMap<>();
    Map<ResourceName, Set<ResourceName>> links = new TreeMap<>();
    Map<ResourceName, String> paths = new HashMap<>();
    used.values()
        .forEach(edition ->
            edition
                .resources()
                .forEach((name, shelved) -> {
                  served.computeIfAbsent(name.type(), _ -> new ArrayList<>()).add(shelved.served());
                  links.put(name, shelved.links());
                  paths.put(name, shelved.offered().path());
                }));
    List<String> warnings = new ArrayList<>();
    left.forEach(error -> warnings.add(error.toString()));
    warnings.addAll(Dangling.warnings(links, paths));
    return new Findings(Snapshot.of(served), refused, warnings);
  }
}
