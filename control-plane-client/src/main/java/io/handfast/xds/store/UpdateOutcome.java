package io.handfast.xds.store;

import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceName;
import java.util.List;
import java.util.Map;

/**
 * What became of an update.
 *
 * @param snapshot what was published
 * @param resources what it was made of
 * @param rejected resources that are not in it as they were offered, with what is wrong: the last
 *     good version of each serves on, if there was one
 * @param <S> the snapshot
 */
public record UpdateOutcome<S>(
    S snapshot, ResourceSet resources, Map<ResourceName, List<ConfigError>> rejected) {

  public UpdateOutcome {
    rejected = Map.copyOf(rejected);
  }
}
