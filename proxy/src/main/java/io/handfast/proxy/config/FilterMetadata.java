package io.handfast.proxy.config;

import java.util.Map;
import java.util.Optional;

/**
 * What a cluster says to filters ({@code envoy.config.core.v3.Metadata}), already parsed by them
 * when the snapshot was compiled.
 *
 * @param byName by the filter's metadata name, such as {@code handfast.transaction}
 */
public record FilterMetadata(Map<String, Object> byName) {

  public static final FilterMetadata NONE = new FilterMetadata(Map.of());

  public FilterMetadata {
    byName = Map.copyOf(byName);
  }

  /** What the cluster says under that name, if it is there and of that type. */
  public <T> Optional<T> get(String name, Class<T> type) {
    return Optional.ofNullable(byName.get(name)).filter(type::isInstance).map(type::cast);
  }
}
