package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Received;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.Content;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.stream.ResourceHandler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes what one source tells. Confined to its tree. */
final class SourceHandler implements ResourceHandler {

  private static final Logger log = LoggerFactory.getLogger(SourceHandler.class);

  private final ConfigSource source;
  private final Holdings holdings;
  private final StandIns standIns;
  private final ResourceTree.Ports ports;
  private final ResourceTree.Schedule schedule;
  private final Consumer<ResourceType<?>> answered;

  /** Types of which another server has told, and this one not yet. */
  private final Set<ResourceType<?>> stale = new HashSet<>();

  /**
   * A handler for what comes from there.
   *
   * @param answered told when everything about a type is taken
   */
  SourceHandler(
      ConfigSource source,
      Holdings holdings,
      StandIns standIns,
      ResourceTree.Ports ports,
      ResourceTree.Schedule schedule,
      Consumer<ResourceType<?>> answered) {
    this.source = source;
    this.holdings = holdings;
    this.standIns = standIns;
    this.ports = ports;
    this.schedule = schedule;
    this.answered = answered;
  }

  @Override
  public CompletionStage<List<ResourceFault>> apply(Update update) {
    List<ResourceFault> faults = new ArrayList<>();
    Set<ResourceName> told = new HashSet<>();
    update.changed().forEach(each -> told.add(new ResourceName(update.type(), each.name())));
    update.faults().forEach(each -> told.add(new ResourceName(update.type(), each.name())));
    boolean first = standIns.told(update.type());
    boolean onlyTold = (stale.remove(update.type()) || first) && update.type().complete();
    Set<ResourceName> outdated = new HashSet<>(told);
    update.removed().forEach(name -> outdated.add(new ResourceName(update.type(), name)));
    for (Received each : update.changed()) {
      ResourceName name = new ResourceName(update.type(), each.name());
      take(name, each, other -> !outdated.contains(other) && (!onlyTold || told.contains(other)))
          .ifPresent(faults::add);
      outdated.remove(name);
    }
    update.faults().forEach(fault -> absent(update.type(), fault.name()));
    faults.forEach(fault -> absent(update.type(), fault.name()));
    update.removed().forEach(name -> remove(new ResourceName(update.type(), name)));
    if (onlyTold) {
      removeAllBut(update.type(), told);
    }
    answered.accept(update.type());
    return CompletableFuture.completedFuture(faults);
  }

  /**
   * Takes a resource, or says why not.
   *
   * @param stays whether another of its type is as it was, or as this update has made it
   */
  private Optional<ResourceFault> take(
      ResourceName name, Received received, Predicate<ResourceName> stays) {
    Entry entry = holdings.find(name);
    Entry.Version latest = entry == null ? null : entry.latest();
    if (entry != null && entry.isStatic) {
      return Optional.of(
          ResourceFault.of(
              name.name(),
              name + ".name",
              name.name() + " (expected: a name that no static resource has)"));
    }
    if (holdings.isOfAnother(name, source)) {
      return Optional.of(
          ResourceFault.of(
              name.name(),
              name + ".name",
              name.name()
                  + " (expected: a name of its own; another config source has brought one of it)"));
    }
    if (latest != null
        && latest.source().equals(source)
        && latest.offered().content().equals(received.content())) {
      holdings.told(name);
      if (ResourceSet.rests(name.type())) {
        received.content().rest(name.type()); // somebody may keep it, and nothing is made of it
      }
      return Optional.empty();
    }
    Content<Message> content =
        latest == null
            ? received.content()
            : SharedRoutes.of(received.content(), latest.offered().content());
    Offered<Message> offered = new Offered<>(content, name.toString(), received.version());
    List<ConfigError> errors = ports.check().check(name.type(), offered, () -> others(name, stays));
    if (!errors.isEmpty()) {
      return Optional.of(new ResourceFault(name.name(), errors));
    }
    holdings.offer(name, holdings.version(offered, source), schedule.nanoTime().getAsLong());
    return Optional.empty();
  }

  private Stream<Offered<? extends Message>> others(
      ResourceName name, Predicate<ResourceName> stays) {
    return holdings.names().stream()
        .filter(other -> other.type().equals(name.type()) && !other.equals(name))
        .flatMap(other -> latest(other, stays).stream());
  }

  private Optional<Offered<? extends Message>> latest(
      ResourceName name, Predicate<ResourceName> stays) {
    Entry entry = holdings.find(name);
    return entry != null && (entry.isStatic || stays.test(name))
        ? Optional.ofNullable(entry.latest()).map(Entry.Version::offered)
        : Optional.empty();
  }

  private void removeAllBut(ResourceType<?> type, Set<ResourceName> told) {
    holdings.names().stream()
        .filter(name -> name.type().equals(type) && !told.contains(name))
        .forEach(this::remove);
  }

  private void remove(ResourceName name) {
    delete(name, schedule.nanoTime().getAsLong());
  }

  /** What has expired serves nobody any longer. */
  private void expire(ResourceName name) {
    delete(name, schedule.nanoTime().getAsLong() - ResourceTree.KEEP_LIMIT.toNanos());
  }

  private void delete(ResourceName name, long since) {
    Entry entry = holdings.find(name);
    if (entry == null || !(entry.isStatic || holdings.isOfAnother(name, source))) {
      holdings.delete(name, since);
    }
  }

  private void absent(ResourceType<?> type, String name) {
    holdings.absent(new ResourceName(type, name));
  }

  @Override
  public void lost(Effect.Lost lost) {
    for (String each : lost.names()) {
      switch (lost.reason()) {
        case TIMEOUT, REPORTED -> absent(lost.type(), each);
        case EXPIRED -> expire(new ResourceName(lost.type(), each));
      }
    }
    answered.accept(lost.type());
  }

  @Override
  public void failed(Effect.Failed failed) {
    log.warn(
        "{}: {}; {} held serve on, {} are not there",
        failed.type(),
        failed.error(),
        failed.cached().size(),
        failed.uncached().size());
  }

  @Override
  public void serverChanged() {
    stale.addAll(ResourceType.ALL);
  }
}
