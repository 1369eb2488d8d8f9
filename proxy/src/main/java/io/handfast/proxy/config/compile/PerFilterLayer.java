package io.handfast.proxy.config.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.FilterConfig;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.compile.types.ExtensionTypes;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.Names;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * {@code typed_per_filter_config} of one level (table, virtual host, route, weighted cluster), laid
 * over the level around it. Immutable.
 */
final class PerFilterLayer {

  private static final String FIELD = "typed_per_filter_config";

  private final FilterChainBuilder chain;
  private final @Nullable Object[] configs;
  private final @Nullable Boolean[] disabled;

  private PerFilterLayer(
      FilterChainBuilder chain, @Nullable Object[] configs, @Nullable Boolean[] disabled) {
    this.chain = chain;
    this.configs = configs;
    this.disabled = disabled;
  }

  /** Nothing said yet. */
  static PerFilterLayer outermost(FilterChainBuilder chain) {
    return new PerFilterLayer(
        chain, new Object[chain.parsers().size()], new Boolean[chain.parsers().size()]);
  }

  /** The level inside this one. */
  PerFilterLayer inner(Map<String, Any> protos, Compilation compilation, Scope scope) {
    if (protos.isEmpty()) {
      return this;
    }
    PerFilterLayer inner = new PerFilterLayer(chain, configs.clone(), disabled.clone());
    protos.forEach((name, any) -> inner.put(name, any, compilation, scope.entry(FIELD, name)));
    return inner;
  }

  /** What holds here. */
  PerFilterConfigs effective() {
    boolean silent =
        Arrays.stream(configs).allMatch(config -> config == null)
            && Arrays.stream(disabled).allMatch(off -> off == null);
    return silent ? PerFilterConfigs.NONE : PerFilterConfigs.of(configs, disabled);
  }

  private void put(String name, Any any, Compilation compilation, Scope scope) {
    Integer index = chain.indexes().get(name);
    if (index == null && chain.lenient()) {
      checkAlone(any, compilation, scope);
      return;
    }
    if (index == null) {
      scope.error(
          "no filter of that name in http_filters (expected: one of "
              + new TreeSet<>(chain.indexes().keySet())
              + Names.hint(name, chain.indexes().keySet())
              + ")");
      return;
    }
    Optional<Message> message = compilation.unpack(any, scope);
    Optional<HttpFilterParser> parser = chain.parsers().get(index);
    if (message.isEmpty() || parser.isEmpty()) {
      return;
    }
    if (message.get() instanceof FilterConfig wrapper) {
      putWrapped(index, wrapper, parser.get(), compilation, scope);
    } else {
      putConfig(index, message.get(), parser.get(), compilation, scope);
    }
  }

  /** What is said to a filter that is not here: it goes by its type who parses it. */
  private static void checkAlone(Any any, Compilation compilation, Scope scope) {
    Optional<Message> message = compilation.unpack(any, scope);
    if (message.isEmpty()) {
      return;
    }
    if (message.get() instanceof FilterConfig wrapper) {
      if (wrapper.hasConfig()) {
        checkAlone(wrapper.getConfig(), compilation, scope.field("config"));
      }
      return;
    }
    for (HttpFilterParser parser : compilation.extensions().httpFilters()) {
      if (takes(parser, message.get())) {
        parser.parsePerRoute(message.get(), compilation.direction(), scope);
        return;
      }
    }
    scope.error(
        message.get().getDescriptorForType().getFullName(),
        "a configuration of a filter per route");
  }

  private static boolean takes(HttpFilterParser parser, Message message) {
    return parser.perRouteTypes().stream().anyMatch(type -> ExtensionTypes.sameType(type, message));
  }

  private void putWrapped(
      int index,
      FilterConfig wrapper,
      HttpFilterParser parser,
      Compilation compilation,
      Scope scope) {
    if (wrapper.getDisabled()) {
      disabled[index] = true;
      return;
    }
    if (!wrapper.hasConfig()) {
      disabled[index] = false;
      return;
    }
    Scope here = scope.field("config");
    compilation
        .unpack(wrapper.getConfig(), here)
        .ifPresent(message -> putConfig(index, message, parser, compilation, here));
  }

  /** A configuration also turns on a filter that is off by default, as in Envoy. */
  private void putConfig(
      int index, Message message, HttpFilterParser parser, Compilation compilation, Scope scope) {
    if (!takes(parser, message)) {
      List<String> expected =
          parser.perRouteTypes().stream()
              .map(type -> type.getDescriptorForType().getFullName())
              .toList();
      scope.error(
          message.getDescriptorForType().getFullName(),
          expected.isEmpty()
              ? "nothing; this filter has no configuration per route"
              : "one of " + expected);
      return;
    }
    configs[index] = parser.parsePerRoute(message, compilation.direction(), scope);
    disabled[index] = false;
  }
}
