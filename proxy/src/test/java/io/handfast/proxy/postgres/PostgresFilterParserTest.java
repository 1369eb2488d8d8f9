package io.handfast.proxy.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import com.google.protobuf.TypeRegistry;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.NetworkFilterConfig;
import io.handfast.proxy.config.extension.NetworkFilterParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.transaction.v1.PostgresTransaction;
import io.handfast.xds.resource.ConfigErrors;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator writes of a database's filter becomes a record, or an error with its field. */
final class PostgresFilterParserTest {
  private static final TypeRegistry TYPES =
      TypeRegistry.newBuilder().add(DownstreamTlsContext.getDescriptor()).build();

  private static final String TLS =
      "[type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext]";

  private final ConfigErrors errors = new ConfigErrors();

  @Test
  void shouldFillInEveryDefaultOfTheFilter() {
    assertThat(parse("stat_prefix: 's' database: 'd'"))
        .isEqualTo(new PostgresFilterConfig("s", "d", false, Optional.empty()));
  }

  @Test
  void shouldTakeWhatTheFilterIsGiven() {
    // When
    PostgresFilterConfig parsed =
        (PostgresFilterConfig)
            parse(
                "stat_prefix: 's' database: 'd' propagation: MANDATORY tls { "
                    + TLS
                    + " { common_tls_context { tls_certificates { certificate_chain { filename:"
                    + " '/c' } private_key { filename: '/k' } } } } }");

    // Then
    assertThat(errors.list()).isEmpty();
    assertThat(parsed).isNotNull();
    assertThat(parsed.mandatory()).isTrue();
    assertThat(parsed.tls().orElseThrow().common().alpnProtocols()).containsExactly("postgresql");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "database: 'd'|stat_prefix",
        "stat_prefix: 's'|database",
        "stat_prefix: 's' database: 'd' propagation: REQUIRED|propagation",
        "stat_prefix: 's' database: 'd' propagation: NEVER|propagation",
        "stat_prefix: 's' database: 'd' tls {}|tls",
        "stat_prefix: 's' database: 'd' tls { "
            + TLS
            + " {} }|tls.common_tls_context.tls_certificates",
        "stat_prefix: 's' database: 'd' tls { "
            + TLS
            + " { common_tls_context { tls_certificate_sds_secret_configs { name: 'n' sds_config {"
            + " ads {} } } } } }|tls",
      })
  void shouldNameTheFieldThatIsWrongInTheFilter(String text, String field) {
    // When
    NetworkFilterConfig parsed = parse(text);

    // Then
    assertThat(parsed).isNull();
    assertThat(errors.list())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.path()).isEqualTo("here." + field);
          assertThat(error.problem()).contains("expected: ");
        });
  }

  private @Nullable NetworkFilterConfig parse(String text) {
    PostgresTransaction.Builder proto = PostgresTransaction.newBuilder();
    try {
      TextFormat.Parser.newBuilder().setTypeRegistry(TYPES).build().merge(text, proto);
    } catch (TextFormat.ParseException e) {
      throw new IllegalArgumentException(e);
    }
    return new PostgresFilterParser().parse(proto.build(), NOWHERE, new Scope("here", errors));
  }

  private static final NetworkFilterParser.Surroundings NOWHERE =
      new NetworkFilterParser.Surroundings() {
        @Override
        public TrafficDirection direction() {
          return TrafficDirection.OUTBOUND;
        }

        @Override
        public boolean mayName(String cluster) {
          return true;
        }

        @Override
        public List<AccessLogConfig> accessLogs(List<AccessLog> protos, Scope scope) {
          return List.of();
        }
      };
}
