package io.handfast.proxy.transparency;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.server.StartException;
import io.handfast.proxy.transparency.Party.Rest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes by {@code tcp_proxy}, through one sidecar and two, in the clear and with mutual TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TcpMatrixTest {
  private Mesh mesh;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException, StartException {
    mesh = Mesh.start(directory);
  }

  @BeforeEach
  void reset() throws IOException {
    mesh.reset();
  }

  @AfterAll
  void stop() throws IOException {
    mesh.close();
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "2, true"})
  void shouldPassOnWhatTheServerSaysFirst(int sidecars, boolean tls) throws IOException {
    try (Party client = mesh.tcp(sidecars, tls)) {
      try (Party service = mesh.far()) {
        // When
        service.data("220 ready\r\n");

        // Then
        assertThat(client.read(11)).isEqualTo("220 ready\r\n");
        client.data("EHLO\r\n");
        assertThat(service.read(6)).isEqualTo("EHLO\r\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "2, true"})
  void shouldLetOneDirectionEndBeforeTheOther(int sidecars, boolean tls) throws IOException {
    try (Party client = mesh.tcp(sidecars, tls)) {
      client.data("question");
      try (Party service = mesh.far()) {
        // When
        client.end();

        // Then
        assertThat(service.rest()).isEqualTo(new Rest("question", List.of(), false));
        service.data("answer");
        service.end();
        assertThat(client.rest()).isEqualTo(new Rest("answer", List.of(), false));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "1, true", "2, false", "2, true"})
  void shouldPassResetOn(int sidecars, boolean tls) throws IOException {
    try (Party client = mesh.tcp(sidecars, tls)) {
      client.data("a");
      try (Party service = mesh.far()) {
        assertThat(service.read(1)).isEqualTo("a");

        // When
        client.reset();

        // Then
        assertThat(service.rest().reset()).isTrue();
      }
    }
  }
}
