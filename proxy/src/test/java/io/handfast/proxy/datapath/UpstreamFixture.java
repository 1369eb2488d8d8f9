package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.http.StreamInfo;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;

/** A proxy and a service that misbehaves, closed behind each test. */
abstract class UpstreamFixture {
  static final String GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  static final String ERROR = "upstream connect error or disconnect/reset before headers. ";

  final Deque<AutoCloseable> open = new ArrayDeque<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  InProcessProxy proxy(ForwardOptions options, ClusterConfig cluster) {
    return kept(InProcessProxy.running(Configs.forward(0, options), List.of(cluster)));
  }

  InProcessProxy proxy(Consumer<RawConnection> service) {
    RawService running = kept(RawService.running(service));
    return proxy(ForwardOptions.DEFAULTS, Configs.cluster(running.port()));
  }

  <T extends AutoCloseable> T kept(T each) {
    open.addFirst(each);
    return each;
  }

  RawConnection client(InProcessProxy proxy) {
    return kept(proxy.connect());
  }

  static void assertLogged(InProcessProxy proxy, int status, String flags, String details) {
    StreamInfo info = proxy.nextEnded();
    assertThat(info.status()).isEqualTo(status);
    assertThat(info.flagsText()).isEqualTo(flags);
    assertThat(info.details()).isEqualTo(details);
  }
}
