package io.handfast.tx.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Outcome;
import io.handfast.tx.context.TransactionIdentity;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.SqlBlockCall;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.ReadOnlyResource;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The guards of §5 for what a service writes, in every mode in which its blocks take part. */
class BlockGuardsTest {

  /** What the route, or the method, says of the service. */
  enum Mode {
    DATABASE,
    READ_ONLY,
    /** Nothing: a GET. */
    SAFE_METHOD;

    private RoutePolicy policy() {
      return switch (this) {
        case DATABASE -> Policies.participant(DatabaseResource.INSTANCE);
        case READ_ONLY -> Policies.participant(ReadOnlyResource.INSTANCE);
        case SAFE_METHOD -> RoutePolicy.NONE;
      };
    }
  }

  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;
  private final FakeDatabase database = bank.database;
  private final Control control = new Control(story);

  /** The front's service has called; nothing has arrived. */
  private void call() {
    story.begin();
    story.call = story.front.outbound(RoutePolicy.NONE, story.client().service());
  }

  private InboundProbe arrives(Mode mode) {
    String method = mode == Mode.SAFE_METHOD ? "GET" : "POST";
    return story.bank.inbound(mode.policy(), method, "/accounts", story.call().wire());
  }

  private void callBank(Mode mode) {
    call();
    story.served = arrives(mode);
    story.pass(2);
    assertThat(story.served().forwarded).isNotNull();
  }

  @Test
  void shouldNotLetABlockWaitForLocksBeyondTheTimeOfItsCall() {
    story.bank.callersWait(Duration.ofMillis(500));
    bank.callBank();
    assertThat(bank.begin().enlistment().remainingMs()).isBetween(400L, 500L);
    story.pass(600);
    assertThat(bank.begin().enlistment().remainingMs()).isEqualTo(1);
  }

  @Test
  void shouldNotLetABlockWaitForLocksBeyondItsTransactionT3() {
    story.bank.callersWait(Policies.TIMEOUT.plusSeconds(1));
    bank.callBank();
    assertThat(bank.begin().enlistment().remainingMs()).isBetween(1_900L, 2_000L);
  }

  @ParameterizedTest
  @EnumSource
  void shouldPrepareWhatWasWrittenWhateverRouteAndMethodSayT11(Mode mode) {
    // Given
    callBank(mode);

    // When
    String name = bank.prepared();
    story.bankAnswers(200).frontAnswers(201).pass(20);

    // Then
    assertThat(story.served().voteOrNull()).contains("v=prepared;").contains("m=database;h=");
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }

  @ParameterizedTest
  @EnumSource
  void shouldVoteReadOnlyWhenTheDatabaseSaysThatNothingWasWritten(Mode mode) {
    // Given
    callBank(mode);
    int records = story.bank.disk().durable.size();

    // When
    bank.begin().block().readOnly();
    story.pass(1).bankAnswers(200).frontAnswers(201).pass(20);

    // Then
    assertThat(story.served().voteOrNull()).doesNotContain("v=prepared");
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(database.prepared()).isEmpty();
    assertThat(database.committed).isEmpty();
    assertThat(story.bank.disk().durable).hasSize(records);
    story.assertSettled();
  }

  @ParameterizedTest
  @EnumSource
  void shouldAnswerADuplicateAlikeAndNotLetItWriteAgain(Mode mode) {
    // Given
    callBank(mode);
    InboundProbe waiting = arrives(mode);
    bank.prepared();

    // When
    story.bankAnswers(200);
    InboundProbe late = arrives(mode);

    // Then
    assertThat(waiting.forwarded).isNull();
    assertThat(late.forwarded).isNull();
    assertThat(requireNonNull(waiting.replayed).status()).isEqualTo(200);
    assertThat(requireNonNull(late.replayed).status()).isEqualTo(200);
    assertThat(database.prepared()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseABlockOfABranchWhoseAbortCameBeforeItsCallT16(Mode mode) {
    // Given
    call();
    control.tell(story.bank, control.tx(), control.branch(), Outcome.ABORT, "j.bank");

    // When
    InboundProbe late = arrives(mode);
    String context = requireNonNull(story.call().wire().first("tx-context"));
    BlockProbe block =
        bank.begin(
            new SqlBlockCall.Name.Branch(
                new TransactionIdentity(
                    requireNonNull(TxId.parse(context.substring(3, 35))),
                    requireNonNull(BranchId.parse(context.substring(36, 52))),
                    false)));

    // Then
    assertThat(late.refused().type()).isEqualTo("branch-ended");
    assertThat(requireNonNull(block.refused).sqlState()).isEqualTo("25000");
    assertThat(database.prepared()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseABlockThatBeginsAfterTheDeadline(Mode mode) {
    // Given
    callBank(mode);
    story.pass(Policies.TIMEOUT.toMillis() + 1);

    // When
    BlockProbe late = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));

    // Then
    assertThat(late.isEnlisted()).isFalse();
    assertThat(requireNonNull(late.refused).sqlState()).isIn("25000", "40000");
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseABlockOfABranchThatIsClosedAndOfOneThatIsOverT11(Mode mode) {
    // Given
    callBank(mode);
    String name = bank.prepared();
    story.bankAnswers(200);

    // When
    BlockProbe closed = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));
    story.frontAnswers(201).pass(5_000);
    BlockProbe over = bank.begin(new SqlBlockCall.Name.Branch(bank.identity()));

    // Then
    assertThat(requireNonNull(closed.refused).sqlState()).isEqualTo("25000");
    assertThat(requireNonNull(over.refused).sqlState()).isEqualTo("25000");
    assertThat(database.committed).containsExactly(name);
    bank.assertSettled();
  }
}
