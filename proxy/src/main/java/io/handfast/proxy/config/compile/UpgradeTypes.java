package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.handfast.proxy.config.RouteAction.Upgrades;
import io.handfast.proxy.config.extension.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code upgrade_configs}: what a route says wins over what its connection manager says.
 *
 * @param enabled whether an upgrade is allowed, by its type in lower case
 */
record UpgradeTypes(Map<String, Boolean> enabled) {
  private static final String FIELD = "upgrade_configs";

  UpgradeTypes {
    enabled = Map.copyOf(enabled);
  }

  static UpgradeTypes of(List<HttpConnectionManager.UpgradeConfig> protos, Scope scope) {
    Map<String, Boolean> enabled = new HashMap<>();
    for (int i = 0; i < protos.size(); i++) {
      HttpConnectionManager.UpgradeConfig proto = protos.get(i);
      boolean on = !proto.hasEnabled() || proto.getEnabled().getValue();
      add(enabled, proto.getUpgradeType(), on, scope.field(FIELD, i));
    }
    return new UpgradeTypes(enabled);
  }

  /** What a route with those configurations allows. */
  Upgrades of(RouteAction route, Scope scope) {
    Map<String, Boolean> own = new HashMap<>();
    boolean terminates = false;
    for (int i = 0; i < route.getUpgradeConfigsCount(); i++) {
      RouteAction.UpgradeConfig proto = route.getUpgradeConfigs(i);
      boolean on = !proto.hasEnabled() || proto.getEnabled().getValue();
      add(own, proto.getUpgradeType(), on, scope.field(FIELD, i));
      if (proto.hasConnectConfig()) {
        if (proto.getUpgradeType().equalsIgnoreCase(Upgrades.CONNECT)) {
          terminates = true;
        } else {
          scope
              .field(FIELD, i)
              .field("connect_config")
              .error("set with upgrade_type " + proto.getUpgradeType() + " (expected: CONNECT)");
        }
      }
    }
    Map<String, Boolean> all = new HashMap<>(enabled);
    all.putAll(own);
    Set<String> allowed = new HashSet<>(all.keySet());
    allowed.removeIf(type -> !all.getOrDefault(type, false));
    return new Upgrades(allowed, terminates);
  }

  private static void add(Map<String, Boolean> into, String name, boolean on, Scope scope) {
    String type = name.toLowerCase(Locale.ROOT);
    Scope here = scope.field("upgrade_type");
    switch (type) {
      case "" -> here.error("missing (expected: a protocol, such as websocket)");
      case "connect-udp", "h2c" -> here.error(name, "another protocol; this one is not built");
      default -> {
        if (into.put(type, on) != null) {
          here.error(name, "each type once");
        }
      }
    }
  }
}
