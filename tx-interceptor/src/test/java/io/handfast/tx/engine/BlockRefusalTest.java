package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Outcome;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.interceptor.SqlRefusal;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The engine's refusals of blocks as a service reads them: SQLSTATE, message, hint.
 * PARTICIPATION.md names each with its test.
 */
class BlockRefusalTest {
  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;

  private static void assertRefusal(
      @Nullable SqlRefusal refusal, String state, String message, String hint) {
    SqlRefusal told = requireNonNull(refusal);
    assertThat(told.sqlState()).isEqualTo(state);
    assertThat(told.message()).isEqualTo(message);
    assertThat(told.hint()).contains(hint);
  }

  private BlockProbe ofBranch() {
    return bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
  }

  private String branch() {
    return bank.identity().tx() + "-" + bank.identity().branch();
  }

  private void tellAbort() {
    TransactionIdentity branch = bank.identity();
    new Control(story)
        .tell(story.bank, branch.tx(), branch.branch().bits(), Outcome.ABORT, "j.bank");
    story.pass(20);
  }

  @Test
  void shouldSayThatABranchIsNotInFlightT5() {
    bank.callBank();
    TransactionIdentity forged =
        new TransactionIdentity(bank.identity().tx(), new BranchId(77), false);
    assertRefusal(
        bank.begin(new SqlBlockCall.Name.Branch(forged)).refused,
        "25000",
        "branch " + forged.tx() + "-000000000000004d is not in flight here: late, ended or forged",
        "Pass the tracestate of the request that is being served on");
  }

  @Test
  void shouldSayOfABranchThatHasAnsweredThatItIsNotInFlightT11() {
    bank.callBank();
    story.bankAnswers(200);
    assertRefusal(
        ofBranch().refused,
        "25000",
        "branch " + branch() + " is not in flight here: late, ended or forged",
        "Pass the tracestate of the request that is being served on");
  }

  @Test
  void shouldSayThatATraceNamesNoBranchT4() {
    bank.callBank();
    String trace = requireNonNull(story.served().service().first("traceparent")).substring(3, 35);
    assertRefusal(
        bank.begin(new SqlBlockCall.Name.Trace(trace)).refused,
        "25000",
        "trace "
            + trace
            + " names no branch: several of it are in flight here, or one of it has ended a short"
            + " time ago",
        "Pass the tracestate of the request that is being served on");
  }

  @Test
  void shouldSayThatABranchTakesNoStatementsAnyMoreT12() {
    bank.callBank();
    tellAbort();
    assertRefusal(
        ofBranch().refused,
        "40000",
        "branch " + branch() + " takes no statements: the transaction was aborted",
        "Do all of a request's work before its answer");
  }

  @Test
  void shouldTellAnOpenBlockWhyItsBranchWasAbortedT12() {
    bank.callBank();
    BlockProbe open = bank.begin();
    tellAbort();
    SqlRefusal doomed = requireNonNull(open.doomed);
    assertThat(doomed.sqlState()).isEqualTo("40000");
    assertThat(doomed.message()).startsWith("branch " + branch() + " was aborted: told ");
    assertThat(doomed.hint()).contains("let the whole request be tried again");
  }

  @Test
  void shouldSayThatTheTimeIsOver() {
    bank.callBank();
    story.bank.loop().pause();
    BlockProbe late =
        BlockProbe.begin(
            bank.database,
            story.bank.engine(),
            new SqlBlockCall.Name.Branch(bank.identity()),
            story.bank.loop());
    story.pass(Policies.TIMEOUT.toMillis() + 10);
    story.bank.loop().resume();
    story.pass(1);
    assertRefusal(
        late.refused, "40000", "the transaction's deadline has passed", "Try the whole request");
  }

  @Test
  void shouldSayThatTooManyBranchesAreInFlight() {
    bank.callBank();
    String context = requireNonNull(story.call().wire().first("tx-context"));
    for (int n = 1; n < Bounds.MAX_BRANCHES; n++) {
      String other = context.substring(0, 36) + "%016x".formatted(n) + context.substring(52);
      story.bank.inbound(
          Policies.participant(null), "GET", "/balance", TestFields.of("tx-context", other));
    }
    assertRefusal(
        ofBranch().refused,
        "40000",
        "branches: " + Bounds.MAX_BRANCHES + " are in flight here",
        "Try the whole request again.");
  }

  @Test
  void shouldSayThatPeopleHaveToSettleFirstT21() {
    for (int n = 0; n < Bounds.MAX_KEPT; n++) {
      story.bank.disk().durable.add(hazard(n));
    }
    story.bank.restart();
    story.pass(5);
    bank.callBank();
    assertRefusal(
        ofBranch().refused,
        "40000",
        "hazards and decisions of operators: " + Bounds.MAX_KEPT + " stay here",
        "`handfast tx forget`");
  }

  private static Record hazard(int n) {
    return Record.newBuilder()
        .setBranchEnded(
            BranchEnded.newBuilder()
                .setTxId(Messages.bytes(TxId.of(1_750_000_000_000L + n, n & 0xfff, n)))
                .setBranchId(n + 1)
                .setOutcome(BranchOutcome.HEURISTIC_HAZARD)
                .setDetail("POST /confirm answered 422")
                .setParticipant("bank:15014")
                .setService("bank")
                .setMode("callback"))
        .build();
  }

  @Test
  void shouldSayThatThreePhaseTakesNoDatabase() {
    story.boundary = Policies.threePhase();
    bank.callBank();
    assertRefusal(
        ofBranch().refused,
        "0A000",
        "the transaction commits by THREE_PHASE, and what a database has prepared cannot be part"
            + " of that",
        "TWO_PHASE");
  }

  @Test
  void shouldSayThatNobodyKnowsTheDatabase() {
    bank.database.names = Set.of("ledger");
    bank.callBank();
    assertRefusal(
        ofBranch().refused,
        "0A000",
        "database bank: nobody here could complete what it has prepared",
        "Name it among the databases of handfast.transaction_manager.");
  }
}
