package io.handfast.proxy.config.compile;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy;
import io.envoyproxy.envoy.extensions.filters.network.zookeeper_proxy.v3.ZooKeeperProxy;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.BootstrapExtensionParser;
import io.handfast.proxy.config.extension.ClusterMetadataParser;
import io.handfast.proxy.config.extension.Extensions;
import io.handfast.proxy.config.extension.HttpFilterParser;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.tcp.TcpProxyParser;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.transaction.v1.TransactionPerRoute;
import java.util.List;
import java.util.Optional;

/** Parsers that keep the message as it is. */
final class TestExtensions {

  private TestExtensions() {}

  static Extensions extensions() {
    return new Extensions(
        List.of(
            new TcpProxyParser(),
            NetworkFilterParser.observing(MongoProxy.getDefaultInstance()),
            NetworkFilterParser.observing(ZooKeeperProxy.getDefaultInstance())),
        List.of(
            new Filter(Router.getDefaultInstance(), List.of(), true),
            new Filter(
                Transaction.getDefaultInstance(),
                List.of(TransactionPerRoute.getDefaultInstance()),
                false)),
        List.of(new Policy()),
        List.of(new Manager()),
        List.of(),
        format ->
            format.contains("%NONSENSE%")
                ? Optional.of("%NONSENSE% (expected: a known command operator)")
                : Optional.empty());
  }

  private record Filter(Message type, List<Message> perRouteTypes, boolean terminal)
      implements HttpFilterParser {
    @Override
    public Object parse(Message config, TrafficDirection direction, Scope scope) {
      return config;
    }

    @Override
    public Object parsePerRoute(Message config, TrafficDirection direction, Scope scope) {
      return config;
    }
  }

  private record Policy() implements ClusterMetadataParser {
    @Override
    public String key() {
      return "handfast.transaction";
    }

    @Override
    public Message type() {
      return ClusterPolicy.getDefaultInstance();
    }

    @Override
    public Object parse(Message metadata, Scope scope) {
      return metadata;
    }
  }

  private record Manager() implements BootstrapExtensionParser {
    @Override
    public Message type() {
      return TransactionManager.getDefaultInstance();
    }

    @Override
    public Object parse(Message config, Scope scope) {
      return config;
    }
  }
}
