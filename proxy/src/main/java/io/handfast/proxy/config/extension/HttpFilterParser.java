package io.handfast.proxy.config.extension;

import com.google.protobuf.Message;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses the configurations of one HTTP filter. Immutable; a function of its arguments, for a
 * configuration that is only checked is parsed too.
 */
public interface HttpFilterParser {

  /**
   * The default instance of the message in {@code typed_config}; the key by which the parser is
   * found.
   */
  Message type();

  /** Default instances of the messages that may stand in {@code typed_per_filter_config}. */
  default List<Message> perRouteTypes() {
    return List.of();
  }

  /** Whether the filter ends the chain. Exactly the last one does. */
  default boolean terminal() {
    return false;
  }

  /**
   * Parses a {@code typed_config}.
   *
   * @param config of the type of {@link #type()}
   * @param direction of the listener
   * @return what the data path uses; null if something is wrong, which has been noted in the scope
   */
  @Nullable Object parse(Message config, TrafficDirection direction, Scope scope);

  /**
   * Parses a {@code typed_per_filter_config}.
   *
   * @param config of one of {@link #perRouteTypes()}
   * @param direction of the listener
   * @return what the data path uses; null if something is wrong, which has been noted in the scope
   */
  default @Nullable Object parsePerRoute(Message config, TrafficDirection direction, Scope scope) {
    throw new IllegalStateException(
        type().getDescriptorForType().getFullName() + " has no configuration per route");
  }
}
