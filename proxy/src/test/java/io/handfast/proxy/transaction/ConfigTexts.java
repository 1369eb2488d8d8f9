package io.handfast.proxy.transaction;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.transaction.manager.ManagerParser;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.xds.resource.ConfigErrors;
import org.jspecify.annotations.Nullable;

/** Text of the configuration, and what the parsers make of it. For one test. */
final class ConfigTexts {
  /** A store, as every manager has one. */
  static final String JOURNAL = "store { journal { directory: '/var/lib/hf' } }";

  /** As little as a manager needs. */
  static final String SOUND = "service_name: 'bank' control_trust: PLAINTEXT control {} " + JOURNAL;

  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder().add(CommonTlsContext.getDescriptor()).build();

  final ConfigErrors errors = new ConfigErrors();

  /** A transaction manager; null where {@link #errors} say why. */
  @Nullable Object manager(String text) {
    return new ManagerParser().parse(parse(text, TransactionManager.newBuilder()), scope("here"));
  }

  /** What stands on a route; null where {@link #errors} say why. */
  @Nullable RoutePolicy route(String text, TrafficDirection direction) {
    return (RoutePolicy)
        new FilterParser()
            .parsePerRoute(parse(text, TransactionPerRoute.newBuilder()), direction, scope("here"));
  }

  Scope scope(String path) {
    return new Scope(path, errors);
  }

  static Message parse(String text, Message.Builder builder) {
    try {
      TextFormat.Parser.newBuilder().setTypeRegistry(TYPES).build().merge(text, builder);
      return builder.build();
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(new InvalidProtocolBufferException(e.getMessage()));
    }
  }
}
