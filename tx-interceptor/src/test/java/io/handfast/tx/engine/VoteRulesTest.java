package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.resource.ReadOnlyResource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Votes, calls and what dooms a branch: T8 to T12. */
class VoteRulesTest {
  private final Story story = new Story();

  @Test
  void shouldVoteInTheHeadWhenNothingHasToBeForcedT8() {
    // When
    story.begin().callBank().bankAnswers(200);

    // Then
    assertThat(story.served().voteOrNull())
        .contains(";v=prepared;p=bank:15014;j=j.bank;s=bank;m=callback");
    assertThat(story.mesh.messages).isZero();
  }

  @Test
  void shouldLetTheAnswerGoAndVoteByMessageWhenARecordHasToBeForcedT8() {
    // Given
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank();
    story.bank.store().freeze();

    // When
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(5);

    // Then
    assertThat(story.served().released).isEmpty();
    assertThat(story.mesh.messages).isZero();

    // When
    story.deliver(200);
    story.frontAnswers(200).pass(20);
    assertThat(story.client().answers()).as("the call is open until the vote is there").isZero();
    story.bank.store().thaw();
    story.pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).containsExactly("POST /c/7");
    story.assertSettled();
  }

  @Test
  void shouldVoteByMessageWhenTheAnswerTakesNoFieldsT8() {
    // Given
    story.begin().callBank();

    // When
    story.served().exchange().answered(InboundProbe.answer(200, null, false));
    story.pass(3);
    story.deliver(200);
    story.frontAnswers(200).pass(20);

    // Then
    assertThat(story.served().released).isEmpty();
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldSendTheVoteAgainWhenItIsLostT8() {
    // Given
    List<String> lost = new ArrayList<>();
    story.mesh.loses = (kind, item) -> kind.equals("vote") && lost.size() < 3 && lost.add(kind);
    story.begin().callBank();

    // When
    story.served().exchange().answered(InboundProbe.answer(200, null, false));
    story.pass(3);
    story.deliver(200);
    story.frontAnswers(200).pass(1_500);

    // Then
    assertThat(lost).hasSize(3);
    assertThat(story.outcome()).isEqualTo("committed");
  }

  @Test
  void shouldAbortWhenSuccessHasNoVoteByTheDeadlineT9() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    call.exchange().answered(OutboundProbe.status(200), List.of());
    story.frontAnswers(200).pass(1_000);
    assertThat(story.client().answers()).isZero();
    story.pass(1_500);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    story.pass(40_000);
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenAVoteCannotBeReadT9() {
    // Given
    story.begin();
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    call.exchange().answered(OutboundProbe.status(200), List.of("not a vote"));
    story.frontAnswers(200).pass(2_500);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
  }

  @Test
  void shouldKeepTwoPodsOfOneBranchApartT10() {
    // Given
    Sidecar twin = story.mesh.sidecar("twin");
    story.begin().callBank();
    InboundProbe other =
        twin.inbound(Policies.participant(Policies.callback()), "POST", "/", story.call().wire());
    story.pass(2);
    other.answered(200);
    story.served().answered(200);
    story.pass(2);

    // When
    story
        .call()
        .exchange()
        .answered(
            OutboundProbe.status(200),
            List.of(
                String.valueOf(story.served().voteOrNull()), String.valueOf(other.voteOrNull())));
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).hasSize(1);
    assertThat(twin.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    story.assertSettled();
  }

  @Test
  void shouldRefuseCallsWhenTheBranchHasVotedT11() {
    // Given
    story.begin().callBank().bankAnswers(200);

    // When
    OutboundProbe late = story.bank.outbound(RoutePolicy.NONE, story.served().service());

    // Then
    assertThat(late.refused().status()).isEqualTo(409);
  }

  @Test
  void shouldDoomTheCallerWhenACallFailsT12() {
    // Given
    story.begin().callBank();

    // When
    story.call().exchange().failed("connection reset", List.of());
    story.pass(1);
    story.served().answered(200);
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().detail()).contains("connection reset");
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));

    // When
    story.pass(10_000);

    // Then
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.pass(40_000);
    story.assertSettled();
  }

  @Test
  void shouldDoomTheCallerWhenACallIsAnsweredWithAnErrorT12() {
    // When
    story.begin().callBank().bankAnswers(503).frontAnswers(200).pass(50);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().service()).isEqualTo("bank");
    assertThat(story.bank.completions).as("a 5xx may have happened").hasSize(1);
  }

  @Test
  void shouldRefuseNewBranchesWhenTheTransactionIsDoomedT12() {
    // Given
    story.begin().callBank();
    story.call().exchange().failed("connection reset", List.of());
    story.pass(0);

    // When
    OutboundProbe next = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    assertThat(next.refused().status()).isEqualTo(409);
  }

  @Test
  void shouldReplaceTheAnswerOfADoomedBranchT12() {
    // Given
    story.begin().callBank();
    OutboundProbe below = story.bank.outbound(RoutePolicy.NONE, story.served().service());
    below.exchange().failed("timed out", List.of());
    story.pass(0);

    // When
    story.served().answered(200);
    story.pass(3);

    // Then
    assertThat(story.served().replaced().status()).isEqualTo(409);
    assertThat(story.served().replaced().detail()).contains("timed out");
    assertThat(story.served().released).isNull();
  }

  @Test
  void shouldTellTheReasonOfTheNoWithTheAnswerWhichMayOvertakeItsMessageT12() {
    // Given
    story.begin().callBank();
    story.mesh.loses = (kind, item) -> kind.equals("vote");
    OutboundProbe below = story.bank.outbound(RoutePolicy.NONE, story.served().service());
    below.exchange().failed("timed out", List.of());
    story.pass(0);

    // When
    story.served().answered(200);
    story.pass(3);
    story.deliver(409);
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().detail()).contains("timed out");
    assertThat(story.client().replaced().service()).isEqualTo("bank");
  }

  @Test
  void shouldResetWhenTheHeadOfADoomedBranchHasLeftT12() {
    // Given
    story.begin().callBank();
    story.served().exchange().answerStarted();
    story.pass(0);
    assertThat(story.served().headReleased).isTrue();
    OutboundProbe below = story.bank.outbound(RoutePolicy.NONE, story.served().service());
    below.exchange().failed("timed out", List.of());
    story.pass(0);

    // When
    story.served().exchange().answered(InboundProbe.answer(200, null, true));
    story.pass(0);

    // Then
    assertThat(story.served().reset).isNotNull();
  }

  @Test
  void shouldCommitWithoutTheOptionalCallThatFailedT12() {
    // Given
    story.begin().callBank(Sidecar.OPTIONAL);

    // When
    story.bankAnswers(503);
    story.frontAnswers(200).pass(100);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.pass(40_000);
    story.assertSettled();
  }

  @Test
  void shouldHoldTheOptionalAnswerUntilItsVoteIsThereT8() {
    // Given
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank(Sidecar.OPTIONAL);
    story.bank.store().freeze();
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(3);

    // When
    story.deliver(200);
    story.pass(10);

    // Then
    assertThat(story.call().held).isTrue();
    assertThat(story.call().released).isFalse();

    // When
    story.bank.store().thaw();
    story.pass(10);

    // Then
    assertThat(story.call().released).isTrue();
  }

  @Test
  void shouldTellAStruckBranchToAbortThoughTheRestCommitsT12() {
    // Given
    List<String> told = new ArrayList<>();
    story.mesh.loses =
        (kind, item) -> {
          if (item instanceof OutcomeItem outcome) {
            told.add(outcome.getOutcome().name());
          }
          return false;
        };
    story.begin().callBank(Sidecar.OPTIONAL);
    story.served().answered(200);
    story.pass(2);

    // When
    story.call().exchange().failed("cancelled by the service", List.of());
    story.frontAnswers(200).pass(200);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(told).doesNotContain("COMMIT");
    story.pass(10_000);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel/"));
    story.assertSettled();
  }

  @Test
  void shouldDropOutWhenReadOnly() {
    // Given
    story.bankMode = ReadOnlyResource.INSTANCE;

    // When
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.bank.completions).isEmpty();
    assertThat(story.bank.disk().durable).isEmpty();
    assertThat(story.mesh.messages).isZero();
    story.assertSettled();
  }

  @Test
  void shouldForceOncePerBranchAndOnceForTheDecision() {
    // Given
    story.begin().callBank();
    assertThat(story.front.store().forces()).isEqualTo(1);
    assertThat(story.bank.store().forces()).isEqualTo(1);

    // When
    story.bankAnswers(200).frontAnswers(200).pass(100);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.front.store().forces()).isLessThanOrEqualTo(4);
    assertThat(story.bank.store().forces()).isEqualTo(2);
  }

  @Test
  void shouldUndoAndVoteNoWhenTheAnswerLacksWhatConfirmNeeds() {
    // Given
    story.bankMode = Policies.callback("/c/{response.json/id}", "/x/{response.json/id}");
    story.begin().callBank();

    // When
    story
        .served()
        .exchange()
        .answered(InboundProbe.answer(200, ByteString.copyFromUtf8("no json"), true));
    story.pass(10);

    // Then
    assertThat(story.served().replaced().status()).isEqualTo(500);
    assertThat(story.served().voteOrNull()).contains(";v=abort;");
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel-lost/"));
  }
}
