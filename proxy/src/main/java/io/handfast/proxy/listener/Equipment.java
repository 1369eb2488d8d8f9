package io.handfast.proxy.listener;

import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.AccessLog;
import java.util.List;

/**
 * What a listener's configuration was made into. Immutable.
 *
 * @param chains of {@link ListenerConfig#allFilterChains}, in that order
 * @param logs told of every connection
 */
record Equipment(List<ActiveChain> chains, List<AccessLog> logs) {
  Equipment {
    chains = List.copyOf(chains);
    logs = List.copyOf(logs);
  }
}
