package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.proxy.postgres.PostgresSidecar.Config;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** SCRAM where TLS ends at the sidecar: what PARTICIPATION.md says of channel binding. */
final class PostgresScramIT {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final Path CERTIFICATES = SERVER.certificates();
  private static final Path PSQL = Path.of("/usr/bin/psql");

  @TempDir private Path directory;

  private PostgresSidecar sidecar(boolean toSidecar, boolean toServer) {
    Config config = Config.to(SERVER.port());
    config = toSidecar ? config.tls(CERTIFICATES) : config;
    config = toServer ? config.startTls(CERTIFICATES, "") : config;
    return PostgresSidecar.of(config, directory);
  }

  private static Connection connect(int port, boolean tls, String binding) throws SQLException {
    String ssl =
        tls ? "sslmode=verify-ca&sslrootcert=" + CERTIFICATES + "/ca.pem" : "sslmode=disable";
    return DriverManager.getConnection(
        PostgresSidecar.url(
            port,
            "postgres",
            "user=scram&password=scram&channelBinding=%s&%s".formatted(binding, ssl)));
  }

  @ParameterizedTest
  @CsvSource({
    "false, false, prefer",
    "false, true, prefer",
    "true, false, prefer",
    "true, false, disable",
    "true, true, disable",
  })
  void shouldLetInByScramUnlessBothSidesAreTls(boolean toSidecar, boolean toServer, String binding)
      throws Exception {
    try (PostgresSidecar sidecar = sidecar(toSidecar, toServer);
        Connection connection = connect(sidecar.port(), toSidecar, binding)) {
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  @Test
  void shouldSayWhatToSetWhenTheServerTakesTheSidecarForAnAttacker() throws Exception {
    try (PostgresSidecar sidecar = sidecar(true, true)) {
      // When: by pgjdbc's default, which is to bind where that is possible
      ServerErrorMessage refused = refused(sidecar.port(), "prefer");

      // Then
      assertThat(refused.getSQLState()).isEqualTo("28000");
      assertThat(refused.getMessage()).isEqualTo("SCRAM channel binding negotiation error");
      assertThat(refused.getHint())
          .startsWith("TLS ends at the sidecar")
          .endsWith("channelBinding=disable (of pgjdbc).");
    }
  }

  private static ServerErrorMessage refused(int port, String binding) {
    try (Connection connection = connect(port, true, binding)) {
      throw new IllegalStateException(connection + " was let in");
    } catch (PSQLException e) {
      return Objects.requireNonNull(e.getServerErrorMessage(), e::toString);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"true, false", "true, true", "false, true"})
  void shouldFailInTheDriverWhenBindingIsRequired(boolean toSidecar, boolean toServer)
      throws Exception {
    try (Connection direct = connect(SERVER.port(), true, "require")) {
      assertThat(direct.isValid(5)).as("past the sidecar").isTrue();
    }
    try (PostgresSidecar sidecar = sidecar(toSidecar, toServer)) {
      assertThatThrownBy(() -> connect(sidecar.port(), toSidecar, "require").close())
          .isInstanceOf(PSQLException.class)
          .hasMessageContaining("Channel Binding is required");
    }
  }

  /** Of libpq, by which psycopg, Ruby's pg and others speak. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | true | prefer | let in",
        "true | false | prefer | let in",
        "true | true | disable | let in",
        "true | true | prefer | SCRAM channel binding negotiation error",
        "true | true | prefer | channel_binding=disable (of libpq)",
        "true | true | require | channel binding is required, but server did not offer",
      })
  void shouldTreatLibpqAlike(boolean toSidecar, boolean toServer, String binding, String says)
      throws Exception {
    assumeTrue(Files.exists(PSQL), "no psql on this machine");
    try (PostgresSidecar sidecar = sidecar(toSidecar, toServer)) {
      String ssl =
          toSidecar
              ? "sslmode=verify-ca sslrootcert=" + CERTIFICATES + "/ca.pem"
              : "sslmode=disable";
      assertThat(
              psql(
                  "host=127.0.0.1 port=%d dbname=postgres user=scram password=scram channel_binding=%s %s"
                      .formatted(sidecar.port(), binding, ssl)))
          .contains(says);
    }
  }

  private static String psql(String connection) throws IOException, InterruptedException {
    Process psql =
        new ProcessBuilder(PSQL.toString(), "-X", "-A", "-t", "-c", "SELECT 'let in'", connection)
            .redirectErrorStream(true)
            .start();
    String said = new String(psql.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    psql.waitFor();
    return said;
  }
}
