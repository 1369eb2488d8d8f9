package io.handfast.proxy.xds;

import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.stream.ClientRuntime;
import io.handfast.xds.stream.ClusterChannels;
import io.handfast.xds.stream.ResourceHandler;
import io.handfast.xds.stream.StreamEvents;
import io.handfast.xds.stream.XdsClient;
import io.handfast.xds.stream.XdsSource;
import io.handfast.xds.tree.ResourceTree;
import io.handfast.xds.tree.Subscriber;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that resources come by: one for all that is aggregated, one for each other source and
 * type, which lives as long as something is wanted of it. Confined to the executor of its runtime.
 */
final class Sources implements Subscriber, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sources.class);

  private final Optional<XdsSource> aggregated;
  private final Node node;
  private final ClusterChannels channels;
  private final FileSources files;
  private final ClientRuntime runtime;

  /** Files are no control plane that one is connected to. */
  private final ClientRuntime runtimeOfFiles;

  private final Function<ConfigSource, ResourceHandler> handlers;
  private final Consumer<String> unused;
  private final Map<Key, Running> clients = new HashMap<>();
  private boolean closed;

  private record Key(ConfigSource source, Optional<ResourceType<?>> type) {}

  private record Running(XdsClient client, Set<String> servers) {}

  /**
   * @param aggregated {@code ads_config}; empty if there is none
   * @param unused told of a server that nothing is wanted of any more
   * @param handlers who takes what a source tells
   */
  Sources(
      Optional<XdsSource> aggregated,
      Node node,
      ClusterChannels channels,
      FileSources files,
      StreamEvents eventsOfFiles,
      Consumer<String> unused,
      ClientRuntime runtime,
      Function<ConfigSource, ResourceHandler> handlers) {
    this.aggregated = aggregated;
    this.node = node;
    this.channels = channels;
    this.files = files;
    this.runtime = runtime;
    this.runtimeOfFiles =
        new ClientRuntime(runtime.executor(), runtime.nanoTime(), runtime.random(), eventsOfFiles);
    this.unused = unused;
    this.handlers = handlers;
  }

  @Override
  public void subscribe(
      ConfigSource source, ResourceType<?> type, Set<String> names, Duration fetchTimeout) {
    if (closed) {
      return;
    }
    boolean ads = source.equals(ResourceTree.ADS);
    Key key = new Key(source, ads ? Optional.empty() : Optional.of(type));
    Running running = clients.get(key);
    if (running == null && names.isEmpty()) {
      return;
    }
    if (running == null) {
      boolean file = source.hasPathConfigSource();
      Optional<XdsSource> servers =
          ads
              ? aggregated
              : file ? files.source(source.getPathConfigSource(), type) : servers(source, type);
      if (servers.isEmpty()) {
        nobody(source, type, names);
        return;
      }
      XdsClient client =
          servers.get().client(node, handlers.apply(source), file ? runtimeOfFiles : runtime);
      clients.put(key, new Running(client, servers.get().names()));
      client.subscribe(type, names, fetchTimeout);
      client.start();
    } else if (names.isEmpty() && !ads) {
      clients.remove(key);
      running.client().close();
      runtime.executor().execute(() -> ended(running.servers())); // when it has closed
    } else {
      running.client().subscribe(type, names, fetchTimeout);
    }
  }

  private void ended(Set<String> servers) {
    servers.stream()
        .filter(server ->
            clients.values().stream().noneMatch(running -> running.servers().contains(server)))
        .forEach(unused);
  }

  private Optional<XdsSource> servers(ConfigSource source, ResourceType<?> type) {
    ConfigErrors errors = new ConfigErrors();
    Optional<XdsSource> servers =
        XdsSource.ofType(
            source.getApiConfigSource(), type, type + ".api_config_source", channels, errors);
    errors.list().forEach(error -> LOG.error("{} cannot be asked for: {}", type, error));
    return servers;
  }

  /** Nobody can be asked: it is as if they had been asked for in vain. */
  private void nobody(ConfigSource source, ResourceType<?> type, Set<String> names) {
    LOG.error(
        "{} {}: there is nobody to ask (expected: dynamic_resources.ads_config)", type, names);
    ResourceHandler handler = handlers.apply(source);
    runtime
        .executor()
        .execute(() -> handler.lost(new Effect.Lost(type, names, Effect.Reason.TIMEOUT)));
  }

  @Override
  public void close() {
    closed = true;
    clients.values().forEach(running -> running.client().close());
    clients.clear();
    files.close();
  }
}
