package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig.CodecType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conformance with RFC 9113 and RFC 7541, as h2spec sees it, every case of it, strictly. */
final class H2SpecTest {
  /** Where another h2spec is, and how many cases it has; {@code proxy/proofs/h2spec} sets both. */
  private static final @Nullable String OTHER = System.getProperty("handfast.h2spec");

  private static final String CASES = System.getProperty("handfast.h2spec.cases", "146");
  private static final String ALL_PASSED =
      CASES + " tests, " + CASES + " passed, 0 skipped, 0 failed";

  /** A case about windows is skipped if the body is too small for them. */
  private static final String RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nhello world\n";

  private static final Pattern CONTENT_LENGTH = Pattern.compile("content-length: ([0-9]+)");

  private final RawService service =
      RawService.running(connection -> {
        String head = connection.readHead();
        if (!head.isEmpty()) {
          readBody(connection, head);
          connection.send(RESPONSE);
        }
      });

  @TempDir Path directory;

  @AfterEach
  void close() {
    service.close();
  }

  /**
   * To its end: h2spec sends the wrong frame of some cases after the request's head, and takes an
   * answer that comes before for the answer to that frame.
   */
  private static void readBody(RawConnection connection, String head) {
    Matcher length = CONTENT_LENGTH.matcher(head);
    if (length.find()) {
      connection.readExactly(Integer.parseInt(length.group(1)));
    } else if (head.contains("\r\ntransfer-encoding: chunked\r\n")) {
      int size = chunkSize(connection);
      while (size > 0) {
        connection.readExactly(size + 2);
        size = chunkSize(connection);
      }
      String trailer = connection.readUntil("\r\n");
      while (trailer.length() > 2) {
        trailer = connection.readUntil("\r\n");
      }
    }
  }

  private static int chunkSize(RawConnection connection) {
    return Integer.parseInt(connection.readUntil("\r\n").trim(), 16);
  }

  private InProcessProxy proxy(int port, UpstreamProtocol upstream) {
    HttpConnectionManagerConfig http = Configs.codec(Configs.forward(0), CodecType.HTTP2);
    ClusterConfig cluster = Configs.speaking(Configs.cluster(port), upstream);
    return InProcessProxy.running(http, List.of(cluster));
  }

  private String run(int port) throws IOException, InterruptedException {
    assumeTrue(
        OTHER != null || H2Spec.runsHere(),
        "h2spec is run on Linux, amd64, only: that is what its jar has");
    String program = OTHER == null ? H2Spec.unpack(directory).toString() : OTHER;
    Process process =
        new ProcessBuilder(
                program, "-h", "127.0.0.1", "-p", Integer.toString(port), "--strict", "-o", "5")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    if (OTHER != null) {
      Files.writeString(
          Path.of(OTHER + ".txt"), output, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
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
