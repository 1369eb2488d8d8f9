package io.handfast.proxy.transaction;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.dubbo.config.ApplicationConfig;
import org.apache.dubbo.config.ProtocolConfig;
import org.apache.dubbo.config.ReferenceConfig;
import org.apache.dubbo.config.RegistryConfig;
import org.apache.dubbo.config.ServiceConfig;
import org.apache.dubbo.rpc.model.ApplicationModel;
import org.apache.dubbo.rpc.model.FrameworkModel;

/** An application of Dubbo's, of its own among others in this process, without a registry. */
final class DubboPeer implements AutoCloseable {
  private static final int TIMEOUT_MS = 20_000;

  /** 127.0.0.1 in a form that Dubbo does not take for "this host" and put another address for. */
  private static final String LOOPBACK = "2130706433";

  /** What the bank offers. */
  public interface Bank {
    String reserve(int amount);
  }

  /** What the front offers. */
  public interface Transfers {
    String transfer(int amount);
  }

  private final FrameworkModel framework = new FrameworkModel();
  private final ApplicationModel application = framework.newApplication();

  DubboPeer(String name) {
    ApplicationConfig config = new ApplicationConfig(name);
    config.setQosEnable(false);
    config.setEnableFileCache(false);
    config.setRegisterMode("interface"); // no service of its own for metadata
    application.getApplicationConfigManager().setApplication(config);
  }

  /** Offers that by Triple; the port. */
  <T> int serve(Class<T> type, T service) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    ProtocolConfig protocol = new ProtocolConfig("tri", port);
    protocol.setHost("127.0.0.1");
    ServiceConfig<T> config = new ServiceConfig<>(application.getDefaultModule());
    config.setRegistry(new RegistryConfig(RegistryConfig.NO_AVAILABLE));
    config.setProtocol(protocol);
    config.setInterface(type);
    config.setRef(service);
    config.export();
    return port;
  }

  /** Calls that go to that port of this host. */
  <T> T reference(Class<T> type, int port) {
    ReferenceConfig<T> config = new ReferenceConfig<>(application.getDefaultModule());
    config.setInterface(type);
    config.setUrl("tri://" + LOOPBACK + ":" + port + "/" + type.getName());
    config.setTimeout(TIMEOUT_MS);
    config.setRetries(0);
    config.setCheck(false);
    return config.get();
  }

  @Override
  public void close() {
    framework.destroy();
  }
}
