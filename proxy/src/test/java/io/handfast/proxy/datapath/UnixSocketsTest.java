package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.handfast.proxy.datapath.TcpSidecar.Config;
import io.handfast.proxy.runtime.UnixSockets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tcp_proxy} between Unix sockets. */
@Timeout(60)
final class UnixSocketsTest {
  @TempDir private Path directory;

  @BeforeEach
  void needUnixSockets() {
    assumeThat(UnixSockets.areAvailable()).as("a kernel with epoll").isTrue();
  }

  private Path in() {
    return directory.resolve("in.sock");
  }

  private Config config(String endpoint) {
    return Config.to(1).listen(Config.pipe(in().toString())).endpoint(endpoint);
  }

  @Test
  void shouldPassBytesAndEndsOfBothDirections() throws Exception {
    // Given
    Path up = directory.resolve("up.sock");
    RawService service =
        RawService.running(
            UnixSocket.listen(up),
            connection -> {
              connection.send("220 ready");
              String all = connection.readToFin();
              connection.send("got " + all);
            });
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(config(Config.pipe(up.toString())), directory);
        RawConnection client = UnixSocket.connect(in())) {
      // When
      String greeting = client.readExactly(9);
      client.send("everything");
      client.finishSending();

      // Then
      assertThat(greeting).isEqualTo("220 ready");
      assertThat(client.readToFin()).isEqualTo("got everything");
      assertThat(sidecar.logged()).isEqualTo("up - 0 - 10 23 %s 1\n".formatted(up));
      assertThat(sidecar.cluster().cxTotal.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldKnowNamesWithoutAFile() {
    // Given
    String name = "@handfast-test-" + ProcessHandle.current().pid();
    RawService service = RawService.running(connection -> connection.send("hello"));
    try (service;
        TcpSidecar second =
            TcpSidecar.of(Config.to(service.port()).listen(Config.pipe(name)), directory);
        TcpSidecar first = TcpSidecar.of(config(Config.pipe(name)), directory);
        RawConnection client = UnixSocket.connect(in())) {
      // Then
      assertThat(client.readToFin()).isEqualTo("hello");
      assertThat(first.cluster().cxTotal.value()).isEqualTo(1);
      assertThat(second.cluster().cxTotal.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldTakeThePlaceOfASocketThatIsThereAndLeaveItsOwn() throws Exception {
    // Given
    String mode = "{ pipe: { path: %s, mode: 384 } }".formatted(in());
    RawService service = RawService.running(connection -> connection.send("hello"));
    UnixSocket.listen(in()).close();
    TcpSidecar before = TcpSidecar.of(Config.to(service.port()).listen(mode), directory);
    try (service;
        TcpSidecar after = TcpSidecar.of(Config.to(service.port()).listen(mode), directory)) {
      // When
      before.close();

      // Then
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(in())))
          .isEqualTo("rw-------");
      try (RawConnection client = UnixSocket.connect(in())) {
        assertThat(client.readToFin()).isEqualTo("hello");
      }
      assertThat(after.cluster().cxTotal.value()).isEqualTo(1);
    }
    assertThat(in()).exists();
  }

  @Test
  void shouldNotTakeThePlaceOfAnotherKindOfFile() throws Exception {
    // Given
    Files.writeString(in(), "precious");

    // Then
    assertThatThrownBy(() -> TcpSidecar.of(config(Config.socket(1)), directory))
        .hasMessageContaining(
            "listener in: cannot listen on %s: pipe: a file that is no socket has that path (expected: none)"
                .formatted(in()));
    assertThat(in()).hasContent("precious");
  }

  @Test
  void shouldSayWhichDirectoryIsMissing() {
    // Given
    Path nowhere = directory.resolve("none").resolve("in.sock");
    Config config = config(Config.socket(1)).listen(Config.pipe(nowhere.toString()));

    // Then
    assertThatThrownBy(() -> TcpSidecar.of(config, directory))
        .hasMessageContaining(
            "listener in: cannot listen on %s: pipe: bind(..) failed".formatted(nowhere))
        .hasMessageContaining("(expected: a path in a directory that exists and may be written)");
  }

  @Test
  void shouldCloseWhenNobodyListensAtTheEndpoint() throws IOException {
    // Given
    Path up = directory.resolve("up.sock");
    UnixSocket.listen(up).close();
    try (TcpSidecar sidecar = TcpSidecar.of(config(Config.pipe(up.toString())), directory);
        RawConnection client = UnixSocket.connect(in())) {
      // Then
      assertThat(client.readToEnd()).isEmpty();
      assertThat(sidecar.logged()).isEqualTo("up - 0 UF,URX 0 0 %s 1\n".formatted(up));
    }
  }

  @Test
  void shouldServeManyConnectionsOnAllLoopsFromAllAddresses() {
    // Given
    RawService service = RawService.running(connection -> connection.send("hello"));
    Config config = Config.to(service.port());
    String more =
        "additional_addresses: [{ address: %s }, { address: %s }]"
            .formatted(Config.pipe(in().toString()), Config.socket(0));
    try (service;
        TcpSidecar sidecar = TcpSidecar.of(config, directory, 3, more)) {
      // When
      List<RawConnection> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(UnixSocket.connect(in()));
        clients.add(sidecar.connect());
      }

      // Then
      assertThat(clients).allSatisfy(client -> assertThat(client.readToFin()).isEqualTo("hello"));
      assertThat(sidecar.cluster().cxTotal.value()).isEqualTo(40);
      clients.forEach(RawConnection::close);
    }
  }

  @Test
  void shouldBindEveryAddressOrNone() {
    // Given
    Path nowhere = directory.resolve("none").resolve("in.sock");
    String more = "additional_addresses: [{ address: %s }]".formatted(Config.pipe("" + nowhere));

    // Then
    assertThatThrownBy(() -> TcpSidecar.of(config(Config.socket(1)), directory, 1, more))
        .hasMessageContaining("cannot listen on " + nowhere);
    assertThatThrownBy(() -> UnixSocket.connect(in())).hasMessageContaining("Connection refused");
  }
}
