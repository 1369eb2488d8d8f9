package io.handfast.xds.resource;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Why one resource of a response cannot be used.
 *
 * @param name of the resource; empty if it could not be read so far
 * @param errors what is wrong, at least one
 */
public record ResourceFault(String name, List<ConfigError> errors) {

  public ResourceFault {
    errors = List.copyOf(errors);
    if (errors.isEmpty()) {
      throw new IllegalArgumentException("errors: [] (expected: at least one)");
    }
  }

  /** A fault of one error. */
  public static ResourceFault of(String name, String path, String problem) {
    return new ResourceFault(name, List.of(new ConfigError(path, problem)));
  }

  /** The errors, separated by {@code "; "}. */
  @Override
  public String toString() {
    return errors.stream().map(ConfigError::toString).collect(Collectors.joining("; "));
  }
}
