package io.handfast.k8s.controlplane.source;

import io.handfast.proxy.server.ConfigCheck;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import java.util.Collection;
import java.util.List;

/** Asks the code that a sidecar asks: what it would refuse is refused before it is sent. */
public final class SidecarValidator implements ResourceValidator {
  private final ConfigCheck.Resources check = ConfigCheck.resources();

  @Override
  public TypeRegistry types() {
    return check.types();
  }

  @Override
  public ResourceSet none() {
    return check.none();
  }

  @Override
  public List<ConfigError> check(ResourceSet all, Collection<ResourceName> changed) {
    return check.check(all, changed);
  }
}
