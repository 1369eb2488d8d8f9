package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.resource.Resource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TWO_PHASE with branches that vote {@code ask}: the explicit prepare, over two sidecars. */
class PrepareTest {
  private final Story story = new Story();

  @BeforeEach
  void bankAsks() {
    story.bankMode = Policies.preparing();
  }

  private List<String> paths(Sidecar sidecar) {
    return sidecar.completions.stream()
        .map(it -> it.substring("POST /".length(), it.indexOf('/', 6)))
        .toList();
  }

  private Story voted() {
    story.begin().callBank().bankAnswers(200);
    assertThat(story.served().voteOrNull()).contains(";v=ask;");
    return story;
  }

  @Test
  void shouldPrepareThenCommitWhenAllCan() {
    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(paths(story.bank)).containsExactly("prepare", "confirm");
    assertThat(paths(story.front)).containsExactly("confirm");
    story.assertSettled();
  }

  @Test
  void shouldPrepareTheBoundarysOwnServiceWithItsRecordInTheDecision() {
    // Given
    story.boundary =
        Policies.boundary(Policies.preparing("/c/{response.json/id}", "/x/{response.json/id}"));
    story.begin().callBank().bankAnswers(200);
    int forces = story.front.store().forces();

    // When
    story.client().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(5);

    // Then
    assertThat(paths(story.front)).containsExactly("prepare", "c");
    assertThat(story.front.store().forces())
        .as("the decision, with the record")
        .isEqualTo(forces + 2);
    story.pass(50);
    assertThat(story.outcome()).isEqualTo("committed");
    story.assertSettled();
  }

  @Test
  void shouldAbortAndNameTheBranchWhenItsServiceWillNotPrepare() {
    // Given
    story.bank.prepareStatus = 422;

    // When
    voted().frontAnswers(200).pass(20);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.client().replaced().service()).isEqualTo("bank");
    assertThat(story.client().replaced().detail()).contains("/prepare/").contains("422");
    assertThat(paths(story.bank)).containsExactly("prepare", "cancel");
    assertThat(paths(story.front)).containsExactly("cancel");
    story.assertSettled();
  }

  @Test
  void shouldLeaveOutABranchThatHasNothingToCommit() {
    // Given
    story.bank.prepareStatus = 204;

    // When
    voted().frontAnswers(200).pass(50);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(paths(story.bank)).containsExactly("prepare");
    assertThat(paths(story.front)).containsExactly("confirm");
    story.assertSettled();
    story.bank.restart();
    story.pass(10_000);
    assertThat(paths(story.bank)).as("its end is on the disk").containsExactly("prepare");
  }

  @Test
  void shouldNotRecordTheBoundarysOwnBranchWhenItHasNothingToCommit() {
    // Given: ONE_PHASE, so that its record would ride in the decision
    story.boundary = Policies.onePhase(Policies.preparing());
    story.front.prepareStatus = 204;
    voted().frontAnswers(200).pass(50);
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(story.front.disk().durable)
        .filteredOn(Record::hasDecision)
        .hasSize(1)
        .noneMatch(it -> it.getDecision().hasOwn());

    // When
    story.pass(1_000);
    story.front.restart();
    story.pass(60_000);

    // Then
    assertThat(paths(story.front)).as("nothing is undone").containsExactly("prepare");
    assertThat(paths(story.bank)).containsExactly("prepare", "confirm");
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenAPrepareIsNotAnsweredT14() {
    // Given
    story.mesh.losesReply = (kind, result) -> kind.equals("prepare");

    // When
    voted().frontAnswers(200).pass(3_000);

    // Then
    assertThat(story.client().replaced()).isNotNull();
    story.pass(10_000);
    assertThat(paths(story.bank)).containsExactly("prepare", "cancel");
    story.assertSettled();
  }

  @Test
  void shouldAskAgainWhenTheServiceTakesItsTime() {
    // Given
    story.bank.prepareDelayMs = 1_200;

    // When
    voted().frontAnswers(200).pass(1_800);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(paths(story.bank)).containsExactly("prepare", "confirm");
    story.assertSettled();
  }

  @Test
  void shouldAbortAtTheDeadlineWhenTheServiceTakesTooLong() {
    // Given
    story.bank.prepareDelayMs = 4_000;

    // When
    voted().frontAnswers(200).pass(2_500);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(paths(story.bank)).as("an undo does not overtake it").containsExactly("prepare");
    story.pass(3_000);
    assertThat(paths(story.bank)).containsExactly("prepare", "cancel");
    story.assertSettled();
  }

  static final List<Resource> MODES =
      List.of(
          Policies.preparing(),
          Policies.preparing("/c/{response.json/id}", "/x/{response.json/id}"));

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldAbortWhenTheBankDiesBeforeItIsAsked(int mode) {
    // Given
    story.bankMode = MODES.get(mode);
    story.begin().callBank();
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(3).deliver(200);

    // When
    story.bank.kill();
    story.frontAnswers(200).pass(100);
    story.bank.restart();
    story.pass(20_000);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(409);
    assertThat(story.bank.completions).hasSize(1).allMatch(it -> it.contains("/cancel"));
    story.assertSettled();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldNotUndoWhileTheServicePreparesWhenTheSidecarRestartsT17(int mode) {
    // Given: the service takes longer to prepare than the Try may
    if (mode == 2) {
      story.boundary = Policies.onePhase(Policies.preparing());
    } else {
      story.bankMode = MODES.get(mode);
    }
    story.bank.prepareDelayMs = 4_500;
    story.begin().callBank();
    story.served().exchange().answered(InboundProbe.answer(200, "{\"id\":7}"));
    story.pass(3).deliver(200);
    story.frontAnswers(200).pass(20);
    assertThat(paths(story.bank)).containsExactly("prepare");

    // When
    story.bank.restart();
    story.pass(4_900);

    // Then
    assertThat(paths(story.bank)).as("it may prepare yet").containsExactly("prepare");
    story.pass(20_000);
    assertThat(story.bank.completions).hasSize(2).last().asString().contains("/cancel");
    story.assertSettled();
  }

  @Test
  void shouldCommitWhenTheBankDiesAfterItsPromise() {
    // Given
    story.mesh.loses = (kind, item) -> kind.equals("outcome");
    voted().frontAnswers(200).pass(150);
    assertThat(story.outcome()).isEqualTo("committed");

    // When
    story.bank.kill();
    story.mesh.loses = (kind, item) -> false;
    story.bank.restart();
    story.pass(10_000);

    // Then
    assertThat(paths(story.bank)).containsExactly("prepare", "confirm");
    story.assertSettled();
  }

  @Test
  void shouldAbortWhenTheCoordinatorDiesWhileItAsks() {
    // Given
    story.bank.prepareDelayMs = 50;
    voted().frontAnswers(200).pass(10);

    // When
    story.front.kill();
    story.pass(1_000);
    story.front.restart();
    story.pass(20_000);

    // Then
    assertThat(paths(story.bank)).containsExactly("prepare", "cancel");
    assertThat(paths(story.front)).containsExactly("cancel");
    story.assertSettled();
  }
}
