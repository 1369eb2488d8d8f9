package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Outcome;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import io.handfast.tx.resource.Resource;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The engine's refusals of calls as a service, or who calls it, reads them: status, name, detail.
 * PARTICIPATION.md names each with its test.
 */
class CallRefusalTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final RoutePolicy MANDATORY =
      new RoutePolicy(Propagation.MANDATORY, null, null, false);

  private final Story story = new Story();
  private final Control control = new Control(story);

  private static void assertRefusal(
      @Nullable Problem refusal, int status, String name, String detail) {
    Problem told = requireNonNull(refusal);
    assertThat(told.status()).isEqualTo(status);
    assertThat(told.type()).isEqualTo(name);
    assertThat(told.detail()).isEqualTo(detail);
  }

  /** The front's service calls the bank; its sidecar has the call, the bank has not. */
  private TestFields wire() {
    story.call = story.front.outbound(RoutePolicy.NONE, story.begin().client().service());
    return story.call().wire();
  }

  private InboundProbe arrives(@Nullable Resource mode, TestFields headers) {
    InboundProbe probe =
        story.bank.inbound(Policies.participant(mode), "POST", "/reserve", headers);
    story.pass(2);
    return probe;
  }

  private OutboundProbe calls(TestFields headers) {
    return story.bank.outbound(MANDATORY, headers);
  }

  private String branch() {
    return control.tx() + "-" + String.format("%016x", control.branch());
  }

  @Test
  void shouldSayWhatToPassOnWhenNoTransactionIsNamedT5() {
    String expected =
        ": no transaction is named (expected: the traceparent, tracestate and baggage of the"
            + " request that is being served, passed on)";
    assertRefusal(
        arrives(Policies.callback(), TestFields.of()).refused,
        400,
        "context-missing",
        "POST /reserve" + expected);
    assertRefusal(
        calls(TestFields.of()).refused, 400, "context-missing", "POST to peer" + expected);
  }

  @Test
  void shouldSayWhatToPassOnWhenATraceNamesNoTransactionT4() {
    story.begin().callBank();
    assertRefusal(
        calls(TestFields.of("traceparent", TRACE)).refused,
        400,
        "context-ambiguous",
        "POST to peer: the trace names no transaction, or more than one (expected: tracestate or"
            + " baggage of the request that is being served, passed on)");
  }

  @Test
  void shouldShowWhatCannotBeReadT1() {
    assertRefusal(
        arrives(Policies.callback(), TestFields.of("tx-context", "00-nonsense")).refused,
        400,
        "malformed-context",
        "tx-context: 00-nonsense (expected: 00-<32 hex>-<16 hex>-<2 hex>, lower case, the first id"
            + " laid out as UUIDv7)");
    assertRefusal(
        calls(TestFields.of("tracestate", "hf=nonsense")).refused,
        400,
        "malformed-context",
        "tracestate: hf=nonsense (expected: hf=<32 hex>-<16 hex>, lower case, the first id laid out"
            + " as UUIDv7)");
  }

  @Test
  void shouldSayThatTheRouteNamesNoParticipant() {
    assertRefusal(
        arrives(null, wire()).refused,
        409,
        "no-participant",
        "method: POST on a route without a participant (expected: a safe method, or a participant"
            + " in the route's configuration: nobody could undo the call)");
  }

  @Test
  void shouldSayThatTheBranchOfACallIsOverT5() {
    story.begin().callBank();
    TestFields kept = story.served().service();
    story.bankAnswers(200).frontAnswers(200).pass(5_000);
    assertRefusal(
        calls(kept).refused,
        409,
        "branch-not-in-flight",
        "branch " + branch() + " is not in flight here: late, ended or forged");
  }

  @Test
  void shouldSayThatTheBranchOfACallHasVotedT11() {
    story.begin().callBank();
    TestFields kept = story.served().service();
    story.bankAnswers(200);
    assertRefusal(
        calls(kept).refused,
        409,
        "branch-aborted",
        "the branch has voted and takes no calls any more");
  }

  @Test
  void shouldSayThatTheTransactionOfACallWasAbortedT12() {
    story.begin().callBank();
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");
    story.pass(2);
    assertRefusal(
        calls(story.served().service()).refused,
        409,
        "branch-aborted",
        "the transaction was aborted");
  }

  @Test
  void shouldSayThatACallCameAfterTheAbortOfItsBranchT16() {
    TestFields late = wire();
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");
    story.pass(2);
    assertRefusal(
        arrives(Policies.callback(), late).refused,
        409,
        "branch-ended",
        "branch " + branch() + " was aborted");
  }

  @Test
  void shouldSayThatTheAnswerToADuplicateIsNotKept() {
    story.begin().callBank();
    TestFields again = story.call().wire();
    story.served().exchange().answered(InboundProbe.answer(200, null, true));
    story.pass(3);
    assertRefusal(
        arrives(Policies.callback(), again).refused,
        409,
        "duplicate-call",
        "branch "
            + branch()
            + " has been called before and its answer is not kept (expected: a new call for each"
            + " retry)");
  }

  @Test
  void shouldNameWhatConfirmAndCancelLack() {
    assertRefusal(
        arrives(Policies.callback("/c/{request.header.order}", "/x/{branch.id}"), wire()).refused,
        400,
        "callback-template",
        "{request.header.order}: no such value in this call (expected: every call of a callback"
            + " route has it)");
  }

  @Test
  void shouldNameTheLimitThatIsReached() {
    EngineConfig plain = EngineConfig.of("front", story.front.authority());
    story.front.configure(
        new EngineConfig(
            "front",
            plain.authority(),
            new EngineConfig.Limits(10, 1, 1 << 20, Duration.ofHours(1)),
            plain.retention(),
            plain.traceQuarantine(),
            () -> Optional.of(Mesh.identity("front")),
            Optional.empty()));
    assertRefusal(
        story.front.outbound(RoutePolicy.NONE, story.begin().client().service()).refused,
        503,
        "limit-reached",
        "max_branches: the transaction would have 2 (expected: at most 1)");
  }

  @Test
  void shouldSayThatNoTimeIsLeftT3() {
    String wire = requireNonNull(wire().first("tx-context"));
    assertRefusal(
        arrives(
                Policies.callback(),
                TestFields.of("tx-context", wire.replaceAll(";t=\\d+", ";t=0")))
            .refused,
        504,
        "deadline",
        "the call arrived after the deadline");
  }

  @Test
  void shouldSayThatNothingIsUpgradedInATransaction() {
    String detail =
        "request: an upgrade, CONNECT or gRPC-Web inside a transaction (expected: plain HTTP or"
            + " gRPC)";
    TestFields wire = wire();
    InboundProbe in = new InboundProbe();
    story
        .bank
        .engine()
        .inbound(
            new InboundCall(
                MANDATORY,
                true,
                "GET",
                "/socket",
                wire,
                true,
                null,
                Policies.TRY_TIMEOUT,
                Optional.empty(),
                story.bank.loop()),
            in);
    OutboundProbe out = new OutboundProbe();
    story
        .front
        .engine()
        .outbound(
            new OutboundCall(
                MANDATORY,
                true,
                true,
                peer -> true,
                "GET",
                "peer",
                story.client().service(),
                true,
                story.front.loop()),
            out);
    story.pass(2);
    assertRefusal(in.refused, 400, "upgrade-in-transaction", detail);
    assertRefusal(out.refused, 400, "upgrade-in-transaction", detail);
  }

  @Test
  void shouldSayWhyNothingNewIsBegun() {
    story.front.engine().drain();
    story.pass(2);
    InboundProbe client =
        story.front.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
    story.pass(2);
    assertRefusal(
        client.refused,
        503,
        "not-available",
        "transactions: this sidecar is about to stop (expected: another replica)");
  }

  @Test
  void shouldSayThatTheStoreIsBeingRead() {
    Sidecar starting = new Sidecar(story.mesh, "starting");
    InboundProbe client =
        starting.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
    assertRefusal(
        client.refused,
        503,
        "not-available",
        "transactions: the store is being read (expected: soon)");
  }

  @Test
  void shouldSayWhyTheStoreTakesNothing() {
    TestFields call = wire();
    story.bank.store().breakDown();
    story.front.store().breakDown();
    InboundProbe client =
        story.front.inbound(story.boundary, false, "POST", "/orders", TestFields.of());
    story.pass(2);
    assertRefusal(client.refused, 503, "not-available", "disk: broken");
    assertRefusal(arrives(Policies.callback(), call).refused, 503, "not-available", "disk: broken");
  }
}
