package io.handfast.proxy.server;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.config.compile.tls.Secrets;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.xds.DiscoverySettings;
import io.handfast.proxy.xds.StaticChannels;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.Compiled;
import io.handfast.xds.store.ResourceSet;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A configuration looked at with everything this proxy knows, and not used. */
public final class ConfigCheck {

  private ConfigCheck() {}

  /** Everything that is wrong with it; reads files. */
  public static Compiled<ConfigSnapshot> check(BootstrapSource source) {
    return check(source, Ambient.system());
  }

  private static Compiled<ConfigSnapshot> check(BootstrapSource source, Ambient ambient) {
    ConfigLoader loader = new ConfigLoader(ProxyExtensions.all());
    Compiled<ConfigSnapshot> compiled = loader.validate(source);
    ConfigErrors errors = new ConfigErrors();
    compiled
        .snapshot()
        .ifPresent(snapshot -> {
          TlsContexts.check(TlsPlaces.of(snapshot), ambient.epochMillis().getAsLong(), errors);
          DiscoverySettings.compile(
              loader.process(source), StaticChannels.unused(snapshot), errors);
        });
    return errors.isEmpty()
        ? compiled
        : new Compiled<>(Optional.empty(), errors.list(), compiled.observed(), compiled.warnings());
  }

  /** For a control plane, which would rather know before its sidecars do. */
  public static Resources resources() {
    return new Resources(new ConfigLoader(ProxyExtensions.ofResources()), Ambient.system());
  }

  /**
   * What a sidecar would say to the resources of a control plane before it acknowledged them.
   * Remembers what it has made of the last ones, so that little is made anew. Confined to one
   * thread at a time; reads no files, for those that resources name are on another machine.
   */
  public static final class Resources {

    /** A sidecar to which nothing is wanting that a resource may need of its bootstrap. */
    private static final String BOOTSTRAP =
        """
        node: { id: any, cluster: any }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        dynamic_resources:
          cds_config: { ads: {}, resource_api_version: V3 }
          lds_config: { ads: {}, resource_api_version: V3 }
        bootstrap_extensions:
        - name: handfast.transaction_manager
          typed_config:
            "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
            service_name: any
            store: { journal: { directory: any } }
            control: { address: 127.0.0.1, port: 0 }
            control_trust: PLAINTEXT
            local_cluster: any
        """;

    private final ConfigLoader loader;
    private final Ambient ambient;

    private Resources(ConfigLoader loader, Ambient ambient) {
      this.loader = loader;
      this.ambient = ambient;
    }

    /** The messages that may stand in an {@code Any}. */
    public TypeRegistry types() {
      return loader.types();
    }

    /** None yet: what to add resources to. */
    public ResourceSet none() {
      return ResourceSet.of(loader.process(BootstrapSource.ofYaml(BOOTSTRAP)));
    }

    /**
     * Everything that is wrong with them, each by itself and all together.
     *
     * @param all what a sidecar would hold, made of {@link #none}
     * @param changed those that were not among what was found right before
     */
    public List<ConfigError> check(ResourceSet all, Collection<ResourceName> changed) {
      ConfigErrors errors = new ConfigErrors();
      changed.forEach(name -> check(name.type(), name.name(), all, errors));
      errors.addAll(loader.compiler().compile(1, all).errors());
      return errors.list();
    }

    private void check(ResourceType<?> type, String name, ResourceSet all, ConfigErrors errors) {
      Offered<?> offered = all.find(type, name).orElse(null);
      if (offered == null) {
        return;
      }
      // Whom it stands beside is looked at with all of them together.
      List<ConfigError> found = loader.check(type, offered, all, Stream::empty);
      errors.addAll(found);
      if (found.isEmpty() && offered.message() instanceof Secret secret) {
        Scope scope = new Scope(offered.path(), errors);
        Secrets.Parts parts = Secrets.parts(secret, scope);
        TlsContexts.check(
            scope,
            parts
                .certificate()
                .filter(it -> isHere(it.chain()) && isHere(it.privateKey()))
                .filter(it -> it.password().stream().allMatch(Resources::isHere)),
            parts.validation().filter(it -> it.trustedCa().stream().allMatch(Resources::isHere)),
            ambient.epochMillis().getAsLong());
      }
    }

    private static boolean isHere(TlsSource source) {
      return source instanceof TlsSource.Inline;
    }
  }
}
