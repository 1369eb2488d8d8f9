package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.transaction.v1.ClusterPolicy;
import io.handfast.transaction.v1.Transaction;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routes, filters and clusters as an operator writes them become records, or an error. */
class TransactionConfigTest {
  private static final String CALLBACK =
      "participant { callback { confirm { path: '/c' } cancel { path: '/x' } } }";

  private final ConfigTexts texts = new ConfigTexts();

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
    RoutePolicy policy = texts.route(text, TrafficDirection.INBOUND);

    // Then
    assertThat(texts.errors.list()).isEmpty();
    assertThat(policy).isNotNull();
    assertThat(policy.propagation()).isEqualTo(expected);
  }

  @Test
  void shouldTakeTheProtocolOfABoundary() {
    // When
    RoutePolicy policy = texts.route("boundary { protocol: ONE_PHASE }", TrafficDirection.INBOUND);

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
    RoutePolicy policy = texts.route("boundary {} " + CALLBACK, TrafficDirection.INBOUND);

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
    RoutePolicy policy = texts.route(text, direction);

    // Then
    assertThat(policy).isNull();
    assertThat(texts.errors.list())
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
    Message plaintext = ConfigTexts.parse("trust: PLAINTEXT", Transaction.newBuilder());
    Message byDefault = Transaction.getDefaultInstance();

    // When
    List<@Nullable Object> parsed =
        java.util.Arrays.asList(
            parser.parse(plaintext, TrafficDirection.INBOUND, texts.scope("f")),
            parser.parse(byDefault, TrafficDirection.INBOUND, texts.scope("f")),
            parser.parse(byDefault, TrafficDirection.OUTBOUND, texts.scope("f")),
            parser.parse(byDefault, TrafficDirection.UNSPECIFIED, texts.scope("f")));

    // Then
    assertThat(parsed)
        .containsExactly(
            new FilterConfig(true, true),
            new FilterConfig(true, false),
            new FilterConfig(false, false),
            null);
    assertThat(texts.errors.list())
        .singleElement()
        .satisfies(error -> assertThat(error.problem()).contains("traffic_direction"));
  }

  @Test
  void shouldReadWhatAClusterIs() {
    // When
    Object mesh =
        new PeerPolicyParser()
            .parse(
                ConfigTexts.parse("participant: true trust: PLAINTEXT", ClusterPolicy.newBuilder()),
                texts.scope("c"));
    Object byIdentity =
        new PeerPolicyParser()
            .parse(
                ConfigTexts.parse("participant: true", ClusterPolicy.newBuilder()),
                texts.scope("c"));
    Object outside =
        new PeerPolicyParser().parse(ClusterPolicy.getDefaultInstance(), texts.scope("c"));

    // Then
    assertThat(mesh).isEqualTo(new PeerPolicy(true, true, false));
    assertThat(byIdentity).isEqualTo(new PeerPolicy(true, true, true));
    assertThat(outside).isEqualTo(PeerPolicy.NONE);
  }
}
