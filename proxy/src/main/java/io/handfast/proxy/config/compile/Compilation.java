package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.compile.discovery.Neighbours;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.TypeRegistry;
import java.util.List;
import java.util.Optional;

/**
 * What one compilation knows beside the message at hand.
 *
 * @param extensions parsers of what others own
 * @param types messages that may stand in an {@code Any}
 * @param neighbours the other resources
 * @param direction of the listener at hand
 */
record Compilation(
    Extensions extensions, TypeRegistry types, Neighbours neighbours, TrafficDirection direction)
    implements NetworkFilterParser.Surroundings {

  Compilation withDirection(TrafficDirection of) {
    return new Compilation(extensions, types, neighbours, of);
  }

  @Override
  public boolean mayName(String cluster) {
    return !neighbours.needsClusters() || neighbours.hasCluster(cluster);
  }

  @Override
  public List<AccessLogConfig> accessLogs(List<AccessLog> protos, Scope scope) {
    return AccessLogCompiler.compile(protos, this, scope);
  }

  /** The message in the Any; empty if there is none that we know, which has then been noted. */
  Optional<Message> unpack(Any any, Scope scope) {
    return types.unpack(any, scope.path(), scope.errors());
  }

  /** The message in the Any, if it is of that type; else empty, which has been noted. */
  <M extends Message> Optional<M> unpack(Any any, Class<M> type, Scope scope) {
    Optional<Message> message = unpack(any, scope);
    if (message.isPresent() && !type.isInstance(message.get())) {
      scope.error(TypeRegistry.nameOf(types.typeUrlIn(any)), "a " + type.getSimpleName());
      return Optional.empty();
    }
    return message.map(type::cast);
  }
}
