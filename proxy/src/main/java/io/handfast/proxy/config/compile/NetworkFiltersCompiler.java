package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code filters} of a filter chain. */
final class NetworkFiltersCompiler {

  private NetworkFiltersCompiler() {}

  /** Those that do something, as far as they are right. */
  static List<NetworkFilterConfig> compile(
      List<Filter> protos, Compilation compilation, Scope scope) {
    List<NetworkFilterConfig> filters = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      boolean last = i == protos.size() - 1;
      compile(protos.get(i), last, compilation, scope.field("filters", i)).ifPresent(filters::add);
    }
    if (protos.isEmpty()) {
      scope
          .field("filters")
          .error("[] (expected: at least a terminal one, such as the HTTP connection manager)");
    }
    return filters;
  }

  private static Optional<NetworkFilterConfig> compile(
      Filter proto, boolean last, Compilation compilation, Scope scope) {
    Scope here = scope.field("typed_config");
    if (!proto.hasTypedConfig() || proto.getTypedConfig().equals(Any.getDefaultInstance())) {
      here.error("missing (expected: the configuration of the filter)");
      return Optional.empty();
    }
    Optional<Message> config = compilation.unpack(proto.getTypedConfig(), here);
    if (config.isEmpty()) {
      return Optional.empty();
    }
    if (config.get() instanceof HttpConnectionManager http) {
      checkPlace(true, last, proto, scope);
      return Optional.ofNullable(HttpConnectionManagerCompiler.compile(http, compilation, here));
    }
    Optional<NetworkFilterParser> parser =
        ExtensionTypes.networkFilter(compilation.extensions(), config.get());
    if (parser.isEmpty()) {
      here.error(
          ExtensionTypes.nameOf(config.get()), "a network filter: one of " + known(compilation));
      return Optional.empty();
    }
    checkPlace(parser.get().terminal(), last, proto, scope);
    return parser.get().observes()
        ? Optional.empty()
        : Optional.ofNullable(parser.get().parse(config.get(), compilation, here));
  }

  private static void checkPlace(boolean terminal, boolean last, Filter proto, Scope scope) {
    if (last && !terminal) {
      scope
          .field("name")
          .error(
              proto.getName(),
              "the last filter is a terminal one, such as the HTTP connection manager or tcp_proxy");
    } else if (!last && terminal) {
      scope.field("name").error(proto.getName(), "a terminal filter stands last");
    }
  }

  private static List<String> known(Compilation compilation) {
    return Stream.concat(
            Stream.of(HttpConnectionManager.getDescriptor().getFullName()),
            compilation.extensions().networkFilters().stream()
                .map(parser -> ExtensionTypes.nameOf(parser.type())))
        .sorted()
        .toList();
  }
}
