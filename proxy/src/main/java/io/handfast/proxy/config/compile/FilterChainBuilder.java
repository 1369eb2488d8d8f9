package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code http_filters} of one connection manager: what was parsed, and who parses what routes say
 * to them. Immutable once made.
 *
 * @param filters as far as they are right
 * @param parsers by the filter's index in {@code http_filters}, null where there is none
 * @param indexes by the filter's name
 * @param lenient whether routes may speak to filters that are not here
 */
record FilterChainBuilder(
    List<HttpFilterConfig> filters,
    List<Optional<HttpFilterParser>> parsers,
    Map<String, Integer> indexes,
    boolean lenient) {

  /** No filter that anybody knows of: for a route table that is only looked at. */
  static final FilterChainBuilder UNKNOWN =
      new FilterChainBuilder(List.of(), List.of(), Map.of(), true);

  FilterChainBuilder {
    filters = List.copyOf(filters);
    parsers = List.copyOf(parsers);
    indexes = Map.copyOf(indexes);
  }

  static FilterChainBuilder of(List<HttpFilter> protos, Compilation compilation, Scope scope) {
    List<HttpFilterConfig> filters = new ArrayList<>();
    List<Optional<HttpFilterParser>> parsers = new ArrayList<>();
    Map<String, Integer> indexes = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < protos.size(); i++) {
      HttpFilter proto = protos.get(i);
      Scope here = scope.field("http_filters", i);
      if (!proto.getName().isEmpty() && !names.add(proto.getName())) {
        here.field("name")
            .error(proto.getName(), "a name of its own in the chain, for routes refer to it");
      }
      Optional<HttpFilterParser> parser = parser(proto, compilation, here);
      parsers.add(parser);
      indexes.putIfAbsent(proto.getName(), i);
      parser.ifPresent(found ->
          checkPlace(
              found,
              proto,
              here.field("name"),
              here.path().endsWith("[" + (protos.size() - 1) + "]")));
      HttpFilterConfig filter = filter(proto, parser, compilation, here);
      if (filter != null) {
        filters.add(filter);
      }
    }
    if (protos.isEmpty()) {
      scope
          .field("http_filters")
          .error("[] (expected: at least the router, envoy.filters.http.router)");
    }
    return new FilterChainBuilder(filters, parsers, indexes, false);
  }

  /** The same, for a route table that other chains use too. */
  FilterChainBuilder shared() {
    return new FilterChainBuilder(filters, parsers, indexes, true);
  }

  private static void checkPlace(
      HttpFilterParser parser, HttpFilter proto, Scope name, boolean last) {
    if (last && !parser.terminal()) {
      name.error(proto.getName(), "the last filter is the router, envoy.filters.http.router");
    } else if (!last && parser.terminal()) {
      name.error(proto.getName(), "the router stands last");
    } else if (last && proto.getDisabled()) {
      name.error(proto.getName() + " is disabled", "the last filter is enabled");
    }
  }

  private static Optional<HttpFilterParser> parser(
      HttpFilter proto, Compilation compilation, Scope scope) {
    Scope here = scope.field("typed_config");
    if (!proto.hasTypedConfig() || proto.getTypedConfig().equals(Any.getDefaultInstance())) {
      here.error("missing (expected: the configuration of the filter)");
      return Optional.empty();
    }
    Optional<Message> config = compilation.unpack(proto.getTypedConfig(), here);
    if (config.isEmpty()) {
      return Optional.empty();
    }
    Optional<HttpFilterParser> parser =
        ExtensionTypes.httpFilter(compilation.extensions(), config.get());
    if (parser.isEmpty()) {
      if (config.get() instanceof LocalRateLimit limit && !limit.hasTokenBucket()) {
        here.field("token_bucket")
            .error("missing (expected: a bucket; without, nothing is limited)");
      }
      here.error(
          config.get().getDescriptorForType().getFullName()
              + " is not an HTTP filter (expected: one of "
              + compilation.extensions().httpFilters().stream()
                  .map(known -> known.type().getDescriptorForType().getFullName())
                  .sorted()
                  .toList()
              + ")");
    }
    return parser;
  }

  private static @Nullable HttpFilterConfig filter(
      HttpFilter proto, Optional<HttpFilterParser> parser, Compilation compilation, Scope scope) {
    if (parser.isEmpty()) {
      return null;
    }
    Scope here = scope.field("typed_config");
    Object config =
        compilation
            .unpack(proto.getTypedConfig(), here)
            .map(message -> parser.get().parse(message, compilation.direction(), here))
            .orElse(null);
    if (config == null) {
      return null;
    }
    return scope.build(() ->
        new HttpFilterConfig(
            proto.getName(), proto.getTypedConfig().getTypeUrl(), config, proto.getDisabled()));
  }
}
