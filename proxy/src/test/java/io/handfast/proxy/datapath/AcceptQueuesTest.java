package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.handfast.proxy.datapath.TcpSidecar.Config;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One accept queue per event loop, as the kernel shows them. */
final class AcceptQueuesTest {
  private static final String LISTENING = "0A";

  @TempDir private Path directory;

  @BeforeEach
  void needEpoll() {
    assumeThat(Epoll.isAvailable()).as("a kernel with epoll").isTrue();
  }

  private static long queues(int port) {
    String local = "0100007F:%04X".formatted(port); // behind a prefix in tcp6
    return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
        .flatMap(AcceptQueuesTest::lines)
        .map(line -> line.strip().split(" +"))
        .filter(fields -> fields[1].endsWith(local) && fields[3].equals(LISTENING))
        .count();
  }

  private static Stream<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file)).stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertServesManyConnections(TcpSidecar sidecar) {
    List<RawConnection> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      clients.add(sidecar.connect());
    }
    assertThat(clients).allSatisfy(client -> assertThat(client.readToFin()).isEqualTo("hello"));
    clients.forEach(RawConnection::close);
  }

  @Test
  void shouldHaveAQueuePerLoopUnlessToldOtherwise() {
    // Given
    RawService service = RawService.running(connection -> connection.send("hello"));
    try (service;
        TcpSidecar each = TcpSidecar.of(Config.to(service.port()), directory, 3, "");
        TcpSidecar one =
            TcpSidecar.of(Config.to(service.port()), directory, 3, "enable_reuse_port: false")) {
      // Then
      assertThat(queues(each.port())).isEqualTo(3);
      assertThat(queues(one.port())).isEqualTo(1);
      assertServesManyConnections(each);
      assertServesManyConnections(one);
    }
  }

  @Test
  void shouldNotShareAnAddressWithAnotherProcess() {
    // Given
    try (TcpSidecar first = TcpSidecar.of(Config.to(1), directory, 2, "")) {
      Config same = Config.to(1).listen(Config.socket(first.port()));

      // Then
      assertThatThrownBy(() -> TcpSidecar.of(same, directory, 2, ""))
          .hasMessageContaining("listener in: cannot listen on 127.0.0.1:" + first.port())
          .hasMessageContaining("(expected: a free address of this host)");
    }
  }
}
