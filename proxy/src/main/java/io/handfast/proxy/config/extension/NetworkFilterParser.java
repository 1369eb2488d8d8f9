package io.handfast.proxy.config.extension;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkFilterConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses the configurations of one network filter. Immutable; a function of its arguments, for a
 * configuration that is only checked is parsed too.
 */
public interface NetworkFilterParser {

  /** What a parser may ask about the configuration that its filter stands in. */
  interface Surroundings {
    /** Of the listener. */
    TrafficDirection direction();

    /** Whether a filter may send traffic to a cluster of that name: it is there, or may come. */
    boolean mayName(String cluster);

    /** Parses the field {@code access_log} of the message at hand. */
    List<AccessLogConfig> accessLogs(List<AccessLog> protos, Scope scope);
  }

  /**
   * The default instance of the message in {@code typed_config}; the key by which the parser is
   * found.
   */
  Message type();

  /** Whether the filter ends the chain. Exactly the last one does. */
  default boolean terminal() {
    return false;
  }

  /** Whether the filter only observes, so that traffic is the same without it. */
  default boolean observes() {
    return false;
  }

  /**
   * Parses a {@code typed_config}; not called if the filter only observes.
   *
   * @param config of the type of {@link #type()}
   * @return what the data path uses; null if something is wrong, which has been noted in the scope
   */
  @Nullable NetworkFilterConfig parse(Message config, Surroundings surroundings, Scope scope);

  /**
   * A filter that only observes what we do not: it is accepted and left out.
   *
   * @param type of its configuration
   */
  static NetworkFilterParser observing(Message type) {
    return new NetworkFilterParser() {
      @Override
      public Message type() {
        return type;
      }

      @Override
      public boolean observes() {
        return true;
      }

      @Override
      public @Nullable NetworkFilterConfig parse(
          Message config, Surroundings surroundings, Scope scope) {
        return null;
      }
    };
  }
}
