package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.proxy.transaction.manager.ManagerParser;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Transaction;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.transaction.v1.TransactionPerRoute;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.engine.EngineConfig.Limits;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import io.handfast.xds.resource.ConfigErrors;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator writes becomes records, or an error that names the field. */
class TransactionConfigTest {
  private static final String CALLBACK =
      "participant { callback { confirm { path: '/c' } cancel { path: '/x' } } }";
  private static final String JOURNAL = "store { journal { directory: '/var/lib/hf' } }";
  private static final String SOUND =
      "service_name: 'bank' control_trust: PLAINTEXT control {} " + JOURNAL;

  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder().add(CommonTlsContext.getDescriptor()).build();

  private final ConfigErrors errors = new ConfigErrors();

  @Test
  void shouldFillInEveryDefaultOfTheManager() {
    // When
    Object parsed = manager(SOUND);

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
        manager(
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
            manager(
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
            manager(
                "service_name: 'a' control_trust: PLAINTEXT control { authority: 'a-1:15014' }"
                    + " store { etcd { endpoints: 'https://h:1' endpoints: 'https://i:2' prefix: '/a/b' user: 'u'"
                    + " password_file: '/p' lease { seconds: 3 } max_txn_ops { value: 64 }"
                    + " service_authority: 'front:9' tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { validation_context { trusted_ca { filename: '/ca' } } } } } }");

    // Then
    assertThat(errors.list()).isEmpty();
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
    manager(text);

    // Then
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here." + field);
          assertThat(error.problem()).contains("expected: ");
        });
  }

  @Test
  void shouldFillInEveryDefaultOfADatabase() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            manager(SOUND + " databases { name: 'accounts' addresses: 'db' user: 'bank' }");

    // Then
    assertThat(errors.list()).isEmpty();
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
            manager(
                SOUND
                    + " databases { name: 'a' addresses: 'db-1:6000' addresses: '[::1]' database: 'd'"
                    + " user: 'u' password_file: '/p' max_connections { value: 64 } scan_interval {"
                    + " nanos: 100000000 } roles: 'r' roles: 's' tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { validation_context { trusted_ca { filename: '/ca' } } } } }"
                    + " databases { name: 'b' addresses: 'db-1' user: 'u' }");

    // Then
    assertThat(errors.list()).isEmpty();
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
    String long81 = SOUND.replace("control {", "control { authority: '" + name + ":1' ");
    assertThat(long81).isNotEqualTo(SOUND);

    // When
    manager(long81);
    assertThat(errors.list()).as("where there are no databases").isEmpty();
    manager(long81 + " databases { name: 'accounts' addresses: 'db' user: 'bank' }");

    // Then
    assertThat(errors.list())
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
    manager(SOUND + " databases { " + text + " }");

    // Then
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here.databases" + field);
          assertThat(error.problem()).contains("expected: ");
        });
  }

  @Test
  void shouldReadTheTlsOfTheControlServiceForBothSides() {
    // When
    ManagerConfig parsed =
        (ManagerConfig)
            manager(
                "service_name: 'a' control { address: '10.0.0.1' } control_tls {"
                    + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext]"
                    + " { tls_certificates { certificate_chain { filename: '/c' } private_key {"
                    + " filename: '/k' } } validation_context { trusted_ca { filename: '/ca' } } }"
                    + " } "
                    + JOURNAL);

    // Then
    assertThat(errors.list()).isEmpty();
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
    manager(
        "service_name: 'a' control {} control_tls {"
            + " [type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.CommonTlsContext] {"
            + " tls_certificates { certificate_chain { filename: '/c' } private_key { filename:"
            + " '/k' } } validation_context { trusted_ca { filename: '/ca' } } } } "
            + JOURNAL);

    // Then
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> assertThat(error.path()).isEqualTo("here.control.authority"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "boundary {}|REQUIRED",
        "participant { read_only {} }|SUPPORTS",
        CALLBACK + "|MANDATORY",
        "participant { database {} }|MANDATORY",
        "propagation: SUPPORTS participant { database {} }|SUPPORTS",
        "optional: false|SUPPORTS",
        "propagation: MANDATORY|MANDATORY",
        "propagation: SUPPORTS " + CALLBACK + "|SUPPORTS",
        "propagation: REQUIRED boundary {}|REQUIRED",
      })
  void shouldChooseThePropagationByWhatStandsOnTheRoute(String text, Propagation expected) {
    // When
    RoutePolicy policy = route(text, TrafficDirection.INBOUND);

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(policy).isNotNull();
    assertThat(policy.propagation()).isEqualTo(expected);
  }

  @Test
  void shouldTakeTheProtocolOfABoundary() {
    // When
    RoutePolicy policy = route("boundary { protocol: ONE_PHASE }", TrafficDirection.INBOUND);

    // Then
    assertThat(policy).isNotNull();
    assertThat(policy.boundary())
        .isEqualTo(
            new RoutePolicy.Boundary(
                Duration.ofSeconds(10),
                Duration.ofMillis(100),
                1 << 20,
                false,
                false,
                Protocol.ONE_PHASE));
  }

  @Test
  void shouldFillInEveryDefaultOfABoundary() {
    // When
    RoutePolicy policy = route("boundary {} " + CALLBACK, TrafficDirection.INBOUND);

    // Then
    assertThat(policy).isNotNull();
    assertThat(policy.boundary())
        .isEqualTo(
            new RoutePolicy.Boundary(
                Duration.ofSeconds(10), Duration.ofMillis(100), 1 << 20, false, false));
    assertThat(policy.optional()).isFalse();
    assertThat(policy.resource())
        .isNotNull()
        .satisfies(it -> assertThat(it.mode()).isEqualTo("callback"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "INBOUND|propagation: REQUIRES_NEW|propagation|not built yet",
        "INBOUND|propagation: NOT_SUPPORTED|propagation|not built yet",
        "INBOUND|propagation: NEVER|propagation|not built yet",
        "INBOUND|propagation: REQUIRED|propagation|boundary",
        "INBOUND|propagation: MANDATORY boundary {}|propagation|never begin",
        "INBOUND|boundary { protocol: 9 }|boundary.protocol|THREE_PHASE",
        "INBOUND|boundary { timeout { seconds: 3601 } }|boundary.timeout|1 ms to 1 h",
        "INBOUND|boundary { timeout { } }|boundary.timeout|1 ms to 1 h",
        "INBOUND|boundary { max_held_response { value: 99999999 }"
            + " }|boundary.max_held_response|16777216",
        "INBOUND|boundary { admission { min_success_probability: 1.5 } }|boundary.admission.min_success_probability|0 to 1",
        "INBOUND|boundary { admission { min_success_probability: nan } }|boundary.admission.min_success_probability|0 to 1",
        "INBOUND|participant {}|participant|callback, database or read_only",
        "INBOUND|participant { callback {} }|participant.callback|confirm: missing",
        "INBOUND|participant { callback { confirm { path: '/{no.such}' } cancel { path: '/x' } }"
            + " }|participant.callback|no such placeholder",
        "INBOUND|participant { callback { confirm { path: '/x' } cancel { path: '/y' } timeout { seconds: 86400 } }"
            + " }|participant.callback|timeout: 86400s (expected: 1 ms to 1 h",
        "INBOUND|boundary { protocol: THREE_PHASE } participant { database {} }|boundary.protocol|TWO_PHASE or ONE_PHASE with a database participant",
        "INBOUND|optional: true|optional|outbound",
        "OUTBOUND|boundary {}|boundary|inbound",
        "OUTBOUND|participant { read_only {} }|participant|inbound",
      })
  void shouldNameTheFieldThatIsWrongOnARoute(
      TrafficDirection direction, String text, String field, String says) {
    // When
    RoutePolicy policy = route(text, direction);

    // Then
    assertThat(policy).isNull();
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here." + field);
          assertThat(error.problem()).contains(says).contains("expected");
        });
  }

  @Test
  void shouldKnowTheDirectionAndTrustOfTheFilter() {
    // Given
    FilterParser parser = new FilterParser();
    Message plaintext = parse("trust: PLAINTEXT", Transaction.newBuilder());
    Message byDefault = Transaction.getDefaultInstance();

    // When
    List<@Nullable Object> parsed =
        java.util.Arrays.asList(
            parser.parse(plaintext, TrafficDirection.INBOUND, scope("f")),
            parser.parse(byDefault, TrafficDirection.INBOUND, scope("f")),
            parser.parse(byDefault, TrafficDirection.OUTBOUND, scope("f")),
            parser.parse(byDefault, TrafficDirection.UNSPECIFIED, scope("f")));

    // Then
    assertThat(parsed)
        .containsExactly(
            new FilterConfig(true, true),
            new FilterConfig(true, false),
            new FilterConfig(false, false),
            null);
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> assertThat(error.problem()).contains("traffic_direction"));
  }

  @Test
  void shouldReadWhatAClusterIs() {
    // When
    Object mesh =
        new PeerPolicyParser()
            .parse(
                parse("participant: true trust: PLAINTEXT", ClusterPolicy.newBuilder()),
                scope("c"));
    Object byIdentity =
        new PeerPolicyParser()
            .parse(parse("participant: true", ClusterPolicy.newBuilder()), scope("c"));
    Object outside = new PeerPolicyParser().parse(ClusterPolicy.getDefaultInstance(), scope("c"));

    // Then
    assertThat(mesh).isEqualTo(new PeerPolicy(true, true, false));
    assertThat(byIdentity).isEqualTo(new PeerPolicy(true, true, true));
    assertThat(outside).isEqualTo(PeerPolicy.NONE);
  }

  private @Nullable Object manager(String text) {
    return new ManagerParser().parse(parse(text, TransactionManager.newBuilder()), scope("here"));
  }

  private @Nullable RoutePolicy route(String text, TrafficDirection direction) {
    return (RoutePolicy)
        new FilterParser()
            .parsePerRoute(parse(text, TransactionPerRoute.newBuilder()), direction, scope("here"));
  }

  private Scope scope(String path) {
    return new Scope(path, errors);
  }

  private static Message parse(String text, Message.Builder builder) {
    try {
      TextFormat.Parser.newBuilder().setTypeRegistry(TYPES).build().merge(text, builder);
      return builder.build();
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(new InvalidProtocolBufferException(e.getMessage()));
    }
  }
}
