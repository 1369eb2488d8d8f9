package io.handfast.proxy.transaction;

import com.google.protobuf.Message;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.transaction.v1.Trust;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses the HTTP filter {@code handfast.transaction} and what routes say to it. Immutable. */
public final class FilterParser implements HttpFilterParser {

  @Override
  public Message type() {
    return Transaction.getDefaultInstance();
  }

  @Override
  public List<Message> perRouteTypes() {
    return List.of(TransactionPerRoute.getDefaultInstance());
  }

  @Override
  public @Nullable Object parse(Message config, TrafficDirection direction, Scope scope) {
    boolean trustsAnybody = ((Transaction) config).getTrust() == Trust.PLAINTEXT;
    return switch (direction) {
      case INBOUND -> new FilterConfig(true, trustsAnybody);
      case OUTBOUND -> new FilterConfig(false, false);
      case UNSPECIFIED -> {
        scope.error(
            "handfast.transaction on a listener without traffic_direction (expected:"
                + " traffic_direction: INBOUND towards the local service, or OUTBOUND from it)");
        yield null;
      }
    };
  }

  @Override
  public @Nullable Object parsePerRoute(Message config, TrafficDirection direction, Scope scope) {
    return RoutePolicyParser.parse((TransactionPerRoute) config, direction, scope);
  }
}
