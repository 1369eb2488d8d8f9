package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ExtensionConfigSource;
import io.envoyproxy.envoy.config.core.v3.TypedExtensionConfig;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.AwaitedFilterConfig;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.TypeRegistry;
import io.handfast.xds.resource.XdstpName;
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

  /** In the place of a type URL. */
  private static final String AWAITED = "awaited";

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
      Source source = source(proto, compilation, here);
      Optional<HttpFilterParser> parser = parser(source, compilation);
      parsers.add(parser);
      indexes.putIfAbsent(proto.getName(), i);
      parser.ifPresent(found ->
          checkPlace(
              found,
              proto,
              here.field("name"),
              here.path().endsWith("[" + (protos.size() - 1) + "]")));
      HttpFilterConfig filter = filter(proto, source, parser, compilation, here);
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

  /**
   * Where a filter's configuration stands.
   *
   * @param awaited the name of what a control plane has still to send; empty: it is there
   */
  private record Source(Any config, Scope scope, String awaited) {}

  private static Source source(HttpFilter proto, Compilation compilation, Scope scope) {
    if (!proto.hasConfigDiscovery()) {
      return new Source(proto.getTypedConfig(), scope.field("typed_config"), "");
    }
    ExtensionConfigSource discovery = proto.getConfigDiscovery();
    Scope here = scope.field("config_discovery");
    String name = XdstpName.normalise(proto.getName());
    Optional<Offered<TypedExtensionConfig>> found =
        compilation.neighbours().find(ResourceType.EXTENSION_CONFIG, name);
    if (found.isPresent()) {
      Any config = found.get().message().getTypedConfig();
      Scope there = new Scope(found.get().path(), scope.errors()).field("typed_config");
      if (discovery.getTypeUrlsList().stream()
          .noneMatch(url -> TypeRegistry.nameOf(url).equals(nameOf(config, compilation)))) {
        there.error(nameOf(config, compilation), "one of " + discovery.getTypeUrlsList());
      }
      return new Source(config, there, "");
    }
    return discovery.hasDefaultConfig()
        ? new Source(discovery.getDefaultConfig(), here.field("default_config"), "")
        : new Source(Any.getDefaultInstance(), here, name);
  }

  private static String nameOf(Any config, Compilation compilation) {
    return TypeRegistry.nameOf(compilation.types().typeUrlIn(config));
  }

  /**
   * What is wrong with the configuration of a filter that no listener may have asked for yet: it
   * has to be right for one kind of listener.
   */
  static void check(TypedExtensionConfig proto, Compilation compilation, Scope scope) {
    ConfigErrors first = new ConfigErrors();
    for (TrafficDirection direction :
        List.of(TrafficDirection.INBOUND, TrafficDirection.OUTBOUND)) {
      ConfigErrors errors = new ConfigErrors();
      Scope here = new Scope(scope.path(), errors).field("typed_config");
      Source source = new Source(proto.getTypedConfig(), here, "");
      parser(source, compilation)
          .ifPresent(parser -> parse(source, parser, compilation, direction));
      if (errors.isEmpty()) {
        return;
      }
      if (first.isEmpty()) {
        first.addAll(errors.list());
      }
    }
    scope.errors().addAll(first.list());
  }

  private static @Nullable Object parse(
      Source source, HttpFilterParser parser, Compilation compilation, TrafficDirection direction) {
    return compilation
        .unpack(source.config(), source.scope())
        .map(message -> parser.parse(message, direction, source.scope()))
        .orElse(null);
  }

  private static Optional<HttpFilterParser> parser(Source source, Compilation compilation) {
    Scope here = source.scope();
    if (!source.awaited().isEmpty()) {
      return Optional.empty();
    }
    if (source.config().equals(Any.getDefaultInstance())) {
      here.error("missing (expected: the configuration of the filter)");
      return Optional.empty();
    }
    Optional<Message> config = compilation.unpack(source.config(), here);
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
      HttpFilter proto,
      Source source,
      Optional<HttpFilterParser> parser,
      Compilation compilation,
      Scope scope) {
    if (!source.awaited().isEmpty()) {
      AwaitedFilterConfig awaited = new AwaitedFilterConfig(source.awaited());
      return scope.build(
          () -> new HttpFilterConfig(proto.getName(), AWAITED, awaited, proto.getDisabled()));
    }
    if (parser.isEmpty()) {
      return null;
    }
    Object config = parse(source, parser.get(), compilation, compilation.direction());
    if (config == null) {
      return null;
    }
    return scope.build(() ->
        new HttpFilterConfig(
            proto.getName(),
            compilation.types().typeUrlIn(source.config()),
            config,
            proto.getDisabled()));
  }
}
