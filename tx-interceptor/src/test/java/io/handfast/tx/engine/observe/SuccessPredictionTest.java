package io.handfast.tx.engine.observe;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Vote;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is believed of services, and for how long. */
final class SuccessPredictionTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private long now = 1_000;
  private final SuccessPrediction prediction = new SuccessPrediction(registry, () -> now);
  private final SuccessPrediction.Boundary orders = boundary("orders");

  @Test
  void shouldBelieveThatATransactionSucceedsWhenNothingIsKnown() {
    assertThat(orders.probability()).isEqualTo(1);
  }

  @Test
  void shouldMultiplyWhatEachServiceUsuallySays() {
    // When: one of two services says no every other time
    for (int i = 0; i < 400; i++) {
      orders.voted(votes("orders", "bank"), i % 2 == 0 ? "bank" : null);
    }

    // Then
    assertThat(yes("orders")).isEqualTo(1);
    assertThat(yes("bank")).isBetween(0.5, 0.6);
    assertThat(orders.probability()).isCloseTo(yes("orders") * yes("bank"), within(1e-9));
    assertThat(registry.get("handfast.tx.success.probability").tag("boundary", "orders").gauge())
        .satisfies(it -> assertThat(it.value()).isEqualTo(orders.probability()));
  }

  @Test
  void shouldNotCountTheServiceThatAVoteOfNoWasCastFor() {
    // When: the caller votes abort because its call failed
    orders.voted(List.of(vote("orders", Vote.ABORT), vote("bank", Vote.STRUCK)), "bank");

    // Then
    assertThat(registry.find("handfast.tx.yes.probability").tag("service", "orders").gauge())
        .isNull();
    assertThat(yes("bank")).isLessThan(1);
  }

  @Test
  void shouldLeaveOutAServiceThatIsReachedNowAndThenOnly() {
    // When
    for (int i = 0; i < 100; i++) {
      orders.voted(
          i % 10 == 0 ? votes("orders", "rare") : votes("orders"), i % 10 == 0 ? "rare" : null);
    }

    // Then
    assertThat(yes("rare")).isLessThan(0.5);
    assertThat(orders.probability()).isEqualTo(1);
  }

  @Test
  void shouldShareWhatIsKnownOfAServiceAmongBoundaries() {
    // Given
    SuccessPrediction.Boundary refunds = boundary("refunds");
    refunds.voted(votes("bank"), null);

    // When
    orders.voted(votes("orders"), "bank");

    // Then
    assertThat(refunds.probability()).isEqualTo(yes("bank")).isLessThan(1);
  }

  @Test
  void shouldBelieveAgainAfterAWhileWhatNobodyTried() {
    // Given
    for (int i = 0; i < 1_000; i++) {
      orders.voted(votes("orders"), "bank");
    }
    assertThat(orders.probability()).isLessThan(0.15);

    // When
    now += 6 * SuccessPrediction.HALF_LIFE_NANOS;

    // Then
    assertThat(orders.probability()).isGreaterThan(0.85);
  }

  @Test
  void shouldKeepNoMoreServicesAndBoundariesThanItsBounds() {
    // When
    for (int i = 0; i < 2 * SuccessPrediction.MAX_SERVICES; i++) {
      boundary("spread-" + i % 100).voted(votes("service-" + i), null);
    }
    for (int i = 0; i < 2 * SuccessPrediction.MAX_BOUNDARIES; i++) {
      prediction.boundary("boundary-" + i);
    }

    // Then
    assertThat(registry.find("handfast.tx.yes.probability").gauges())
        .hasSize(SuccessPrediction.MAX_SERVICES);
    assertThat(registry.find("handfast.tx.success.probability").gauges())
        .hasSize(SuccessPrediction.MAX_BOUNDARIES);
    assertThat(prediction.boundary("one more")).isNull();
    assertThat(prediction.boundary("orders")).isSameAs(orders);
  }

  private SuccessPrediction.Boundary boundary(String name) {
    return requireNonNull(prediction.boundary(name));
  }

  private double yes(String service) {
    return registry.get("handfast.tx.yes.probability").tag("service", service).gauge().value();
  }

  private static List<BranchVote> votes(String... services) {
    return List.of(services).stream().map(it -> vote(it, Vote.PREPARED)).toList();
  }

  private static BranchVote vote(String service, Vote vote) {
    return new BranchVote(
        BranchId.of(service.hashCode()),
        vote,
        new Authority(service, 15014),
        new StoreId("j." + service),
        service,
        "callback",
        "",
        "");
  }
}
