package io.handfast.k8s.controlplane.source;

import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.store.ResourceSet;
import java.util.Collection;
import java.util.List;

/** Whether resources can be served. Confined to one thread at a time. */
public interface ResourceValidator {

  /** The messages that may stand in an {@code Any}. */
  TypeRegistry types();

  /** No resources: what to add them to. */
  ResourceSet none();

  /**
   * Everything that is wrong with them; each path begins with that of a resource.
   *
   * @param all of them, made of {@link #none}
   * @param changed those that were not among what was found right before
   */
  List<ConfigError> check(ResourceSet all, Collection<ResourceName> changed);
}
