package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What crosses the sidecar in headers, both ways: T1 to T7. */
class ContextRulesTest {
  private static final RoutePolicy MANDATORY =
      new RoutePolicy(Propagation.MANDATORY, null, null, false);

  private final Story story = new Story();

  @Test
  void shouldRefuse400WhenContextIsMalformedT1() {
    // When
    InboundProbe served =
        story.bank.inbound(
            Policies.participant(Policies.callback()),
            "POST",
            "/",
            TestFields.of("tx-context", "01-nonsense"));

    // Then
    assertThat(served.refused().status()).isEqualTo(400);
    assertThat(served.refused().detail()).contains("tx-context").contains("expected");
    assertThat(served.forwarded).isNull();
  }

  @Test
  void shouldStripMalformedContextWhenListenerIsNotTrustedT1() {
    // When
    InboundProbe served =
        story.bank.inbound(
            RoutePolicy.NONE, false, "GET", "/", TestFields.of("tx-context", "01-nonsense"));

    // Then
    assertThat(served.passed).isNotNull();
    assertThat(served.refused).isNull();
  }

  @Test
  void shouldGiveEachCallABranchOfItsOwnT2() {
    // Given
    story.begin();

    // When
    OutboundProbe first = story.front.outbound(RoutePolicy.NONE, story.client().service());
    OutboundProbe second = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    String one = branch(first.wire());
    String two = branch(second.wire());
    String own = branch(story.client().service());
    assertThat(List.of(one, two, own)).doesNotHaveDuplicates();
    assertThat(first.wire().first("tx-context")).contains(story.tx());
  }

  @Test
  void shouldSendTheTimeThatRemainsWhenTimeHasPassedT3() {
    // Given
    story.begin().pass(500);

    // When
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    String context = call.wire().first("tx-context");
    long remaining = Long.parseLong(String.valueOf(context).replaceAll(".*;t=", ""));
    assertThat(remaining).isBetween(1_400L, 1_500L);
    assertThat(context)
        .contains(";d=j.front@front:15014;i=spiffe://mesh.example/front;v=front:15014;");
  }

  @Test
  void shouldRefuseCallWhenNoTimeRemainsT3() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());
    String late = String.valueOf(call.wire().first("tx-context")).replaceAll(";t=.*", ";t=0");

    // When
    InboundProbe served =
        story.bank.inbound(
            Policies.participant(Policies.callback()),
            "POST",
            "/",
            TestFields.of("tx-context", late));

    // Then
    assertThat(served.refused().status()).isEqualTo(504);
  }

  @Test
  void shouldGiveServiceTheIdentityInAllCarriersT4() {
    // When
    story.begin();

    // Then
    TestFields service = story.client().service();
    String identity = String.valueOf(service.first("tx-context"));
    assertThat(identity).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
    assertThat(service.first("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    assertThat(service.first("tracestate")).isEqualTo("hf=" + identity.substring(3, 52));
    assertThat(service.first("baggage")).isEqualTo("tx-context=" + identity);
  }

  @Test
  void shouldKeepTraceAndPutOwnMembersFirstT4() {
    // Given
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    // When
    InboundProbe client =
        story.front.inbound(
            Policies.boundary(Policies.callback()),
            "POST",
            "/",
            TestFields.of(
                "traceparent", traceparent, "tracestate", "vendor=1", "baggage", "user=7"));
    story.pass(2);

    // Then
    assertThat(client.service().first("traceparent")).isNull();
    assertThat(client.service().first("tracestate")).startsWith("hf=").endsWith(",vendor=1");
    assertThat(client.service().first("baggage")).startsWith("tx-context=").endsWith(",user=7");
  }

  @Test
  void shouldTagCallWhateverCarrierComesBackT4() {
    // Given
    story.begin();
    TestFields service = story.client().service();

    for (String carrier : List.of("tx-context", "tracestate", "baggage", "traceparent")) {
      // When
      OutboundProbe call = story.front.outbound(RoutePolicy.NONE, service.only(carrier));

      // Then
      assertThat(call.wire().first("tx-context")).as(carrier).contains(story.tx());
    }
  }

  @Test
  void shouldNotNameABranchByTraceWhenTwoAreInFlightT4() {
    // Given
    String traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    TestFields trace = TestFields.of("traceparent", traceparent);
    story.front.inbound(Policies.boundary(Policies.callback()), "POST", "/", trace);
    story.front.inbound(Policies.boundary(Policies.callback()), "POST", "/", trace);
    story.pass(2);

    // When
    OutboundProbe optional = story.front.outbound(RoutePolicy.NONE, trace);
    OutboundProbe required = story.front.outbound(MANDATORY, trace);

    // Then
    assertThat(optional.passed).isNotNull();
    assertThat(required.refused().status()).isEqualTo(400);
    assertThat(story.front.count("handfast.tx.context.missing")).isEqualTo(1);
  }

  @Test
  void shouldNotNameASuccessorByTraceWithinQuarantineT4() {
    // Given
    TestFields trace =
        TestFields.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    InboundProbe first = story.front.inbound(Policies.readOnlyBoundary(), "POST", "/", trace);
    story.pass(2);
    first.answered(200);
    story.pass(10);
    story.front.inbound(Policies.readOnlyBoundary(), "POST", "/", trace);
    story.pass(2);

    // When
    OutboundProbe stray = story.front.outbound(MANDATORY, trace);

    // Then
    assertThat(first.releasedField("tx-outcome")).isEqualTo("committed");
    assertThat(stray.refused().status()).isEqualTo(400);
  }

  @Test
  void shouldNotNameABranchByTraceWhileAFormerLifesHandlersMayRunT4() {
    // Given
    TestFields trace =
        TestFields.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    story.front.restart();
    open(trace);

    // When
    OutboundProbe early = story.front.outbound(MANDATORY, trace);
    story.pass(EngineConfig.DEFAULT_TRACE_QUARANTINE.toMillis());
    TestFields later =
        TestFields.of("traceparent", "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    open(later);
    OutboundProbe late = story.front.outbound(MANDATORY, later);

    // Then
    assertThat(early.refused().type()).isEqualTo("context-ambiguous");
    assertThat(late.forwarded).isNotNull();
  }

  private void open(TestFields trace) {
    InboundProbe opened = story.front.inbound(Policies.readOnlyBoundary(), "POST", "/", trace);
    story.pass(2);
    assertThat(opened.forwarded).isNotNull();
  }

  @Test
  void shouldRefuseAndCountWhenRequiredContextIsMissingT5() {
    // When
    InboundProbe inbound = story.bank.inbound(MANDATORY, "POST", "/", TestFields.of());
    OutboundProbe outbound = story.bank.outbound(MANDATORY, TestFields.of());

    // Then
    assertThat(inbound.refused().status()).isEqualTo(400);
    assertThat(outbound.refused().status()).isEqualTo(400);
    assertThat(story.bank.count("handfast.tx.context.missing")).isEqualTo(2);
  }

  @Test
  void shouldRefuse409WhenBranchIsNotInFlightT5() {
    // Given
    story.begin().frontAnswers(200).pass(50);

    // When
    OutboundProbe late = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    assertThat(late.refused().status()).isEqualTo(409);
    assertThat(late.forwarded).isNull();
  }

  @Test
  void shouldStripIdentityWhenCallLeavesTheMeshT6() {
    // Given
    story.begin();
    TestFields service =
        TestFields.of(
            "tracestate",
            story.client().service().first("tracestate") + ",vendor=1",
            "baggage",
            String.valueOf(story.client().service().first("baggage")));

    // When
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, false, service);

    // Then
    assertThat(call.passed)
        .containsExactly(new Field("tracestate", "vendor=1"), new Field("baggage", ""));
    assertThat(call.forwarded).isNull();
  }

  @Test
  void shouldNotJoinWhenListenerIsNotTrustedT6() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe edge =
        story.bank.inbound(
            RoutePolicy.NONE,
            false,
            "GET",
            "/",
            TestFields.of(
                "tx-context",
                String.valueOf(call.wire().first("tx-context")),
                "tracestate",
                "hf=" + story.tx() + "-00000000000000aa"));

    // Then
    assertThat(edge.passed).containsExactly(new Field("tracestate", ""));
    assertThat(story.bank.count("handfast.tx.branches")).isZero();
  }

  @Test
  void shouldNotCountVotesWhenClusterIsNotTrustedT7() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outboundUntrusted(story.client().service());

    // When
    call.exchange()
        .answered(
            OutboundProbe.status(200),
            List.of(branch(call.wire()) + ";v=prepared;p=bank:15014;j=j.bank;s=bank"));
    story.frontAnswers(200).pass(3_000);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(story.front.count("handfast.tx.outcomes", "outcome", "aborted")).isEqualTo(1);
  }

  @Test
  void shouldNotCountVotesThatAreMessagesWhenClusterIsNotTrustedT7() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outboundUntrusted(story.client().service());
    InboundProbe served =
        story.bank.inbound(Policies.participant(Policies.callback()), "POST", "/", call.wire());
    story.pass(2);
    // Its answer takes no fields, so that the vote is a message.
    served.exchange().answered(InboundProbe.answer(200, null, false));
    story.pass(2);

    // When
    call.exchange().answered(OutboundProbe.status(200), List.of());
    story.frontAnswers(200).pass(10_000);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldBeABranchWithoutEffectsWhenMethodIsSafeAndRouteSaysNothing() {
    // Given
    story.begin();
    OutboundProbe read = story.front.outbound(RoutePolicy.NONE, story.client().service());
    OutboundProbe write = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    InboundProbe got = story.bank.inbound(RoutePolicy.NONE, "GET", "/", read.wire());
    InboundProbe posted = story.bank.inbound(RoutePolicy.NONE, "POST", "/", write.wire());
    got.answered(200);
    story.pass(0);

    // Then
    assertThat(got.voteOrNull()).contains(";v=read-only;");
    assertThat(posted.refused().status()).isEqualTo(409);
    assertThat(posted.refused().detail()).contains("participant");
  }

  private static String branch(TestFields fields) {
    return String.valueOf(fields.first("tx-context")).substring(36, 52);
  }
}
