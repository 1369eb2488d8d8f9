package io.handfast.proxy.config.listener;

import java.time.Duration;
import java.util.List;

/**
 * What is found out about a connection before its filter chain is chosen. Immutable.
 *
 * @param filters in their order
 * @param timeout of all of them together; zero: none
 * @param continueOnTimeout choose by what is known when the time is up, instead of closing
 */
public record ListenerInspection(
    List<ListenerFilterConfig> filters, Duration timeout, boolean continueOnTimeout) {

  /** Envoy's default of {@code listener_filters_timeout}. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  /** Nothing is looked at. */
  public static final ListenerInspection NONE =
      new ListenerInspection(List.of(), DEFAULT_TIMEOUT, false);

  public ListenerInspection {
    filters = List.copyOf(filters);
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "listener_filters_timeout: " + timeout + " (expected: >= 0)");
    }
  }
}
