package io.handfast.xds.tree;

import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.Set;

/** Asks the sources; {@code XdsClient.subscribe} for that of aggregated discovery. */
@FunctionalInterface
public interface Subscriber {

  /**
   * Those names of a type are wanted of that source, all of them; none is the end of it.
   *
   * @param source without its timeout; {@link ResourceTree#ADS} is the stream for everything
   * @param fetchTimeout {@code initial_fetch_timeout}; zero waits for ever
   */
  void subscribe(
      ConfigSource source, ResourceType<?> type, Set<String> names, Duration fetchTimeout);
}
