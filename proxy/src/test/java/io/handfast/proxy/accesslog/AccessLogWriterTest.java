package io.handfast.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.stats.Stats;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogWriterTest {

  @TempDir Path directory;

  private final Stats stats = new Stats();
  private final AccessLogWriter writer = new AccessLogWriter(stats);

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void shouldWriteWhatWaitsWhenClosed() throws Exception {
    // Given
    Path file = directory.resolve("access.log");
    AccessLog log = writer.open(config(file));

    // When
    for (int i = 0; i < 100; i++) {
      log(log, "/" + i);
    }
    writer.close();

    // Then
    assertThat(Files.readAllLines(file)).hasSize(100).startsWith("/0", "/1").endsWith("/98", "/99");
    assertThat(stats.counter("access_log.written").value()).isEqualTo(100);
  }

  @Test
  void shouldWriteToANewFileWhenReopened() throws Exception {
    // Given
    Path file = directory.resolve("access.log");
    Path moved = directory.resolve("access.log.1");
    AccessLog log = writer.open(config(file));
    log(log, "/before");
    await().until(() -> Files.size(file) > 0);
    Files.move(file, moved);

    // When
    writer.reopen();
    await().until(() -> Files.exists(file));
    log(log, "/after");
    writer.close();

    // Then
    assertThat(moved).hasContent("/before\n");
    assertThat(file).hasContent("/after\n");
  }

  @Test
  void shouldDropAndCountWhenMoreWaitsThanMay() throws Exception {
    // Given: a pipe that nobody reads, for a disk that does not write
    Path pipe = directory.resolve("access.log");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (RandomAccessFile reader = new RandomAccessFile(pipe.toFile(), "rw")) {
      AccessLog log = writer.open(config(pipe));
      String large = "/" + "x".repeat(1 << 20);
      long most = AccessLogWriter.MAX_QUEUED_CHARS / large.length() + 3;

      // When: none of these waits
      for (int i = 0; i < 2 * most; i++) {
        log(log, large);
      }

      // Then
      assertThat(stats.counter("access_log.dropped").value()).isBetween(most, 2 * most);
      assertThat(reader.getFD().valid()).isTrue();
    }
  }

  @Test
  void shouldDropAndCountWhatComesBehindTheEnd() throws Exception {
    // Given
    AccessLog log = writer.open(config(directory.resolve("access.log")));
    writer.close();

    // When
    log(log, "/late");

    // Then
    assertThat(stats.counter("access_log.dropped").value()).isEqualTo(1);
  }

  @Test
  void shouldSayWhyWhenTheDirectoryDoesNotExist() {
    // Given
    Path file = directory.resolve("none").resolve("access.log");

    // When / Then
    assertThatThrownBy(() -> writer.open(config(file)))
        .isInstanceOf(IOException.class)
        .hasMessage(file + ": its directory does not exist (expected: an existing one)");
  }

  private static AccessLogConfig config(Path file) {
    return new AccessLogConfig(
        new AccessLogConfig.Sink.File(file.toString()),
        new AccessLogConfig.Format.Text("%REQ(:PATH)%\n"));
  }

  private static void log(AccessLog log, String path) {
    ConnectionInfo connection =
        new ConnectionInfo(
            1, address("127.0.0.1", 1), address("127.0.0.1", 2), "l", TrafficDirection.INBOUND);
    log.log(
        new StreamInfo(connection, HttpProtocol.HTTP_1_1, 0, 0),
        RequestHead.of("GET", "h", path),
        null,
        null);
  }

  private static InetSocketAddress address(String host, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(host), port);
  }
}
