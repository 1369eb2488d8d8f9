package io.handfast.xds.resource;

/**
 * One thing that is wrong with a configuration.
 *
 * @param path of the field, such as {@code static_resources.listeners[0].name}; empty for the whole
 *     document
 * @param problem what is there and what was expected
 */
public record ConfigError(String path, String problem) {

  /** {@code path: problem}. */
  @Override
  public String toString() {
    return path.isEmpty() ? problem : path + ": " + problem;
  }
}
