package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.handfast.proxy.config.AdminConfig;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.compile.address.Addresses;
import io.handfast.proxy.config.compile.overload.OverloadCompiler;
import io.handfast.proxy.config.extension.BootstrapExtensionParser;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.overload.OverloadConfig;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldCheck;
import io.handfast.xds.resource.FieldTable;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.store.SnapshotCompiler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Checks a whole configuration and makes the snapshot of it. Thread-safe; a function of its
 * arguments.
 */
final class ConfigCompiler implements SnapshotCompiler<ConfigSnapshot> {

  private final Extensions extensions;
  private final TypeRegistry types;
  private final FieldTable table;

  ConfigCompiler(Extensions extensions, TypeRegistry types, FieldTable table) {
    this.extensions = extensions;
    this.types = types;
    this.table = table;
  }

  @Override
  public Compiled<ConfigSnapshot> compile(long version, ResourceSet resources) {
    ConfigErrors errors = new ConfigErrors();
    List<String> observed = checkFields(resources, errors);
    resources.checkNames(errors);
    List<String> warnings = new ArrayList<>();
    Optional<ConfigSnapshot> snapshot = snapshot(version, resources, errors, warnings);
    if (errors.isEmpty()) {
      Scope whole = new Scope("", errors);
      snapshot.ifPresent(
          complete -> extensions.checks().forEach(check -> check.check(complete, whole)));
    }
    return new Compiled<>(
        errors.isEmpty() ? snapshot : Optional.empty(), errors.list(), observed, warnings);
  }

  private List<String> checkFields(ResourceSet resources, ConfigErrors errors) {
    FieldCheck check = new FieldCheck(table, types, errors);
    check.check(resources.process(), "");
    for (Offered<Listener> listener : resources.get(ResourceType.LISTENER)) {
      check.check(listener.message(), listener.path());
    }
    for (Offered<Cluster> cluster : resources.get(ResourceType.CLUSTER)) {
      check.check(cluster.message(), cluster.path());
    }
    return check.observed();
  }

  private Optional<ConfigSnapshot> snapshot(
      long version, ResourceSet resources, ConfigErrors errors, List<String> warnings) {
    Scope whole = new Scope("", errors);
    List<Offered<Cluster>> offeredClusters = resources.get(ResourceType.CLUSTER);
    Set<String> names =
        offeredClusters.stream()
            .map(offered -> offered.message().getName())
            .collect(Collectors.toSet());
    Compilation compilation =
        new Compilation(extensions, types, names, TrafficDirection.UNSPECIFIED);
    AdminConfig admin = admin(resources.process().getAdmin(), whole.field("admin"), warnings);
    List<ClusterConfig> clusters = new ArrayList<>();
    for (int i = 0; i < offeredClusters.size(); i++) {
      Offered<Cluster> offered = offeredClusters.get(i);
      ClusterConfig cluster =
          ClusterCompiler.compile(
              offered.message(), i, compilation, new Scope(offered.path(), errors));
      if (cluster != null) {
        clusters.add(cluster);
      }
    }
    List<ListenerConfig> listeners = listeners(resources, admin, compilation, errors);
    List<Object> bootstrapExtensions = bootstrapExtensions(resources.process(), compilation, whole);
    OverloadConfig overload =
        resources.process().hasOverloadManager()
            ? OverloadCompiler.compile(
                resources.process().getOverloadManager(),
                compilation::unpack,
                whole.field("overload_manager"))
            : OverloadConfig.DEFAULTS;
    if (!errors.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ConfigSnapshot(version, admin, listeners, clusters, bootstrapExtensions, overload));
  }

  private static List<ListenerConfig> listeners(
      ResourceSet resources, AdminConfig admin, Compilation compilation, ConfigErrors errors) {
    List<ListenerConfig> listeners = new ArrayList<>();
    List<Taken> taken = new ArrayList<>();
    taken.add(new Taken(admin.address(), true, "admin"));
    for (Offered<Listener> offered : resources.get(ResourceType.LISTENER)) {
      Scope scope = new Scope(offered.path(), errors);
      ListenerConfig listener = ListenerCompiler.compile(offered.message(), compilation, scope);
      if (listener == null) {
        continue;
      }
      List<NetworkAddress> addresses = listener.allAddresses();
      for (int i = 0; i < addresses.size(); i++) {
        Taken own = new Taken(addresses.get(i), listener.bindToPort(), offered.path());
        Scope here = i == 0 ? scope : scope.field("additional_addresses", i - 1);
        for (Taken other : taken) {
          if (own.clashes(other)) {
            here.field("address")
                .error(
                    own.address, "an address of its own; " + other.owner + " has " + other.address);
          }
        }
        taken.add(own);
      }
      listeners.add(listener);
    }
    return listeners;
  }

  /** Listeners that nobody binds are found by their address: it is theirs alone. */
  private record Taken(NetworkAddress address, boolean bound, String owner) {
    boolean clashes(Taken other) {
      return (bound && other.bound)
          ? Addresses.clash(address, other.address)
          : address.equals(other.address);
    }
  }

  private static AdminConfig admin(Admin proto, Scope scope, List<String> warnings) {
    if (!proto.hasAddress()) {
      return AdminConfig.DEFAULTS;
    }
    NetworkAddress.Tcp address = Addresses.toBindTcp(proto.getAddress(), scope.field("address"));
    if (address == null) {
      return AdminConfig.DEFAULTS;
    }
    if (!Addresses.isLoopback(address)) {
      warnings.add(
          "admin.address: "
              + address
              + " can be reached from outside, and the administration server asks nobody who he is (expected: a loopback address)");
    }
    return new AdminConfig(address);
  }

  private List<Object> bootstrapExtensions(
      Bootstrap process, Compilation compilation, Scope whole) {
    List<Object> parsed = new ArrayList<>();
    Map<String, String> seen = new HashMap<>();
    for (int i = 0; i < process.getBootstrapExtensionsCount(); i++) {
      TypedExtensionConfig extension = process.getBootstrapExtensions(i);
      Scope here = whole.field("bootstrap_extensions", i).field("typed_config");
      if (extension.getTypedConfig().equals(Any.getDefaultInstance())) {
        here.error("missing (expected: the configuration of the extension)");
        continue;
      }
      Optional<Message> message = compilation.unpack(extension.getTypedConfig(), here);
      if (message.isEmpty()) {
        continue;
      }
      String type = message.get().getDescriptorForType().getFullName();
      Optional<BootstrapExtensionParser> parser =
          ExtensionTypes.bootstrap(extensions, message.get());
      String first = seen.putIfAbsent(type, here.path());
      if (parser.isEmpty()) {
        here.error(type + " is not a bootstrap extension (expected: one of docs/CONFIG.md)");
      } else if (first != null) {
        here.error(type, "each extension once; " + first + " has it");
      } else {
        Object object = parser.get().parse(message.get(), here);
        if (object != null) {
          parsed.add(object);
        }
      }
    }
    return parsed;
  }
}
