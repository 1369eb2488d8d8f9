package io.handfast.tx.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.port.Databases.Completed;
import io.handfast.tx.port.Databases.Completed.Done;
import io.handfast.tx.port.Databases.Completed.Failed;
import io.handfast.tx.port.Databases.Readiness;
import io.handfast.tx.postgres.DatabaseConfig.Password;
import io.handfast.tx.postgres.DatabaseConfig.Tls;
import io.handfast.tx.postgres.Town.Block;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in by a real server, and whom it is believed to be. */
final class AccessTest {
  private static final X509Bundle AUTHORITY = authority("CN=authority");
  @TempDir private static Path directory;
  private static PostgresServer server;

  @BeforeAll
  static void start() throws Exception {
    server = PostgresServer.start(directory.resolve("data"));
    server.execute(
        "CREATE ROLE service LOGIN",
        "CREATE ROLE secret LOGIN PASSWORD 'first'",
        "CREATE ROLE certified LOGIN",
        "CREATE TABLE entry (id bigint GENERATED ALWAYS AS IDENTITY)",
        "GRANT ALL ON entry TO service, secret, certified");
    X509Bundle certificate =
        new CertificateBuilder()
            .subject("CN=postgres")
            .addSanDnsName("localhost")
            .ecp256()
            .buildIssuedBy(AUTHORITY);
    Path data = server.data();
    Files.writeString(data.resolve("server.crt"), certificate.getCertificatePathPEM());
    Files.writeString(data.resolve("root.crt"), AUTHORITY.getCertificatePEM());
    Path key = data.resolve("server.key");
    Files.writeString(key, certificate.getPrivateKeyPEM());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path access = data.resolve("pg_hba.conf");
    Files.writeString(
        access,
        """
        hostssl all certified all cert
        host    all certified all reject
        host    all secret    all scram-sha-256
        """
            + Files.readString(access));
    server.execute("ALTER SYSTEM SET ssl = on", "ALTER SYSTEM SET ssl_ca_file = 'root.crt'");
    server.stop(); // else a test might meet it while it reads its files again
    server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static X509Bundle authority(String name) {
    try {
      return new CertificateBuilder()
          .subject(name)
          .setIsCertificateAuthority(true)
          .ecp256()
          .buildSelfSigned();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Tls tls(X509Bundle trusted, Optional<X509Bundle> own) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyManager[] keys = own.isEmpty() ? null : own.get().toKeyManagerFactory().getKeyManagers();
    context.init(keys, new TrustManager[] {trusted.toTrustManager()}, null);
    return new Tls(context.getSocketFactory(), true);
  }

  private static Town town(
      String host, String user, Optional<Password> password, Optional<Tls> tls) {
    return new Town(
        new DatabaseConfig(
            Town.NAME,
            List.of(new DatabaseConfig.Server(host, server.port())),
            "postgres",
            user,
            password,
            tls,
            2,
            Duration.ofSeconds(1),
            Set.of()));
  }

  @Test
  void shouldEncryptAndBelieveWhomItsAuthorityVouchesFor() throws Exception {
    // Given
    Block block = Town.prepare(server);
    try (Town town =
        town(
            "localhost",
            "service",
            Optional.empty(),
            Optional.of(tls(AUTHORITY, Optional.empty())))) {

      // When, Then
      assertThat(town.commit(block)).isEqualTo(new Done());
      assertThat(
              server.query(
                  "SELECT version FROM pg_stat_ssl NATURAL JOIN pg_stat_activity WHERE"
                      + " application_name = 'handfast ledger'"))
          .containsExactly("TLSv1.3");
    }
  }

  @Test
  void shouldNotBelieveWhomAnotherAuthorityVouchesFor() throws Exception {
    // Given
    X509Bundle stranger = authority("CN=stranger");
    try (Town town =
        town(
            "localhost",
            "service",
            Optional.empty(),
            Optional.of(tls(stranger, Optional.empty())))) {

      // When
      Readiness readiness = town.check();

      // Then
      assertThat(readiness.ready()).isFalse();
      assertThat(readiness.reason()).contains("SSL error", "certification path");
    }
  }

  @Test
  void shouldNotBelieveTheCertificateOfAnotherHost() throws Exception {
    // Given
    try (Town town =
        town(
            "127.0.0.1",
            "service",
            Optional.empty(),
            Optional.of(tls(AUTHORITY, Optional.empty())))) {

      // When
      Readiness readiness = town.check();

      // Then
      assertThat(readiness.ready()).isFalse();
      assertThat(readiness.reason()).contains("hostname 127.0.0.1 could not be verified");
    }
  }

  @Test
  void shouldShowItsCertificateWhereTheServerAsksForOne() throws Exception {
    // Given
    X509Bundle own =
        new CertificateBuilder().subject("CN=certified").ecp256().buildIssuedBy(AUTHORITY);
    try (Town known =
            town(
                "localhost",
                "certified",
                Optional.empty(),
                Optional.of(tls(AUTHORITY, Optional.of(own))));
        Town unknown =
            town(
                "localhost",
                "certified",
                Optional.empty(),
                Optional.of(tls(AUTHORITY, Optional.empty())));
        Town plain = town("localhost", "certified", Optional.empty(), Optional.empty())) {

      // When, Then
      assertThat(known.check()).isEqualTo(new Readiness(true, ""));
      assertThat(unknown.check().ready()).isFalse();
      assertThat(plain.check().reason()).contains("28000", "pg_hba.conf");
    }
  }

  @Test
  void shouldReadThePasswordForEachConnectionAndTellItToNobody() throws Exception {
    // Given
    Block block = Town.prepare(server);
    AtomicReference<String> password = new AtomicReference<>("first");
    try (Town town = town("localhost", "secret", Optional.of(password::get), Optional.empty())) {
      assertThat(town.check()).isEqualTo(new Readiness(true, ""));

      // When
      server.execute(
          "ALTER ROLE secret PASSWORD 'second'",
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'secret'");
      Readiness old = town.check();
      Completed early = town.commit(block);
      password.set("second");

      // Then
      assertThat(old.ready()).isFalse();
      assertThat(old.reason()).contains("28P01").doesNotContain("first");
      assertThat(early)
          .isInstanceOfSatisfying(
              Failed.class, it -> assertThat(it.reason()).doesNotContain("first"));
      assertThat(town.check()).isEqualTo(new Readiness(true, ""));
      server.execute("ROLLBACK PREPARED '" + block.name() + "'");
    }
  }

  @Test
  void shouldSayWhichFileCannotBeReadWhenThereIsNoPassword() {
    // Given
    Password missing =
        () -> {
          throw new IOException("/secrets/password: no such file");
        };
    try (Town town = town("localhost", "secret", Optional.of(missing), Optional.empty())) {

      // When, Then
      assertThat(town.check().reason()).contains("/secrets/password: no such file");
    }
  }
}
