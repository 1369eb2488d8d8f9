package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conformance with RFC 9113 and RFC 7541, as h2spec sees it, every case of it, strictly. */
final class H2SpecTest {
  private static final String ALL_PASSED = "146 tests, 146 passed, 0 skipped, 0 failed";

  /** A case about windows is skipped if the body is too small for them. */
  private static final String RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nhello world\n";

  private final RawService service =
      RawService.running(connection -> {
        if (!connection.readHead().isEmpty()) {
          connection.send(RESPONSE);
        }
      });

  @TempDir Path directory;

  @AfterEach
  void close() {
    service.close();
  }

  private InProcessProxy proxy(int port, UpstreamProtocol upstream) {
    HttpConnectionManagerConfig http = Configs.codec(Configs.forward(0), CodecType.HTTP2);
    ClusterConfig cluster = Configs.speaking(Configs.cluster(port), upstream);
    return InProcessProxy.running(http, List.of(cluster));
  }

  private String run(int port) throws IOException, InterruptedException {
    assumeTrue(H2Spec.runsHere(), "h2spec is run on Linux, amd64, only: that is what its jar has");
    String program = H2Spec.unpack(directory).toString();
    Process process =
        new ProcessBuilder(
                program, "-h", "127.0.0.1", "-p", Integer.toString(port), "--strict", "-o", "5")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  @Test
  void shouldPassEveryCaseWhenServiceSpeaksHttp1() throws Exception {
    try (InProcessProxy proxy = proxy(service.port(), UpstreamProtocol.HTTP1)) {
      assertThat(run(proxy.port())).contains(ALL_PASSED);
    }
  }

  @Test
  void shouldPassEveryCaseWhenServiceSpeaksHttp2() throws Exception {
    try (InProcessProxy behind = proxy(service.port(), UpstreamProtocol.HTTP1);
        InProcessProxy front = proxy(behind.port(), UpstreamProtocol.HTTP2)) {
      assertThat(run(front.port())).contains(ALL_PASSED);
    }
  }
}
