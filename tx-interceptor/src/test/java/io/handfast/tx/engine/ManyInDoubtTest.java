package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.BranchResolved;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Resolution;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.LocalService;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restart that finds thousands of branches in doubt (T15). */
class ManyInDoubtTest {
  private static final int BRANCHES = 5_000;
  private static final int MANY = 3 * Bounds.MAX_COMPLETIONS;
  private static final long START_MS = 1_749_000_000_000L;

  private final Mesh mesh = new Mesh();
  private final Sidecar front = mesh.sidecar("front");
  private final Sidecar bank = mesh.sidecar("bank");
  private final List<TxId> asked = new ArrayList<>();
  private int unanswered;
  private int most;

  @BeforeEach
  void watch() {
    mesh.loses =
        (kind, item) -> {
          if (item instanceof InquireItem inquiry) {
            asked.add(Messages.txId(inquiry.getTxId()));
            most = Math.max(most, ++unanswered);
          }
          return kind.equals("outcome"); // so that all ask
        };
    mesh.losesReply =
        (kind, result) -> {
          unanswered -= kind.equals("inquire") ? 1 : 0;
          return false;
        };
  }

  private static TxId tx(int n) {
    return TxId.of(START_MS + n, n & 0xfff, n);
  }

  private static Completion completion(String path) {
    return Completion.newBuilder().setMethod("POST").setPath(path).build();
  }

  private static Record branch(int n, String decider) {
    return Record.newBuilder()
        .setTimeMs(START_MS + n)
        .setBegun(
            BranchBegun.newBuilder()
                .setComplete(true)
                .setTryTimeoutMs(100)
                .setConfirm(completion("/confirm/" + n))
                .setCancel(completion("/cancel/" + n))
                .setBranch(
                    BranchRef.newBuilder()
                        .setTxId(Messages.bytes(tx(n)))
                        .setBranchId(n + 1)
                        .setDecider("j." + decider)
                        .setCoordinator(decider + ":15014")
                        .setIdentity(Mesh.identity(decider).name())
                        .setService("bank")
                        .setMode("callback")
                        .setParticipant("bank:15014")))
        .build();
  }

  private static Record decision(int n) {
    return Record.newBuilder()
        .setTimeMs(START_MS + n)
        .setDecision(
            Decision.newBuilder()
                .setTxId(Messages.bytes(tx(n)))
                .addBranches(
                    DecidedBranch.newBuilder()
                        .setBranchId(n + 1)
                        .setParticipant("bank:15014")
                        .setStoreId("j.bank")
                        .setService("bank")
                        .setMode("callback")))
        .build();
  }

  @Test
  void shouldResolveThousandsSideBySideWithABoundTheOldestFirstT15() {
    // Given: in no order
    List<Record> branches = new ArrayList<>();
    for (int n = 0; n < BRANCHES; n++) {
      branches.add(branch(n, "front"));
      if (n % 2 == 0) {
        front.disk().durable.add(decision(n));
      }
    }
    Collections.shuffle(branches, new Random(1));
    bank.disk().durable.addAll(branches);
    front.restart();

    // When
    bank.restart();
    assertThat(bank.list().inDoubt()).isEqualTo(BRANCHES);
    mesh.pass(5_000);

    // Then
    assertThat(bank.list().inDoubt()).isZero();
    assertThat(bank.completions).hasSize(BRANCHES);
    assertThat(bank.completions.stream().filter(it -> it.contains("/confirm/")).count())
        .isEqualTo(BRANCHES / 2);
    assertThat(most).isEqualTo(Bounds.MAX_INQUIRIES);
    assertThat(bank.mostCompleting).isEqualTo(Bounds.MAX_COMPLETIONS);
    assertThat(asked)
        .hasSize(BRANCHES)
        .isSortedAccordingTo((one, other) -> one.toString().compareTo(other.toString()));
    assertThat(bank.count("handfast.tx.inquiries")).isEqualTo(BRANCHES);
  }

  @Test
  void shouldCompleteManyWithABoundTheOldestFirstWhenEachKnowsItsOutcome() {
    // Given: nobody has to be asked, for an operator has decided all of them
    for (int n = 0; n < MANY; n++) {
      bank.disk().durable.add(resolved(n));
    }

    // When
    bank.restart();
    mesh.pass(100);

    // Then
    assertThat(bank.mostCompleting).isEqualTo(Bounds.MAX_COMPLETIONS);
    List<String> oldestFirst =
        IntStream.range(0, MANY).mapToObj(n -> "POST /confirm/" + n).toList();
    assertThat(bank.completions).isEqualTo(oldestFirst);
  }

  @Test
  void shouldCompleteAllWhenNobodyAnsweredTheFirstAttempts() {
    // When
    restartWithManyToComplete(() -> bank.completionStatus = 0);
    bank.completionStatus = 200;
    mesh.pass(600_000);

    // Then
    assertThat(ended()).isEqualTo(MANY);
  }

  @Test
  void shouldCompleteAllWhenTheFirstAttemptsCouldNotBeMade() {
    // When
    restartWithManyToComplete(() -> bank.service = ManyInDoubtTest::notSent);
    bank.service = null;
    mesh.pass(600_000);

    // Then
    assertThat(ended()).isEqualTo(MANY);
  }

  private static void notSent(LocalService.Callback callback) {
    throw new IllegalStateException("test: not sent: " + callback);
  }

  @Test
  void shouldCountACompletionOnceThatIsAnsweredAndThrows() {
    // Given
    restartWithManyToComplete(() ->
        bank.service =
            callback -> {
              callback.onAnswer(503);
              notSent(callback);
            });

    // When
    List<LocalService.Callback> held = new ArrayList<>();
    bank.service = held::add;
    mesh.pass(60_000);

    // Then
    assertThat(held).hasSize(Bounds.MAX_COMPLETIONS);
    assertThat(bank.count("handfast.tx.illegal.transitions")).isZero();
  }

  @Test
  void shouldKeepNoFirstCompletionWaitingForThoseThatAreRepeated() {
    // Given: one branch is in doubt, and others are completed in vain
    mesh.loses = (kind, item) -> true;
    bank.disk().durable.add(branch(MANY, "front"));
    restartWithManyToComplete(() -> bank.completionStatus = 503);

    // When: the service hangs, and what is repeated has taken all of its turns
    List<LocalService.Callback> held = new ArrayList<>();
    bank.service = held::add;
    mesh.pass(60_000);
    assertThat(held).hasSize(Bounds.MAX_COMPLETIONS);
    mesh.loses = (kind, item) -> false;
    mesh.pass(10_000);

    // Then
    assertThat(held).hasSize(Bounds.MAX_COMPLETIONS + 1);
    assertThat(bank.completions).last().isEqualTo("POST /cancel/" + MANY);
  }

  /** None of them is completed in the time that passes. */
  private void restartWithManyToComplete(Runnable fails) {
    for (int n = 0; n < MANY; n++) {
      bank.disk().durable.add(resolved(n));
    }
    fails.run();
    bank.restart();
    mesh.pass(100);
    assertThat(ended()).isZero();
  }

  private long ended() {
    return bank.disk().durable.stream().filter(Record::hasBranchEnded).count();
  }

  private static Record resolved(int n) {
    Record begun = branch(n, "lost");
    return begun.toBuilder()
        .setResolved(
            BranchResolved.newBuilder()
                .setBranch(begun.getBegun().getBranch())
                .setConfirm(begun.getBegun().getConfirm())
                .setResolution(
                    Resolution.newBuilder()
                        .setOutcome(BranchOutcome.BRANCH_COMMITTED)
                        .setBy("ops")
                        .setReason("lost")))
        .build();
  }

  @Test
  void shouldKeepABranchVisibleWhosePeerIsGoneForGoodAndDelayNobodyElsesT15() {
    // Given: more of a lost peer than may be asked at a time, and one of the front
    int lost = 2 * Bounds.MAX_INQUIRIES;
    for (int n = 0; n < lost; n++) {
      bank.disk().durable.add(branch(n, "lost"));
    }
    bank.disk().durable.add(branch(lost, "front"));

    // When
    bank.restart();
    mesh.pass(1_000);

    // Then
    assertThat(bank.completions).containsExactly("POST /cancel/" + lost);
    mesh.pass(60_000);
    assertThat(bank.list().inDoubt()).isEqualTo(lost);
    assertThat(bank.gauge("handfast.tx.in.doubt")).isEqualTo(lost);
    assertThat(bank.gauge("handfast.tx.in.doubt.oldest")).isGreaterThan(100_000);
    assertThat(bank.show(tx(0).toString()).orElseThrow().branches().getFirst().waitsFor())
        .contains("j.lost at lost:15014");
    bank.restart();
    assertThat(bank.list().inDoubt()).isEqualTo(lost);
  }
}
