package io.handfast.xds.bootstrap;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a bootstrap comes from, in the terms of the command line.
 *
 * @param file {@code --config-path}
 * @param yaml {@code --config-yaml}, merged over the file as protobuf merges: scalars replace,
 *     lists append
 * @param serviceNode {@code --service-node}, in place of {@code node.id}
 * @param serviceCluster {@code --service-cluster}, in place of {@code node.cluster}
 * @param serviceZone {@code --service-zone}, in place of {@code node.locality.zone}
 */
public record BootstrapSource(
    Optional<Path> file,
    Optional<String> yaml,
    Optional<String> serviceNode,
    Optional<String> serviceCluster,
    Optional<String> serviceZone) {

  /** A file and nothing else. */
  public static BootstrapSource ofFile(Path file) {
    return new BootstrapSource(
        Optional.of(file), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A YAML text and nothing else. */
  public static BootstrapSource ofYaml(String yaml) {
    return new BootstrapSource(
        Optional.empty(), Optional.of(yaml), Optional.empty(), Optional.empty(), Optional.empty());
  }
}
