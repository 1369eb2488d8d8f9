package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.postgres.PostgresSidecar.Config;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** The filter between a real driver and a real server, where no transaction of the mesh is. */
final class PostgresPassThroughIT {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @TempDir private Path directory;

  private static Config plain() {
    return Config.to(SERVER.port());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "preferQueryMode=simple",
        "preferQueryMode=extended",
        "preferQueryMode=extended&prepareThreshold=1",
        "preferQueryMode=extendedForPrepared",
        "preferQueryMode=extendedCacheEverything&autosave=always"
      })
  void shouldPassEveryByteAsItIsWhenNoTransactionIsThere(String mode) throws Exception {
    // Given
    String database = SERVER.newDatabase();
    try (RecordingRelay behind = new RecordingRelay(SERVER.port());
        PostgresSidecar sidecar = PostgresSidecar.of(Config.to(behind.port()), directory);
        RecordingRelay before = new RecordingRelay(sidecar.port())) {
      // When
      try (Connection connection =
          DriverManager.getConnection(
              PostgresSidecar.url(
                  before.port(), database, "user=postgres&sslmode=disable&" + mode))) {
        everything(connection);
      }

      // Then
      assertThat(before.conversations()).hasSize(1);
      assertThat(behind.conversations()).hasSize(1);
      assertThat(behind.conversations().getFirst().sent())
          .isEqualTo(before.conversations().getFirst().sent())
          .hasSizeGreaterThan(100_000);
      assertThat(before.conversations().getFirst().received())
          .isEqualTo(behind.conversations().getFirst().received())
          .hasSizeGreaterThan(100_000);
      assertThat(sidecar.stats().sessions.value()).isEqualTo(1);
      assertThat(sidecar.stats().blocks.value()).isZero();
    }
  }

  /** What drivers do: blocks, savepoints, batches, cursors, COPY both ways, errors, notices. */
  private static void everything(Connection connection) throws SQLException, IOException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (id int PRIMARY KEY, text text)");
      statement.execute("DO $$ BEGIN RAISE NOTICE 'noticed'; END $$");
      statement.execute("LISTEN news; NOTIFY news, 'told'");
      statement.execute("BEGIN; INSERT INTO t VALUES (-1, 'a'); COMMIT");
    }
    connection.setAutoCommit(false);
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
      for (int i = 0; i < 500; i++) {
        insert.setInt(1, i);
        insert.setString(2, "x".repeat(300));
        insert.addBatch();
      }
      insert.executeBatch();
    }
    connection.setSavepoint("s");
    assertThatThrownBy(
            () -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO t VALUES (1, 'again')");
              }
            })
        .isInstanceOf(SQLException.class);
    connection.rollback();
    CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
    copy.copyIn("COPY t FROM STDIN", new StringReader("1000\t" + "y".repeat(150_000) + "\n"));
    StringWriter out = new StringWriter();
    copy.copyOut("COPY t TO STDOUT", out);
    connection.commit();
    for (int round = 0; round < 7; round++) {
      try (PreparedStatement select = connection.prepareStatement("SELECT * FROM t WHERE id > ?")) {
        select.setFetchSize(10);
        select.setInt(1, -5);
        try (ResultSet rows = select.executeQuery()) {
          while (rows.next()) {
            assertThat(rows.getString(2)).isNotEmpty();
          }
        }
      }
      connection.commit();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "scram, scram, , ",
    "md5, md5, , ",
    "scram, scram, tls, ",
    "md5, md5, tls, ",
    "scram, scram, , starttls",
    "scram, scram, direct, ",
    "postgres, '', tls, starttls",
    "postgres, '', direct, direct",
    "md5, md5, tls, starttls",
    "certified, '', , certificate",
  })
  void shouldLetTheServerAuthenticateWhateverIsEncrypted(
      String user, String password, String toService, String toServer) throws Exception {
    // Given
    Config config = plain();
    Path certificates = SERVER.certificates();
    config = toService == null ? config : config.tls(certificates);
    if (toServer != null) {
      config =
          switch (toServer) {
            case "starttls" -> config.startTls(certificates, "");
            case "direct" -> config.upstreamTls(certificates);
            default ->
                config.startTls(
                    certificates,
                    ", tls_certificates: [%s]"
                        .formatted(Config.certificate(certificates, "certified")));
          };
    }
    String ssl =
        toService == null
            ? "sslmode=prefer"
            : "sslmode=verify-ca&sslrootcert=%s/ca.pem%s"
                .formatted(
                    certificates, toService.equals("direct") ? "&sslNegotiation=direct" : "");
    try (PostgresSidecar sidecar = PostgresSidecar.of(config, directory)) {
      // When
      String seen;
      try (Connection connection =
              DriverManager.getConnection(
                  PostgresSidecar.url(
                      sidecar.port(),
                      "postgres",
                      "user=%s&password=%s&%s".formatted(user, password, ssl)));
          Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "SELECT current_user || ' ' || ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
        rows.next();
        seen = rows.getString(1);
      }

      // Then
      assertThat(seen).isEqualTo(user + " " + (toServer != null));
      assertThat(sidecar.stats().sessionsEncrypted.value()).isEqualTo(toService == null ? 0 : 1);
    }
  }

  @Test
  void shouldPassTlsOfTheListenerWhenItAgreesOnPostgresql() throws Exception {
    try (PostgresSidecar sidecar =
            PostgresSidecar.of(plain().directTls(SERVER.certificates()), directory);
        Connection connection =
            sidecar.connect(
                "postgres",
                "sslNegotiation=direct&sslmode=verify-ca&sslrootcert="
                    + SERVER.certificates()
                    + "/ca.pem")) {
      assertThat(connection.isValid(5)).isTrue();
      assertThat(sidecar.stats().sessionsEncrypted.value()).isEqualTo(1);
      assertThat(sidecar.stats().sessionsTerminatedSsl.value()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "scram, wrong, 28P01, password authentication failed for user \"scram\"",
    "md5, wrong, 28P01, password authentication failed for user \"md5\"",
    "nobody, '', 28000, role \"nobody\" does not exist",
    // Behind AuthenticationOk.
    "crowded, '', 53300, too many connections for role \"crowded\"",
  })
  void shouldTellTheServersOwnWordsWhenCredentialsOfTheServiceAreWrong(
      String user, String password, String state, String message) {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory)) {
      // When
      ServerErrorMessage direct = refused(SERVER.port(), user, password);
      ServerErrorMessage through = refused(sidecar.port(), user, password);

      // Then
      assertThat(through.getSQLState()).isEqualTo(state);
      assertThat(through.getMessage()).isEqualTo(message);
      assertThat(through).hasToString(direct.toString());
      assertThat(sidecar.stats().loginsFailed.value()).isEqualTo(1);
    }
  }

  private static ServerErrorMessage refused(int port, String user, String password) {
    try (Connection connection =
        DriverManager.getConnection(
            PostgresSidecar.url(
                port,
                "postgres",
                "sslmode=disable&user=%s&password=%s".formatted(user, password)))) {
      throw new IllegalStateException(connection + " was let in");
    } catch (PSQLException e) {
      return Objects.requireNonNull(e.getServerErrorMessage());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldSayThatTheServerWasNotReachedWhenItIsDown() throws Exception {
    int closed;
    try (ServerSocket free = new ServerSocket(0)) {
      closed = free.getLocalPort();
    }
    try (PostgresSidecar sidecar = PostgresSidecar.of(Config.to(closed), directory)) {
      assertThatThrownBy(() -> sidecar.connect("postgres", "sslmode=disable"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"))
          .hasMessageContaining("'accounts' was not reached by the sidecar");
      assertThat(sidecar.stats().loginsFailed.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldNeverGoOnInPlainWhenTheServerHasNoTls() throws Exception {
    // Given
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      AtomicReference<String> heard = new AtomicReference<>("");
      Thread.startVirtualThread(() -> {
        try (Socket socket = server.accept()) {
          byte[] request = socket.getInputStream().readNBytes(8);
          socket.getOutputStream().write('N');
          heard.set(
              java.util.HexFormat.of().formatHex(request)
                  + socket.getInputStream().readAllBytes().length);
        } catch (IOException e) {
          heard.set(e.toString());
        }
      });
      try (PostgresSidecar sidecar =
          PostgresSidecar.of(
              Config.to(server.getLocalPort()).startTls(SERVER.certificates(), ""), directory)) {
        // When, Then
        assertThatThrownBy(() -> sidecar.connect("postgres", "sslmode=disable"))
            .hasMessageContaining("was not reached");
        assertThat(sidecar.sidecar().stats().cluster("database").cxConnectFail.value())
            .isEqualTo(1);
        await().until(() -> heard.get().equals("0000000804d2162f0"));
      }
    }
  }

  @Test
  void shouldRefuseTheServerWhenItsCertificateIsNotTheOneExpected() {
    // Given
    Config config =
        plain()
            .cluster(
                "transport_socket: { name: starttls, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig, tls_socket_config: { common_tls_context: { validation_context: { trusted_ca: { filename: %s/ca.pem }, match_typed_subject_alt_names: [{ san_type: DNS, matcher: { exact: other } }] } } } } }"
                    .formatted(SERVER.certificates()));
    try (PostgresSidecar sidecar = PostgresSidecar.of(config, directory)) {
      // When, Then
      assertThatThrownBy(() -> sidecar.connect("postgres", "sslmode=disable"))
          .hasMessageContaining("was not reached");
    }
  }

  @Test
  void shouldCancelAStatementByAConnectionOfItsOwn() throws Exception {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory);
        Connection connection = sidecar.connect("postgres", "sslmode=disable");
        Statement statement = connection.createStatement()) {
      // Given
      Thread canceller =
          Thread.startVirtualThread(() -> {
            await()
                .until(() ->
                    !SERVER
                        .query(
                            "postgres",
                            "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'")
                        .isEmpty());
            try {
              statement.cancel();
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });

      // When, Then
      assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(60)"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      canceller.join();
      assertThat(sidecar.stats().cancelRequests.value()).isEqualTo(1);
      assertThat(connection.isValid(5)).isTrue();
    }
  }

  @Test
  void shouldLeaveConnectionsOfReplicationAlone() throws Exception {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory);
        Connection connection =
            sidecar.connect(
                "postgres",
                "replication=database&assumeMinServerVersion=18&preferQueryMode=simple");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("IDENTIFY_SYSTEM")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString("dbname")).isEqualTo("postgres");
      assertThat(sidecar.stats().sessionsReplication.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldLeaveReplicationAloneWhereATransactionIsRequired() throws Exception {
    // Given
    String parameters = "replication=database&assumeMinServerVersion=18&preferQueryMode=simple";
    try (PostgresSidecar sidecar =
            PostgresSidecar.of(plain().filter("propagation: MANDATORY"), directory);
        Connection connection = sidecar.connect("postgres", parameters);
        Statement statement = connection.createStatement()) {
      // When: it writes, and then both sides send COPY data
      statement.execute("CREATE TABLE replicated (x int)");
      String position;
      try (ResultSet rows = statement.executeQuery("IDENTIFY_SYSTEM")) {
        rows.next();
        position = rows.getString("xlogpos");
      }
      try (PGReplicationStream stream =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .physical()
              .withStartPosition(LogSequenceNumber.valueOf(position))
              .start()) {
        SERVER.execute("postgres", "INSERT INTO replicated VALUES (1)");
        await()
            .untilAsserted(() -> {
              ByteBuffer wal = stream.readPending();
              assertThat(wal).isNotNull();
              assertThat(wal.remaining()).isPositive();
            });
        stream.setAppliedLSN(stream.getLastReceiveLSN());
        stream.forceUpdateStatus();
      }

      // Then
      statement.execute("DROP TABLE replicated");
      assertThat(sidecar.stats().sessionsReplication.value()).isEqualTo(1);
      assertThat(sidecar.stats().refused.value()).isZero();
    }
  }

  /** A minor version that nobody speaks yet: the server, not the filter, says what it can. */
  @ParameterizedTest
  @CsvSource({"0, R", "2, R", "99, v"})
  void shouldPassEveryMinorVersionOfProtocol3(int minor, char first) throws Exception {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      // When
      socket.getOutputStream().write(startup(3, minor, "user", "postgres"));

      // Then
      assertThat((char) socket.getInputStream().read()).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "474554202f20485454502f312e310d0a0d0a, invalid length of startup packet",
    "00000004, invalid length of startup packet",
    "0000000800020000, unsupported frontend protocol 2.0",
    "0000000804d2162f0000000804d2162f, a second SSLRequest",
    "000000090003000041, invalid startup packet layout",
  })
  void shouldSayWhatIsWrongWhenAClientSpeaksNonsense(String hex, String says) throws Exception {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      // When
      socket.getOutputStream().write(java.util.HexFormat.of().parseHex(hex));

      // Then
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer.startsWith("N") ? answer.substring(1) : answer)
          .startsWith("E")
          .contains("SFATAL", says);
      assertThat(sidecar.stats().startupErrors.value()).isEqualTo(1);
    }
  }

  @Test
  void shouldRefuseBytesInPlainBehindARequestForTls() throws Exception {
    try (PostgresSidecar sidecar =
            PostgresSidecar.of(plain().tls(SERVER.certificates()), directory);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      // When
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.write(java.util.HexFormat.of().parseHex("0000000804d2162f"));
      both.write(startup(3, 0, "user", "postgres"));
      socket.getOutputStream().write(both.toByteArray());

      // Then
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("E")
          .contains("received unencrypted data after SSL request");
    }
  }

  @Test
  void shouldAnswerThatThereIsNoGssapiAndGoOn() throws Exception {
    try (PostgresSidecar sidecar = PostgresSidecar.of(plain(), directory);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      // When
      DataInputStream in = new DataInputStream(socket.getInputStream());
      socket.getOutputStream().write(java.util.HexFormat.of().parseHex("0000000804d21630"));
      int gss = in.read();
      socket.getOutputStream().write(java.util.HexFormat.of().parseHex("0000000804d2162f"));
      int ssl = in.read();
      socket.getOutputStream().write(startup(3, 0, "user", "postgres"));

      // Then
      assertThat((char) gss).isEqualTo('N');
      assertThat((char) ssl).isEqualTo('N');
      assertThat((char) in.read()).isEqualTo('R');
    }
  }

  private static byte[] startup(int major, int minor, String... parameters) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (String parameter : parameters) {
      body.write(parameter.getBytes(StandardCharsets.UTF_8));
      body.write(0);
    }
    body.write(0);
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(packet);
    out.writeInt(body.size() + 8);
    out.writeShort(major);
    out.writeShort(minor);
    body.writeTo(out);
    return packet.toByteArray();
  }
}
