package io.handfast.proxy.config;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The effective {@code typed_per_filter_config} of a route, by the index of the filter in its
 * chain. The most specific one has won already: weighted cluster, route, virtual host, route table.
 * Immutable.
 */
public final class PerFilterConfigs {

  /** No filter has a configuration of its own. */
  public static final PerFilterConfigs NONE = new PerFilterConfigs(new Object[0], new Boolean[0]);

  private final @Nullable Object[] configs;
  private final @Nullable Boolean[] disabled;

  private PerFilterConfigs(@Nullable Object[] configs, @Nullable Boolean[] disabled) {
    this.configs = configs;
    this.disabled = disabled;
  }

  /**
   * Wraps what one route says.
   *
   * @param configs by filter index, null where the filter has none; copied
   * @param disabled by filter index, null where the route does not say; copied
   */
  public static PerFilterConfigs of(@Nullable Object[] configs, @Nullable Boolean[] disabled) {
    if (configs.length != disabled.length) {
      throw new IllegalArgumentException(
          "disabled: " + disabled.length + " (expected: " + configs.length + " entries)");
    }
    return new PerFilterConfigs(configs.clone(), disabled.clone());
  }

  /** The filter's configuration here, or null if it has none. */
  public @Nullable Object get(int filterIndex) {
    return filterIndex < configs.length ? configs[filterIndex] : null;
  }

  /** Whether the filter is off here; what the filter itself says if the route says nothing. */
  public boolean isDisabled(int filterIndex, boolean filterDefault) {
    Boolean here = filterIndex < disabled.length ? disabled[filterIndex] : null;
    return here == null ? filterDefault : here;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PerFilterConfigs that
        && Arrays.equals(configs, that.configs)
        && Arrays.equals(disabled, that.disabled);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(configs) + Arrays.hashCode(disabled);
  }

  @Override
  public String toString() {
    return "PerFilterConfigs" + Arrays.toString(configs);
  }
}
