package io.handfast.xds.store;

import io.handfast.xds.resource.ConfigError;
import java.util.List;
import java.util.Optional;

/**
 * What became of an offer.
 *
 * @param snapshot there exactly if nothing is wrong
 * @param errors everything that is wrong
 * @param observed paths of fields that are set and have no effect
 * @param warnings what is legal and should be looked at, as {@code path: text}
 * @param <S> the snapshot
 */
public record Compiled<S>(
    Optional<S> snapshot, List<ConfigError> errors, List<String> observed, List<String> warnings) {

  public Compiled {
    errors = List.copyOf(errors);
    observed = List.copyOf(observed);
    warnings = List.copyOf(warnings);
    if (snapshot.isPresent() != errors.isEmpty()) {
      throw new IllegalArgumentException(
          "snapshot: "
              + (snapshot.isPresent() ? "present" : "absent")
              + " (expected: present exactly without errors)");
    }
  }
}
