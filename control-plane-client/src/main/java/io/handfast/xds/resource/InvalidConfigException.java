package io.handfast.xds.resource;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration was refused; it says all that is wrong with it. */
public final class InvalidConfigException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<ConfigError> errors;

  /** Refuses for those reasons, at least one. */
  public InvalidConfigException(List<ConfigError> errors) {
    super(errors.stream().map(ConfigError::toString).collect(Collectors.joining("\n")));
    if (errors.isEmpty()) {
      throw new IllegalArgumentException("errors: [] (expected: at least one)");
    }
    this.errors = List.copyOf(errors);
  }

  /** Refuses for one reason. */
  public InvalidConfigException(String path, String problem) {
    this(List.of(new ConfigError(path, problem)));
  }

  /** What is wrong, at least one. */
  public List<ConfigError> errors() {
    return errors;
  }
}
