package io.handfast.proxy.xds;

import io.envoyproxy.envoy.config.core.v3.PathConfigSource;
import io.handfast.proxy.tls.FileWatch;
import io.handfast.xds.bootstrap.MessageLoader;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.stream.Liveness;
import io.handfast.xds.stream.Wire;
import io.handfast.xds.stream.XdsClient;
import io.handfast.xds.stream.XdsSource;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that resources come from, all watched by one thread. Thread-safe: what is read is read on
 * the executor.
 */
final class FileSources implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileSources.class);

  private final List<FileWire> wires = new CopyOnWriteArrayList<>();
  private final MessageLoader loader;
  private final Executor executor;
  private final BiConsumer<ResourceType<?>, Set<String>> unreadable;
  private final FileWatch watch =
      new FileWatch("handfast-files", "files of resources", this::changed);

  /**
   * @param types messages that may stand in an {@code Any}
   * @param executor may block on the disk
   * @param unreadable told of a file that cannot be read, by the names that are wanted of it
   */
  FileSources(
      TypeRegistry types, Executor executor, BiConsumer<ResourceType<?>, Set<String>> unreadable) {
    this.unreadable = unreadable;
    this.loader =
        new MessageLoader(
            types.with(ResourceType.ALL.stream().map(ResourceType::instance).toList()));
    this.executor = executor;
  }

  /** A source like any other; empty if no file can have that name. */
  Optional<XdsSource> source(PathConfigSource proto, ResourceType<?> type) {
    try {
      FileWire.watched(proto);
    } catch (InvalidPathException e) {
      LOG.error("{}: path_config_source: {} (expected: a path)", type, e.getMessage());
      return Optional.empty();
    }
    XdsClient.Server file =
        new XdsClient.Server(
            proto.getPath(), () -> wire(proto, type), Liveness.DEFAULT.connectTimeout());
    return Optional.of(new XdsSource(false, true, List.of(type), List.of(file)));
  }

  private Wire wire(PathConfigSource proto, ResourceType<?> type) {
    FileWire wire =
        new FileWire(
            proto, type, loader, executor, this::closed, names -> unreadable.accept(type, names));
    wires.add(wire);
    watch.add(wire.watched());
    watch.start();
    return wire;
  }

  private void closed(FileWire wire) {
    wires.remove(wire);
    watch.retain(wires.stream().map(FileWire::watched).collect(Collectors.toSet()));
  }

  /** How many directories are watched. */
  int watched() {
    return watch.size();
  }

  private void changed() {
    wires.forEach(FileWire::changed);
  }

  @Override
  public void close() {
    watch.close();
  }
}
