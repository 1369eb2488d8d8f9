package io.handfast.proxy.config.compile.listener;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.handfast.proxy.config.FilterChainConfig;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.listener.ListenerFilterConfig;
import io.handfast.proxy.config.listener.ListenerFilterConfig.Disabled;
import io.handfast.proxy.config.listener.ListenerInspection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** {@code listener_filters} of a listener, and what goes with them. */
public final class ListenerFilterCompiler {

  private ListenerFilterCompiler() {}

  /**
   * What is inspected.
   *
   * @param chains of the listener, compiled
   * @param unpack the message in an Any; empty if there is none that is known, which is then noted
   */
  public static ListenerInspection compile(
      Listener proto,
      List<FilterChainConfig> chains,
      BiFunction<Any, Scope, Optional<Message>> unpack,
      Scope scope) {
    List<ListenerFilterConfig> filters = new ArrayList<>();
    for (int i = 0; i < proto.getListenerFiltersCount(); i++) {
      ListenerFilterConfig filter =
          filter(proto.getListenerFilters(i), unpack, scope.field("listener_filters", i));
      if (filter != null) {
        filters.add(filter);
      }
    }
    boolean inspects =
        filters.stream().anyMatch(ListenerFilterConfig.TlsInspector.class::isInstance);
    if (!inspects && chains.stream().anyMatch(chain -> chain.match().needsTlsInspector())) {
      // As in Envoy: such a chain could match nothing.
      filters.add(new ListenerFilterConfig.TlsInspector(Disabled.NEVER));
    }
    Duration timeout =
        scope
            .field("listener_filters_timeout")
            .duration(
                proto.hasListenerFiltersTimeout(),
                proto.getListenerFiltersTimeout(),
                ListenerInspection.DEFAULT_TIMEOUT);
    return new ListenerInspection(filters, timeout, proto.getContinueOnListenerFiltersTimeout());
  }

  private static @Nullable ListenerFilterConfig filter(
      ListenerFilter proto, BiFunction<Any, Scope, Optional<Message>> unpack, Scope scope) {
    Scope here = scope.field("typed_config");
    if (!proto.hasTypedConfig() || proto.getTypedConfig().equals(Any.getDefaultInstance())) {
      here.error("missing (expected: the configuration of the filter)");
      return null;
    }
    Optional<Message> config = unpack.apply(proto.getTypedConfig(), here);
    if (config.isEmpty()) {
      return null;
    }
    Disabled disabled =
        proto.hasFilterDisabled() ? disabled(proto.getFilterDisabled()) : Disabled.NEVER;
    return switch (config.get()) {
      case OriginalDst _ -> new ListenerFilterConfig.OriginalDst(disabled);
      case TlsInspector _ -> new ListenerFilterConfig.TlsInspector(disabled);
      case HttpInspector _ -> new ListenerFilterConfig.HttpInspector(disabled);
      default -> {
        here.error(
            config.get().getDescriptorForType().getFullName(),
            "an OriginalDst, TlsInspector or HttpInspector");
        yield null;
      }
    };
  }

  private static Disabled disabled(ListenerFilterChainMatchPredicate proto) {
    return switch (proto.getRuleCase()) {
      case OR_MATCH -> new Disabled.Any(all(proto.getOrMatch()));
      case AND_MATCH -> new Disabled.All(all(proto.getAndMatch()));
      case NOT_MATCH -> new Disabled.Not(disabled(proto.getNotMatch()));
      case ANY_MATCH -> new Disabled.All(List.of());
      case DESTINATION_PORT_RANGE ->
          new Disabled.Ports(
              proto.getDestinationPortRange().getStart(), proto.getDestinationPortRange().getEnd());
      case RULE_NOT_SET -> Disabled.NEVER;
    };
  }

  private static List<Disabled> all(ListenerFilterChainMatchPredicate.MatchSet proto) {
    return proto.getRulesList().stream().map(ListenerFilterCompiler::disabled).toList();
  }
}
