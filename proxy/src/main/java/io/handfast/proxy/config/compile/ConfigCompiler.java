package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.ConfigSnapshot.Clusters;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.compile.address.AddressClaims;
import io.handfast.proxy.config.compile.discovery.CheckedOnce;
import io.handfast.proxy.config.compile.discovery.Neighbours;
import io.handfast.proxy.config.compile.discovery.Reuse;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldCheck;
import io.handfast.xds.resource.FieldTable;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import io.handfast.xds.store.SnapshotCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks a whole configuration and makes the snapshot of it. Thread-safe; a function of its
 * arguments: what it remembers of the last accepted configuration only saves making it again.
 */
final class ConfigCompiler implements SnapshotCompiler<ConfigSnapshot> {

  private final Extensions extensions;
  private final TypeRegistry types;
  private final FieldTable table;
  private final CheckedOnce checked;
  private volatile Accepted accepted = new Accepted(Reuse.none(), Clusters.of(List.of()));

  /** What the last configuration that was accepted was made of, part by part, and its clusters. */
  private record Accepted(Reuse parts, Clusters clusters) {}

  ConfigCompiler(Extensions extensions, TypeRegistry types, FieldTable table) {
    this.extensions = extensions;
    this.types = types;
    this.table = table;
    this.checked = new CheckedOnce(table, types);
  }

  @Override
  public Compiled<ConfigSnapshot> compile(long version, ResourceSet resources) {
    ConfigErrors errors = new ConfigErrors();
    Accepted before = accepted;
    Reuse.Pass pass = pass(before.parts(), resources, errors);
    resources.checkNames(errors, type -> !pass.keepsNames(type));
    ProcessConfig process = process(pass);
    Optional<ConfigSnapshot> snapshot =
        snapshot(version, resources, process, pass, before.clusters(), errors);
    if (errors.isEmpty()) {
      Scope whole = new Scope("", errors);
      snapshot.ifPresent(
          complete -> extensions.checks().forEach(check -> check.check(complete, whole)));
    }
    if (errors.isEmpty() && snapshot.isPresent()) {
      accepted = new Accepted(pass.result(), snapshot.get().clusters());
    }
    return new Compiled<>(
        errors.isEmpty() ? snapshot : Optional.empty(),
        errors.list(),
        pass.observed(),
        process == null ? List.of() : process.warnings());
  }

  private static Reuse.Pass pass(Reuse known, ResourceSet resources, ConfigErrors errors) {
    return known
    .new Pass(
        resources,
        clustersMayCome(resources) ? Neighbours.ClusterRule.NEVER : Neighbours.ClusterRule.ALWAYS,
        errors);
  }

  private static boolean clustersMayCome(ResourceSet resources) {
    return resources.isPartial() || resources.process().getDynamicResources().hasCdsConfig();
  }

  /**
   * Whether a resource that a control plane offers can be used, as far as it can be told without
   * what has still to come.
   *
   * @param held the resources that are there
   * @param others of its type, which it will stand beside
   * @return all that is wrong with it
   */
  List<ConfigError> check(
      ResourceType<?> type,
      Offered<? extends Message> offered,
      ResourceSet held,
      Supplier<Stream<Offered<? extends Message>>> others) {
    ConfigErrors errors = new ConfigErrors();
    checked.ahead(offered, errors);
    ResourceName name = new ResourceName(type, XdstpName.normalise(offered.content().name(type)));
    Neighbours neighbours = new Neighbours(held, Neighbours.ClusterRule.WHERE_ASKED, name, offered);
    Compilation compilation = compilation(neighbours);
    Scope scope = new Scope(offered.path(), errors);
    List<ClusterConfig> clusters = new ArrayList<>();
    List<ListenerConfig> listeners = new ArrayList<>();
    switch (offered.message()) {
      case Cluster cluster -> {
        Optional.ofNullable(cluster(cluster, 0, compilation, scope)).ifPresent(clusters::add);
      }
      case Listener listener -> {
        ListenerConfig compiled = ListenerCompiler.compile(listener, compilation, scope);
        Optional.ofNullable(compiled).ifPresent(listeners::add);
        if (compiled != null) {
          claim(compiled, offered.path(), claims(held, others.get()), scope);
        }
      }
      case ClusterLoadAssignment endpoints -> {
        EndpointCompiler.discovered(endpoints, ClusterConfig.DiscoveryType.STATIC, scope);
        EndpointCompiler.dropsPerMillion(endpoints.getPolicy(), scope.field("policy"));
      }
      case Secret secret -> Secrets.parts(secret, scope);
      case TypedExtensionConfig extension ->
          FilterChainBuilder.check(extension, compilation, scope);
      case RouteConfiguration routes when !isNamed(name, held) ->
          RouteTableCompiler.discovered(
              new Offered<>(routes, offered.path(), offered.version()),
              FilterChainBuilder.UNKNOWN,
              UpgradeTypes.of(List.of(), scope),
              compilation,
              errors);
      default -> {}
    }
    listeners.addAll(dependents(name, held, compilation, errors));
    if (errors.isEmpty()) {
      checkWhole(held, listeners, clusters, errors);
    }
    return errors.list().stream()
        .filter(error -> ResourceSet.owns(type, offered, error.path()))
        .toList();
  }

  /** What administration and those listeners have. */
  private AddressClaims claims(ResourceSet held, Stream<Offered<? extends Message>> listeners) {
    AddressClaims claims = new AddressClaims();
    ProcessConfig process = process(pass(accepted.parts(), held, new ConfigErrors()));
    if (process != null) {
      claims.add(process.admin().address(), true, "admin");
    }
    listeners.forEach(other -> {
      if (other.message() instanceof Listener listener) {
        ListenerCompiler.claim(listener, other.path(), claims);
      }
    });
    return claims;
  }

  /** Whether a listener has looked at that resource, and so will look at the one offered. */
  private boolean isNamed(ResourceName name, ResourceSet held) {
    Reuse known = accepted.parts();
    return held.get(ResourceType.LISTENER).stream()
        .anyMatch(each -> known.asked(ResourceType.LISTENER, each, name));
  }

  /** The listeners that have looked at a resource, with the one that is offered in its place. */
  private List<ListenerConfig> dependents(
      ResourceName name, ResourceSet held, Compilation compilation, ConfigErrors errors) {
    Reuse known = accepted.parts();
    List<ListenerConfig> compiled = new ArrayList<>();
    for (Offered<Listener> each : held.get(ResourceType.LISTENER)) {
      if (known.asked(ResourceType.LISTENER, each, name)) {
        Optional.ofNullable(
                ListenerCompiler.compile(
                    each.message(), compilation, new Scope(each.path(), errors)))
            .ifPresent(compiled::add);
      }
    }
    return compiled;
  }

  private void checkWhole(
      ResourceSet held,
      List<ListenerConfig> listeners,
      List<ClusterConfig> clusters,
      ConfigErrors errors) {
    ProcessConfig process = process(pass(accepted.parts(), held, new ConfigErrors()));
    if (process == null) {
      return;
    }
    ConfigSnapshot snapshot =
        new ConfigSnapshot(
            1,
            process.admin(),
            listeners,
            Clusters.of(clusters),
            process.extensions(),
            process.overload(),
            clustersMayCome(held));
    extensions.checks().forEach(check -> check.check(snapshot, new Scope("", errors)));
  }

  private Compilation compilation(Neighbours neighbours) {
    return new Compilation(extensions, types, neighbours, TrafficDirection.UNSPECIFIED);
  }

  private Optional<ConfigSnapshot> snapshot(
      long version,
      ResourceSet resources,
      @Nullable ProcessConfig process,
      Reuse.Pass pass,
      Clusters clustersBefore,
      ConfigErrors errors) {
    checkFields(ResourceType.ENDPOINT, pass);
    checkFields(ResourceType.ROUTE, pass);
    take(
        ResourceType.SECRET,
        Secrets.Parts.class,
        pass,
        (offered, place, compilation, scope) -> Secrets.parts(offered.message(), scope));
    checkFields(ResourceType.EXTENSION_CONFIG, pass);
    Reuse.Parts<ClusterConfig> clusters =
        take(
            ResourceType.CLUSTER,
            ClusterConfig.class,
            pass,
            (offered, place, compilation, scope) ->
                cluster(offered.message(), place, compilation, scope));
    List<ListenerConfig> listeners = listeners(process, pass, errors);
    if (!errors.isEmpty() || process == null) {
      return Optional.empty();
    }
    return Optional.of(
        new ConfigSnapshot(
            version,
            process.admin(),
            listeners,
            clusters.others().map(clustersBefore::with).orElseGet(() -> placed(clusters, pass)),
            process.extensions(),
            process.overload(),
            clustersMayCome(resources)));
  }

  /** Clusters of which some have come or gone, so that others have moved. */
  private static Clusters placed(Reuse.Parts<ClusterConfig> parts, Reuse.Pass pass) {
    List<ClusterConfig> clusters = parts.all();
    for (int i = 0; i < clusters.size(); i++) {
      if (clusters.get(i).index() != i) {
        clusters.set(i, clusters.get(i).at(i));
        pass.replace(ResourceType.CLUSTER, i, clusters.get(i));
      }
    }
    return Clusters.of(clusters);
  }

  private @Nullable ClusterConfig cluster(
      Cluster proto, int place, Compilation compilation, Scope scope) {
    ClusterConfig compiled = ClusterCompiler.compile(proto, place, compilation, scope);
    if (compiled != null) {
      extensions.checks().forEach(check -> check.check(compiled, scope));
    }
    return compiled;
  }

  private <M extends Message> void checkFields(ResourceType<M> type, Reuse.Pass pass) {
    take(type, Boolean.class, pass, (offered, place, compilation, scope) -> true);
  }

  /** Makes a part of a resource whose fields are in order, or null. */
  @FunctionalInterface
  private interface PartCompiler<M extends Message, T> {
    @Nullable T compile(Offered<M> offered, int place, Compilation compilation, Scope scope);
  }

  /**
   * What the compiler of its type makes of each resource, which is held against the table first.
   */
  private <M extends Message, T> Reuse.Parts<T> take(
      ResourceType<M> type, Class<T> of, Reuse.Pass pass, PartCompiler<M, T> compiler) {
    return pass.take(
        type,
        of,
        checked::now,
        (offered, place, neighbours, errors) ->
            compiler.compile(
                offered, place, compilation(neighbours), new Scope(offered.path(), errors)));
  }

  private @Nullable ProcessConfig process(Reuse.Pass pass) {
    return pass.process(
        ProcessConfig.class,
        (process, errors) -> {
          FieldCheck check = new FieldCheck(table, types, errors);
          check.check(process, "");
          return check.observed();
        },
        (process, place, neighbours, errors) ->
            ProcessConfig.compile(process, compilation(neighbours), new Scope("", errors)));
  }

  private List<ListenerConfig> listeners(
      @Nullable ProcessConfig process, Reuse.Pass pass, ConfigErrors errors) {
    List<ListenerConfig> listeners = new ArrayList<>();
    AddressClaims claims = new AddressClaims();
    if (process != null) {
      claims.add(process.admin().address(), true, "admin");
    }
    for (Placed each :
        take(ResourceType.LISTENER, Placed.class, pass, ConfigCompiler::placed).all()) {
      ListenerConfig listener = each.listener();
      claim(listener, each.path(), claims, new Scope(each.path(), errors));
      listeners.add(listener);
    }
    return listeners;
  }

  /** A listener, and where it stands. */
  private record Placed(String path, ListenerConfig listener) {}

  private static @Nullable Placed placed(
      Offered<Listener> offered, int place, Compilation compilation, Scope scope) {
    ListenerConfig listener = ListenerCompiler.compile(offered.message(), compilation, scope);
    return listener == null ? null : new Placed(offered.path(), listener);
  }

  private static void claim(
      ListenerConfig listener, String path, AddressClaims claims, Scope scope) {
    List<NetworkAddress> addresses = listener.allAddresses();
    for (int i = 0; i < addresses.size(); i++) {
      claims.add(
          addresses.get(i),
          listener.bindToPort(),
          path,
          i == 0 ? scope : scope.field("additional_addresses", i - 1));
    }
  }
}
