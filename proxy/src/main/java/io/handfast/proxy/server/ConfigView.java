package io.handfast.proxy.server;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.proxy.explain.DumpedConfig;
import io.handfast.proxy.explain.Explainer;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.store.Compiled;
import java.util.Map;

/** A configuration to be asked about, compiled with everything this proxy knows; nothing runs. */
public final class ConfigView {

  private ConfigView() {}

  /**
   * What a bootstrap says; of what control planes would add it knows nothing. Reads its file, not
   * its certificates.
   *
   * @throws InvalidConfigException with everything that is wrong with it
   */
  public static Explainer of(BootstrapSource source) throws InvalidConfigException {
    return new Explainer(
        snapshot(new ConfigLoader(ProxyExtensions.all()).validate(source)), Map.of());
  }

  /**
   * What a running sidecar has in force.
   *
   * @param dump the answer to {@code /config_dump?include_eds}
   * @throws InvalidConfigException if it cannot be read, or is of another version of this proxy
   */
  public static Explainer ofDump(String dump) throws InvalidConfigException {
    ConfigLoader loader = new ConfigLoader(ProxyExtensions.all());
    DumpedConfig config = DumpedConfig.parse(dump, loader.types());
    return new Explainer(
        snapshot(loader.compiler().compile(1, config.resources())), config.endpoints());
  }

  private static ConfigSnapshot snapshot(Compiled<ConfigSnapshot> compiled)
      throws InvalidConfigException {
    if (compiled.snapshot().isEmpty()) {
      throw new InvalidConfigException(compiled.errors());
    }
    return compiled.snapshot().get();
  }
}
