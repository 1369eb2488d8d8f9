package io.handfast.k8s.controlplane.source;

import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.xds.resource.ConfigError;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a source has. Immutable.
 *
 * @param snapshot what can be used; in place of what cannot, what was there before
 * @param refused what cannot be used and why, by the file or whatever else it stands in
 * @param warnings what can be used and should be looked at
 */
public record Findings(
    Snapshot snapshot, Map<String, List<ConfigError>> refused, List<String> warnings) {
  public Findings {
    refused = Collections.unmodifiableMap(new TreeMap<>(refused));
    warnings = List.copyOf(warnings);
  }
}
