package io.handfast.proxy.server;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy;
import io.envoyproxy.envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy;
import io.handfast.proxy.accesslog.LogFormat;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.postgres.PostgresFilterParser;
import io.handfast.proxy.tcp.TcpProxyParser;
import io.handfast.proxy.transaction.FilterParser;
import io.handfast.proxy.transaction.PeerPolicyParser;
import io.handfast.proxy.transaction.TransactionCheck;
import io.handfast.proxy.transaction.manager.ManagerParser;
import java.util.List;

/**
 * Every filter and extension that a configuration may name: a new one is a line here, and one in
 * {@link HttpFilters} or {@link NetworkFilters}.
 */
final class ProxyExtensions {

  private ProxyExtensions() {}

  /** For the configuration of this process. */
  static Extensions all() {
    return with(new TransactionCheck(true));
  }

  /** For resources that a control plane means for others, whose bootstrap nobody knows. */
  static Extensions ofResources() {
    return with(new TransactionCheck(false));
  }

  private static Extensions with(TransactionCheck transactions) {
    return new Extensions(
        List.of(
            new TcpProxyParser(),
            new PostgresFilterParser(),
            NetworkFilterParser.observing(MongoProxy.getDefaultInstance()),
            NetworkFilterParser.observing(ZooKeeperProxy.getDefaultInstance())),
        List.of(new FilterParser(), new RouterParser()),
        List.of(new PeerPolicyParser()),
        List.of(new ManagerParser()),
        List.of(transactions),
        LogFormat::problem);
  }

  /** The router has nothing to configure beyond what the table of fields lets through. */
  static final class RouterParser implements HttpFilterParser {

    @Override
    public Message type() {
      return Router.getDefaultInstance();
    }

    @Override
    public boolean terminal() {
      return true;
    }

    @Override
    public Object parse(Message config, TrafficDirection direction, Scope scope) {
      return config;
    }
  }
}
