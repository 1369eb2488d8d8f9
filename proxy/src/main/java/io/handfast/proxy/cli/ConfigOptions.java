package io.handfast.proxy.cli;

import io.handfast.xds.bootstrap.BootstrapSource;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the configuration comes from: the same for {@code proxy} and {@code validate}. */
final class ConfigOptions {

  @Option(
      names = {"-c", "--config-path"},
      paramLabel = "FILE",
      description = "Envoy v3 bootstrap: YAML, JSON (.json) or protobuf text (.pb_text).")
  private @Nullable Path configPath;

  @Option(
      names = "--config-yaml",
      paramLabel = "YAML",
      description = "Bootstrap as YAML, merged over the file's: scalars replace, lists append.")
  private @Nullable String configYaml;

  @Option(names = "--service-node", paramLabel = "ID", description = "Takes the place of node.id.")
  private @Nullable String serviceNode;

  @Option(
      names = "--service-cluster",
      paramLabel = "NAME",
      description = "Takes the place of node.cluster.")
  private @Nullable String serviceCluster;

  @Option(
      names = "--service-zone",
      paramLabel = "ZONE",
      description = "Takes the place of node.locality.zone.")
  private @Nullable String serviceZone;

  BootstrapSource source() {
    return new BootstrapSource(
        Optional.ofNullable(configPath),
        Optional.ofNullable(configYaml),
        Optional.ofNullable(serviceNode),
        Optional.ofNullable(serviceCluster),
        Optional.ofNullable(serviceZone));
  }

  /** What messages call the configuration. */
  String title() {
    return configPath == null ? "--config-yaml" : configPath.toString();
  }
}
