package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Undoes that a service refuses for good, known before the client is answered (T21). */
class HazardTest {
  private final Story story = new Story();

  @Test
  void shouldTellARefusedUndoOfAnEarlyAbortT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 422;
    OutboundProbe second = story.front.outbound(RoutePolicy.NONE, story.client().service());

    // When
    second.exchange().failed("connection refused", List.of());
    story.pass(50);
    assertThat(story.client().answers()).as("the service still works").isZero();
    story.frontAnswers(200).pass(20);

    // Then
    assertHazardOfTheBank();
  }

  @Test
  void shouldKeepAPartOfWhatAPeerSaysOfAHazardT21() {
    // Given
    story.bankMode = Policies.callback("/confirm/" + "x".repeat(5_000), "/cancel/{branch.id}");
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 422;

    // When
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(500);
    assertThat(story.client().replaced().detail())
        .contains("POST /confirm/xxx")
        .hasSizeLessThan(1_000);
  }

  @Test
  void shouldTellARefusedUndoInThePlaceOfTheServicesOwnErrorT21() {
    // Given
    story.begin().callBank().bankAnswers(200);
    story.bank.completionStatus = 422;
    OutboundProbe second = story.front.outbound(RoutePolicy.NONE, story.client().service());
    second.exchange().failed("connection refused", List.of());
    story.pass(50);

    // When
    story.frontAnswers(502).pass(20);

    // Then
    assertHazardOfTheBank();
  }

  @Test
  void shouldTellARefusedUndoOfABranchThatSaidNoItselfT21() {
    // Given
    story.begin().callBank();
    story.bank.completionStatus = 422;

    // When
    story.bankAnswers(500).pass(50);
    assertThat(story.client().answers()).as("the service still works").isZero();
    story.frontAnswers(502).pass(20);

    // Then
    assertHazardOfTheBank();
  }

  @Test
  void shouldTellARefusedUndoOfABranchThatWasDoomedFromBelowT21() {
    // Given
    story.begin().callBank();
    story.bank.completionStatus = 422;
    OutboundProbe below = story.bank.outbound(RoutePolicy.NONE, story.served().service());
    below.exchange().failed("connection refused", List.of());
    story.pass(5);

    // When
    story.bankAnswers(200).pass(50);
    assertThat(story.client().answers()).as("the service still works").isZero();
    story.frontAnswers(502).pass(20);

    // Then
    assertHazardOfTheBank();
  }

  @Test
  void shouldShowARefusedUndoOfTheBoundarysOwnThatCameAfterItsErrorT21() {
    // Given
    story.begin();
    story.front.completionStatus = 422;

    // When
    story.frontAnswers(500).pass(50);

    // Then
    assertThat(story.outcome()).as("the error is not kept for the undo").isEqualTo("aborted");
    assertThat(story.front.count("handfast.tx.heuristic", "kind", "hazard")).isEqualTo(1);
    assertThat(story.front.show(story.tx()).orElseThrow().toString()).contains("hazard");
  }

  @Test
  void shouldTellARefusedUndoOfAnOptionalCallBesideTheCommitT21() {
    // Given
    story.begin().callBank(Sidecar.OPTIONAL);
    story.bank.completionStatus = 422;
    story.served().answered(200);
    story.pass(5);
    String own = String.valueOf(story.served().voteOrNull());
    String below = "00000000000000ff;v=abort;p=stock:15014;j=j.stock;s=stock;r=none%20left";
    story.call().exchange().answered(OutboundProbe.status(200), List.of(own + ", " + below));
    story.pass(50);
    assertThat(story.bank.completions).as("struck off").hasSize(1);

    // When
    story.frontAnswers(200).pass(50);

    // Then
    assertThat(story.front.completions).hasSize(1).allMatch(it -> it.contains("/confirm/"));
    assertHazardOfTheBank();
  }

  private void assertHazardOfTheBank() {
    Problem told = story.client().replaced();
    assertThat(told.status()).isEqualTo(500);
    assertThat(told.type()).isEqualTo("heuristic-hazard");
    assertThat(told.detail()).contains("/cancel/").contains("422");
    assertThat(TestFields.of(told.headers()).first("tx-outcome")).isEqualTo("unknown");
    assertThat(story.client().answers()).isEqualTo(1);
    assertThat(story.bank.count("handfast.tx.heuristic", "kind", "hazard")).isEqualTo(1);
  }
}
