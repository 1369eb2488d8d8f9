package io.handfast.proxy.transaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import io.handfast.proxy.server.StartException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar whose etcd asks who it is: the password is read from its file. */
class EtcdPasswordTest {
  @TempDir private Path directory;

  @Test
  void shouldOpenItsStoreWithThePasswordOfItsFile() throws Exception {
    // Given
    Path right = Files.writeString(directory.resolve("right"), "se cret\n");
    Path wrong = Files.writeString(directory.resolve("wrong"), "secret\n");
    try (EtcdProcess etcd = EtcdProcess.start(directory.resolve("etcd"), "http")) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> post(etcd, "maintenance/status", "{}") == 200);
      assertThat(post(etcd, "auth/user/add", "{\"name\":\"root\",\"password\":\"se cret\"}"))
          .isEqualTo(200);
      assertThat(post(etcd, "auth/role/add", "{\"name\":\"root\"}")).isEqualTo(200);
      assertThat(post(etcd, "auth/user/grant", "{\"user\":\"root\",\"role\":\"root\"}"))
          .isEqualTo(200);
      assertThat(post(etcd, "auth/enable", "{}")).isEqualTo(200);

      // When
      try (Sidecar sidecar = Sidecars.start(config(etcd, right))) {
        // Then
        assertThat(ready(sidecar)).isEqualTo(200);
      }
      assertThatThrownBy(() -> Sidecars.start(config(etcd, wrong)))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("store.etcd")
          .hasMessageNotContaining("secret");
      assertThatThrownBy(() -> Sidecars.start(config(etcd, directory.resolve("none"))))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("store.etcd.password_file")
          .hasMessageContaining("none");
    }
  }

  /** etcd's own gateway. */
  private static int post(EtcdProcess etcd, String path, String body) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(etcd.endpoint() + "/v3/" + path).toURL().openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    try (var out = connection.getOutputStream()) {
      out.write(body.getBytes(UTF_8));
    }
    return connection.getResponseCode();
  }

  private static int ready(Sidecar sidecar) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + sidecar.adminAddress().getPort() + "/ready")
                .toURL()
                .openConnection();
    return connection.getResponseCode();
  }

  private static String config(EtcdProcess etcd, Path password) {
    return """
    admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
    bootstrap_extensions:
    - name: handfast.transaction_manager
      typed_config:
        "@type": type.googleapis.com/handfast.transaction.v1.TransactionManager
        service_name: front
        store:
          etcd: { endpoints: ["%s"], user: root, password_file: "%s" }
        control: { address: 127.0.0.1, port: 0, authority: "front-1:15014" }
        control_trust: PLAINTEXT
    """
        .formatted(etcd.endpoint(), password);
  }
}
