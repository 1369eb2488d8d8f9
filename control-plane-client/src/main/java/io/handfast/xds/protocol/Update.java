package io.handfast.xds.protocol;

import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.util.List;
import java.util.Set;

/**
 * What a response changes.
 *
 * @param stream which stream of the machine it came by, counted from 1
 * @param nonce what its answer names
 * @param version of the response
 * @param changed what is new or may be, each name once
 * @param removed what is no longer there
 * @param faults what could not be read; its errors join those of {@link Event.Applied}
 * @param first whether nothing of this type has been answered before
 */
public record Update(
    ResourceType<?> type,
    long stream,
    String nonce,
    String version,
    List<Received> changed,
    Set<String> removed,
    List<ResourceFault> faults,
    boolean first) {

  public Update {
    changed = List.copyOf(changed);
    removed = Set.copyOf(removed);
    faults = List.copyOf(faults);
  }

  /** Whether there is nothing in it to look at. */
  boolean isEmpty() {
    return changed.isEmpty() && removed.isEmpty() && faults.isEmpty();
  }
}
