package io.handfast.proxy.server;

import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.compile.ConfigLoader;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.store.Compiled;

/** A configuration looked at with everything this proxy knows, and not used. */
public final class ConfigCheck {

  private ConfigCheck() {}

  /** Everything that is wrong with it; reads files. */
  public static Compiled<ConfigSnapshot> check(BootstrapSource source) {
    return new ConfigLoader(ProxyExtensions.all()).validate(source);
  }
}
