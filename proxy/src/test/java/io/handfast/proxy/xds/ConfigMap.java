package io.handfast.proxy.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionPerRoute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory as Kubernetes mounts a ConfigMap: each file is a link by way of {@code ..data}, which
 * is turned to a new directory with one rename.
 */
final class ConfigMap {
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer()
          .usingTypeRegistry(
              JsonFormat.TypeRegistry.newBuilder()
                  .add(Listener.getDescriptor())
                  .add(RouteConfiguration.getDescriptor())
                  .add(Cluster.getDescriptor())
                  .add(ClusterLoadAssignment.getDescriptor())
                  .add(TypedExtensionConfig.getDescriptor())
                  .add(HttpConnectionManager.getDescriptor())
                  .add(HttpProtocolOptions.getDescriptor())
                  .add(Router.getDescriptor())
                  .add(Transaction.getDescriptor())
                  .add(TransactionPerRoute.getDescriptor())
                  .build());

  private final Path directory;
  private final Map<String, String> files = new TreeMap<>();
  private int versions;

  ConfigMap(Path directory) {
    this.directory = directory;
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  /** A file with those resources, once it is mounted. */
  ConfigMap put(String name, Message... resources) {
    DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder();
    for (Message each : resources) {
      response.addResources(Any.pack(each));
    }
    try {
      return put(name, JSON.print(response));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ConfigMap put(String name, String text) {
    files.put(name, text);
    return this;
  }

  /** Everything that was put is there, at once. */
  void mount() {
    try {
      Path version = Files.createDirectory(directory.resolve("..v" + ++versions));
      for (Map.Entry<String, String> file : files.entrySet()) {
        Files.writeString(version.resolve(file.getKey()), file.getValue());
      }
      Path fresh = directory.resolve("..data_tmp");
      Files.createSymbolicLink(fresh, version.getFileName());
      Files.move(fresh, directory.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
      for (String file : files.keySet()) {
        if (!Files.exists(file(file))) {
          Files.createSymbolicLink(file(file), Path.of("..data", file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
