package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.tx.core.Authority;
import io.handfast.tx.engine.EngineConfig.Limits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transaction manager as an operator writes it: every default, every wrong field. */
class ManagerConfigTest {
  private final ConfigTexts texts = new ConfigTexts();

  @Test
  void shouldFillInEveryDefaultOfTheManager() {
    // When
    Object parsed = texts.manager(ConfigTexts.SOUND);

    // Then
    assertThat(parsed)
        .isEqualTo(
            new ManagerConfig(
                "bank",
                new ManagerConfig.JournalConfig(Path.of("/var/lib/hf"), 16 << 20, 1L << 30),
                new ManagerConfig.ControlConfig(
                    "127.0.0.1", 15_014, Optional.empty(), Optional.empty()),
                Duration.ofMinutes(10),
                Limits.DEFAULT,
                Duration.ofMinutes(15),
                Optional.empty(),
                Optional.of(Path.of("/var/lib/hf/operator-token")),
                List.of()));
  }

  @Test
  void shouldTakeWhatTheManagerIsGiven() {
    // When
    Object parsed =
        texts.manager(
            "service_name: 'bank' control_trust: PLAINTEXT "
                + "control { address: '0.0.0.0' port { value: 0 } authority: 'bank-1:9' } "
                + "store { journal { directory: 'd' segment_bytes { value: 65536 } "
                + "max_bytes { value: 67108864 } } } retention { seconds: 5 } "
                + "max_transactions { value: 7 } limits { max_branches { value: 8 } "
                + "max_bytes { value: 2048 } max_time { seconds: 9 } } trace_quarantine { seconds: 6 } "
                + "local_cluster: 'service' operator_token_file: '/run/handfast/token'");

    // Then
    assertThat(parsed)
        .isEqualTo(
            new ManagerConfig(
                "bank",
                new ManagerConfig.JournalConfig(Path.of("d"), 65_536, 67_108_864),
                new ManagerConfig.ControlConfig(
                    "0.0.0.0", 0, Optional.of(new Authority("bank-1", 9)), Optional.empty()),
                Duration.ofSeconds(5),
                new Limits(7, 8, 2048, Duration.ofSeconds(9)),
                Duration.ofSeconds(6),
                Optional.of("service"),
                Optional.of(Path.of("/run/handfast/token")),
                List.of()));
  }

  @Test
  void shouldFillInEveryDefaultOfAStoreOnEtcd() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            texts.manager(
                "service_name: 'a' control_trust: PLAINTEXT control { authority: 'a-1:15014' } "
                    + "store { etcd { endpoints: 'http://h:1' } }");

    // Then
    assertThat(parsed).isNotNull();
    assertThat(parsed.store())
        .isEqualTo(
            new ManagerConfig.EtcdConfig(
                List.of("http://h:1"),
                "/handfast",
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(10),
                128,
                Optional.empty()));
  }

  @Test
  void shouldTakeWhatAStoreOnEtcdIsGiven() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            texts.manager(
                "service_name: 'a' control_trust: PLAINTEXT control { authority: 'a-1:15014' }"
                    + " store { etcd { endpoints: 'https://h:1' endpoints: 'https://i:2' prefix: '/a/b' user: 'u'"
                    + " password_file: '/p' lease { seconds: 3 } max_txn_ops { value: 64 }"
                    + " service_authority: 'front:9' tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { validation_context { trusted_ca { filename: '/ca' } } } } } }");

    // Then
    assertThat(texts.errors.list()).isEmpty();
    assertThat(parsed).isNotNull();
    ManagerConfig.EtcdConfig etcd = (ManagerConfig.EtcdConfig) parsed.store();
    assertThat(etcd.endpoints()).containsExactly("https://h:1", "https://i:2");
    assertThat(etcd.prefix()).isEqualTo("/a/b");
    assertThat(etcd.user()).contains(new ManagerConfig.EtcdUser("u", Path.of("/p")));
    assertThat(etcd.tls()).isPresent();
    assertThat(etcd.lease()).isEqualTo(Duration.ofSeconds(3));
    assertThat(etcd.maxTxnOps()).isEqualTo(64);
    assertThat(etcd.serviceAuthority()).contains(new Authority("front", 9));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "control_trust: PLAINTEXT control {} store { journal { directory: 'd' } }|service_name",
        "service_name: 'a b' control_trust: PLAINTEXT control {} store { journal { directory: 'd' }"
            + " }|service_name",
        "service_name: 'a' control_trust: PLAINTEXT control {}|store",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { journal {}"
            + " }|store.journal.directory",
        "service_name: 'a' control_trust: PLAINTEXT store { journal { directory: 'd' } }|control",
        "service_name: 'a' control {} store { journal { directory: 'd' } }|control_tls",
        "service_name: 'a' control {} control_tls {} store { journal { directory: 'd' }"
            + " }|control_tls",
        "service_name: 'a' control {} control_trust: PLAINTEXT control_tls {} store { journal {"
            + " directory: 'd' } }|control_tls",
        "service_name: 'a' control {} control_tls {"
            + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext] {}"
            + " } store { journal { directory: 'd' } }|control_tls",
        "service_name: 'a' control_trust: PLAINTEXT control { port { value: 70000 } } store {"
            + " journal { directory: 'd' } }|control.port",
        "service_name: 'a' control_trust: PLAINTEXT control { address: '0.0.0.0' } store { journal"
            + " { directory: 'd' } }|control.authority",
        "service_name: 'a' control_trust: PLAINTEXT control { authority: 'Not One' } store {"
            + " journal { directory: 'd' } }|control.authority",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { journal { directory: 'd'"
            + " segment_bytes { value: 5 } } }|store.journal.segment_bytes",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { journal { directory: 'd'"
            + " max_bytes { value: 5 } } }|store.journal.max_bytes",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd {}"
            + " }|store.etcd.endpoints",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'https://h:1' } }|store.etcd.endpoints",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints: 'http://h'"
            + " } }|store.etcd.endpoints",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' prefix: 'p/' } }|store.etcd.prefix",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' user: 'u' } }|store.etcd.password_file",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' lease { nanos: 5 } } }|store.etcd.lease",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' max_txn_ops { value: 4 } } }|store.etcd.max_txn_ops",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' service_authority: 'Not One' } }|store.etcd.service_authority",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'https://h:1' tls {} } }|store.etcd.tls",
        "service_name: 'a' control_trust: PLAINTEXT control {} store { etcd { endpoints:"
            + " 'http://h:1' } }|control.authority",
        "service_name: 'a' control_trust: PLAINTEXT control { authority: '0.0.0.0:1' } store { etcd"
            + " { endpoints: 'http://h:1' } }|control.authority",
        "service_name: 'a' control_trust: PLAINTEXT control {} limits { max_branches { value: 4097 } } store"
            + " { journal { directory: 'd' } }|limits.max_branches",
        "service_name: 'a' control_trust: PLAINTEXT control {} limits { max_bytes { value: 1023 } } store"
            + " { journal { directory: 'd' } }|limits.max_bytes",
        "service_name: 'a' control_trust: PLAINTEXT control {} limits { max_time { seconds: 3601 } } store"
            + " { journal { directory: 'd' } }|limits.max_time",
        "service_name: 'a' control_trust: PLAINTEXT control {} max_transactions { value: 0 } store"
            + " { journal { directory: 'd' } }|max_transactions",
      })
  void shouldNameTheFieldThatIsWrongInTheManager(String text, String field) {
    // When
    texts.manager(text);

    // Then
    assertThat(texts.errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here." + field);
          assertThat(error.problem()).contains("expected: ");
        });
  }

  @Test
  void shouldReadTheTlsOfTheControlServiceForBothSides() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            texts.manager(
                "service_name: 'a' control { address: '10.0.0.1' } control_tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { tls_certificates { certificate_chain { filename: '/c' } private_key {"
                    + " filename: '/k' } } validation_context { trusted_ca { filename: '/ca' } } }"
                    + " } "
                    + ConfigTexts.JOURNAL);

    // Then
    assertThat(texts.errors.list()).isEmpty();
    assertThat(parsed).isNotNull();
    ManagerConfig.ControlTls tls = parsed.control().tls().orElseThrow();
    assertThat(tls.server().requireClientCertificate()).isTrue();
    assertThat(tls.server().common()).isEqualTo(tls.client().common());
    assertThat(tls.server().common().alpnProtocols()).containsExactly("h2");
    assertThat(tls.server().common().validation()).isPresent();
  }

  @Test
  void shouldListenOnAnyAddressWhenPeersProveWhoTheyAre() {
    // When
    texts.manager(
        "service_name: 'a' control {} control_tls {"
            + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext] {"
            + " tls_certificates { certificate_chain { filename: '/c' } private_key { filename:"
            + " '/k' } } validation_context { trusted_ca { filename: '/ca' } } } } "
            + ConfigTexts.JOURNAL);

    // Then
    assertThat(texts.errors.list())
        .singleElement()
        .satisfies(error -> assertThat(error.path()).isEqualTo("here.control.authority"));
  }
}
