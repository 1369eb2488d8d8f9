package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which requests the engine need not be asked about. That it would let each of them pass as it is,
 * {@link Sidecar} sees to in every test.
 */
class OutsideTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final TestFields PLAIN = TestFields.of("accept", "*/*", "tx-vote", "x");

  private final Story story = new Story();

  private boolean inbound(RoutePolicy policy, boolean trusted, TestFields headers) {
    story.front.inbound(policy, trusted, "GET", "/", headers);
    return story.front.engine().isOutsideInbound(policy, trusted, headers);
  }

  private boolean outbound(RoutePolicy policy, boolean participant, TestFields headers) {
    story.front.outbound(policy, participant, headers);
    return story.front.engine().isOutsideOutbound(policy, participant, headers);
  }

  @Test
  void shouldBeOutsideWhenNothingSaysATransaction() {
    assertThat(inbound(RoutePolicy.NONE, true, PLAIN)).isTrue();
    assertThat(outbound(RoutePolicy.NONE, true, PLAIN)).isTrue();
    assertThat(outbound(RoutePolicy.NONE, false, PLAIN)).isTrue();
  }

  @Test
  void shouldBeOutsideWhenTheContextIsNotBelieved() {
    // Given
    TestFields headers = TestFields.of("tx-context", "01-nonsense");

    // Then
    assertThat(inbound(RoutePolicy.NONE, false, headers)).isTrue();
    assertThat(inbound(RoutePolicy.NONE, true, headers)).isFalse();
    assertThat(outbound(RoutePolicy.NONE, false, headers)).isTrue();
    assertThat(outbound(RoutePolicy.NONE, true, headers)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tracestate", "baggage"})
  void shouldNotBeOutsideWhenAnApplicationMayHaveCopiedAnIdentity(String carrier) {
    // Given
    TestFields headers = TestFields.of(carrier, "vendor=1");

    // Then
    assertThat(inbound(RoutePolicy.NONE, true, headers)).isFalse();
    assertThat(outbound(RoutePolicy.NONE, true, headers)).isFalse();
    assertThat(outbound(RoutePolicy.NONE, false, headers)).isFalse();
  }

  @Test
  void shouldNotBeOutsideWhenTheRouteAsksForATransaction() {
    // Given
    RoutePolicy mandatory = new RoutePolicy(Propagation.MANDATORY, null, null, false);

    // Then
    assertThat(inbound(mandatory, true, PLAIN)).isFalse();
    assertThat(inbound(Policies.readOnlyBoundary(), true, PLAIN)).isFalse();
    assertThat(outbound(mandatory, true, PLAIN)).isFalse();
  }

  @Test
  void shouldBeOutsideWithATraceUnlessABranchMayHaveIt() {
    // Given
    TestFields traced = TestFields.of("traceparent", TRACE);
    assertThat(outbound(RoutePolicy.NONE, true, traced)).isTrue();

    // When
    story.begin();

    // Then
    assertThat(outbound(RoutePolicy.NONE, true, traced)).isFalse();
    assertThat(outbound(RoutePolicy.NONE, false, traced)).isTrue();
    assertThat(inbound(RoutePolicy.NONE, true, traced)).isTrue();
  }
}
