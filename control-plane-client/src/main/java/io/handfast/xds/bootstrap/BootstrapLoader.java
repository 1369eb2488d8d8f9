package io.handfast.xds.bootstrap;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.TypeRegistry;

/** Reads a bootstrap. Thread-safe; reads files, so not for an event loop. */
public final class BootstrapLoader {

  private static final String FILE_OPTION = "--config-path";
  private static final String YAML_OPTION = "--config-yaml";

  private final MessageLoader messages;

  /** A loader that knows those messages in an {@code Any}. */
  public BootstrapLoader(TypeRegistry types) {
    this.messages = new MessageLoader(types);
  }

  /**
   * Reads the file, lays the YAML and the other options over it.
   *
   * @param errors takes everything that is wrong
   * @return as much as could be read
   */
  public Bootstrap load(BootstrapSource source, ConfigErrors errors) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    if (source.file().isEmpty() && source.yaml().isEmpty()) {
      errors.add(FILE_OPTION, "missing (expected: a bootstrap file, or " + YAML_OPTION + ")");
    }
    source.file().ifPresent(file -> messages.load(file, "a bootstrap file", bootstrap, errors));
    source.yaml().ifPresent(yaml -> bootstrap.mergeFrom(loadYaml(yaml, errors)));
    source.serviceNode().ifPresent(id -> bootstrap.getNodeBuilder().setId(id));
    source.serviceCluster().ifPresent(cluster -> bootstrap.getNodeBuilder().setCluster(cluster));
    source
        .serviceZone()
        .ifPresent(zone -> bootstrap.getNodeBuilder().getLocalityBuilder().setZone(zone));
    return bootstrap.build();
  }

  private Bootstrap loadYaml(String yaml, ConfigErrors errors) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    try {
      messages.merge(yaml, bootstrap, errors);
      return bootstrap.build();
    } catch (InvalidConfigException e) {
      e.errors().forEach(error -> errors.add(YAML_OPTION, error.problem()));
      return Bootstrap.getDefaultInstance();
    }
  }
}
