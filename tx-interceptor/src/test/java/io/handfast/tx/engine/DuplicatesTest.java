package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.resource.ReadOnlyResource;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The guards that every mode shares, so that services need none. */
class DuplicatesTest {
  private final Story story = new Story();

  @Test
  void shouldGiveADuplicateTheFirstsAnswerWhenItComesWhileTheServiceWorks() {
    // Given
    story.begin().callBank();

    // When
    InboundProbe again = again();
    assertThat(again.answers()).isZero();
    story.served().answered(200);
    story.pass(3);

    // Then
    assertSame(again);
    assertThat(story.bank.count("handfast.tx.duplicates")).isEqualTo(1);
    assertThat(story.bank.count("handfast.tx.branches")).isEqualTo(1);
  }

  @Test
  void shouldGiveADuplicateTheFirstsAnswerWhenThatHasGone() {
    // When
    story.begin().callBank().bankAnswers(200);

    // Then
    assertSame(again());
  }

  @Test
  void shouldGiveADuplicateTheFirstsAnswerWhenTheBranchIsOver() {
    // Given
    story.bankMode = ReadOnlyResource.INSTANCE;

    // When
    story.begin().callBank().bankAnswers(200);

    // Then
    assertSame(again());
  }

  private void assertSame(InboundProbe again) {
    assertThat(again.forwarded).isNull();
    StoredAnswer replayed = again.replayed;
    assertThat(replayed).isNotNull();
    assertThat(replayed.status()).isEqualTo(200);
    assertThat(String.valueOf(replayed.body()).length()).isPositive();
    assertThat(TestFields.of(replayed.headers()).first("tx-vote"))
        .isEqualTo(story.served().voteOrNull());
  }

  @Test
  void shouldRefuseADuplicateWhenTheFirstsAnswerIsNotKept() {
    // Given
    story.begin().callBank();
    story.served().exchange().answered(InboundProbe.answer(200, null, true));
    story.pass(3);

    // When
    InboundProbe again = again();

    // Then
    assertThat(again.refused().status()).isEqualTo(409);
  }

  @Test
  void shouldRefuseADuplicateWhenTheBranchWasAborted() {
    // Given
    story.begin().callBank().bankAnswers(422);

    // When
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(again().refused().status()).isEqualTo(409);
  }

  @Test
  void shouldRefuseMoreDuplicatesThanWaitForOneBranch() {
    // Given
    story.begin().callBank();
    for (int i = 0; i < Bounds.MAX_DUPLICATES; i++) {
      again();
    }

    // When
    InboundProbe oneMore = again();

    // Then
    assertThat(oneMore.refused().status()).isEqualTo(409);
  }

  @Test
  void shouldLetADuplicateGoWhoseCallerHasGone() {
    // Given
    story.begin().callBank();
    InboundProbe again = again();

    // When
    again.exchange().callerGone();
    story.pass(0);
    story.served().answered(200);
    story.pass(3);

    // Then
    assertThat(again.answers()).isZero();
    assertThat(story.served().released).isNotNull();
  }

  private InboundProbe again() {
    InboundProbe again =
        story.bank.inbound(
            Policies.participant(story.bankMode), "POST", "/reserve", story.call().wire());
    assertThat(again.forwarded).isNull();
    return again;
  }

  @Test
  void shouldRefuseACallOfAnAbortedBranchsService() {
    // Given
    story.begin().callBank();
    story.call().exchange().failed("timed out", List.of());
    story.pass(0);

    // When
    OutboundProbe call = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // Then
    assertThat(call.refused().status()).isEqualTo(409);
  }
}
