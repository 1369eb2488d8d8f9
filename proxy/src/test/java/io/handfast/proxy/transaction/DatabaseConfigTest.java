package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The databases of a transaction manager as an operator writes them. */
class DatabaseConfigTest {
  private final ConfigTexts texts = new ConfigTexts();

  @Test
  void shouldFillInEveryDefaultOfADatabase() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            texts.manager(
                ConfigTexts.SOUND + " databases { name: 'accounts' addresses: 'db' user: 'bank' }");

    // Then
    assertThat(texts.errors.list()).isEmpty();
    assertThat(parsed).isNotNull();
    assertThat(parsed.databases())
        .containsExactly(
            new DatabaseSettings(
                "accounts",
                List.of(new Server("db", 5432)),
                "bank",
                "bank",
                Optional.empty(),
                Optional.empty(),
                4,
                Duration.ofSeconds(10),
                List.of()));
  }

  @Test
  void shouldTakeWhatADatabaseIsGiven() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            texts.manager(
                ConfigTexts.SOUND
                    + " databases { name: 'a' addresses: 'db-1:6000' addresses: '[::1]' database: 'd'"
                    + " user: 'u' password_file: '/p' max_connections { value: 64 } scan_interval {"
                    + " nanos: 100000000 } roles: 'r' roles: 's' tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { validation_context { trusted_ca { filename: '/ca' } } } } }"
                    + " databases { name: 'b' addresses: 'db-1' user: 'u' }");

    // Then
    assertThat(texts.errors.list()).isEmpty();
    assertThat(parsed).isNotNull();
    assertThat(parsed.databases()).hasSize(2);
    DatabaseSettings database = parsed.databases().getFirst();
    assertThat(database.servers())
        .extracting(Server::toString)
        .containsExactly("db-1:6000", "[::1]:5432");
    assertThat(database.database()).isEqualTo("d");
    assertThat(database.user()).isEqualTo("u");
    assertThat(database.passwordFile()).contains(Path.of("/p"));
    assertThat(database.tls().orElseThrow().common().alpnProtocols()).containsExactly("postgresql");
    assertThat(database.maxConnections()).isEqualTo(64);
    assertThat(database.scanInterval()).isEqualTo(Duration.ofMillis(100));
    assertThat(database.roles()).containsExactly("r", "s");
  }

  @Test
  void shouldRefuseAnAuthorityThatIsTooLongForNamesOfWhatIsPrepared() {
    // Given
    String name = "bank-0.bank." + "x".repeat(58) + ".svc.local";
    String long81 =
        ConfigTexts.SOUND.replace("control {", "control { authority: '" + name + ":1' ");
    assertThat(long81).isNotEqualTo(ConfigTexts.SOUND);

    // When
    texts.manager(long81);
    assertThat(texts.errors.list()).as("where there are no databases").isEmpty();
    texts.manager(long81 + " databases { name: 'accounts' addresses: 'db' user: 'bank' }");

    // Then
    assertThat(texts.errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here.control.authority");
          assertThat(error.problem())
              .startsWith(name + ":1, of 82 characters (expected: at most 81, for it is a part of");
        });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "addresses: 'h' user: 'u'|[0].name",
        "name: 'a/b' addresses: 'h' user: 'u'|[0].name",
        "name: 'a' user: 'u'|[0].addresses",
        "name: 'a' addresses: 'h' addresses: 'h:0' user: 'u'|[0].addresses[1]",
        "name: 'a' addresses: 'h:65536' user: 'u'|[0].addresses[0]",
        "name: 'a' addresses: '::1 ' user: 'u'|[0].addresses[0]",
        "name: 'a' addresses: 'h'|[0].user",
        "name: 'a' addresses: 'h' user: 'u' tls {}|[0].tls",
        "name: 'a' addresses: 'h' user: 'u' max_connections { value: 65 }|[0].max_connections",
        "name: 'a' addresses: 'h' user: 'u' max_connections {}|[0].max_connections",
        "name: 'a' addresses: 'h' user: 'u' scan_interval { nanos: 5 }|[0].scan_interval",
        "name: 'a' addresses: 'h' user: 'u' roles: 'u'|[0].roles[0]",
        "name: 'a' addresses: 'h' user: 'u' } databases { name: 'a' addresses: 'h' user: 'u'|[1].name",
      })
  void shouldNameTheFieldThatIsWrongInADatabase(String text, String field) {
    // When
    texts.manager(ConfigTexts.SOUND + " databases { " + text + " }");

    // Then
    assertThat(texts.errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here.databases" + field);
          assertThat(error.problem()).contains("expected: ");
        });
  }
}
