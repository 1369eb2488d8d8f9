package io.handfast.proxy.server;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.xds.DiscoverySettings;
import io.handfast.proxy.xds.StaticChannels;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.store.Compiled;
import java.util.Optional;

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
}
