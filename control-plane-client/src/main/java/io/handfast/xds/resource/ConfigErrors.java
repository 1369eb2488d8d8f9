package io.handfast.xds.resource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects everything that is wrong, so that a user mends a file in one round. Confined to the
 * thread that checks.
 *
 * <p>A later stage often stumbles over what an earlier one has named already: only the first error
 * of a path is kept.
 */
public final class ConfigErrors {

  /**
   * Bound of what is kept; a file with more errors than a reader will read is one error in itself.
   */
  public static final int MAX_ERRORS = 1000;

  private final List<ConfigError> errors = new ArrayList<>();
  private final Set<String> paths = new HashSet<>();

  /** Notes a problem of the field at that path. */
  public void add(String path, String problem) {
    if (errors.size() < MAX_ERRORS && paths.add(path)) {
      errors.add(new ConfigError(path, problem));
    }
  }

  /** Notes {@code value (expected: …)}. */
  public void add(String path, Object value, String expected) {
    add(path, value + " (expected: " + expected + ")");
  }

  /** Notes problems that were found elsewhere. */
  public void addAll(List<ConfigError> others) {
    others.forEach(error -> add(error.path(), error.problem()));
  }

  /** Whether nothing is wrong so far. */
  public boolean isEmpty() {
    return errors.isEmpty();
  }

  /** What is wrong so far, in the order in which it was found. */
  public List<ConfigError> list() {
    return List.copyOf(errors);
  }

  /**
   * Ends a check.
   *
   * @throws InvalidConfigException if anything is wrong
   */
  public void throwIfAny() throws InvalidConfigException {
    if (!errors.isEmpty()) {
      throw new InvalidConfigException(list());
    }
  }
}
