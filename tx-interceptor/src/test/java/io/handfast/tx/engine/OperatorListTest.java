package io.handfast.tx.engine;

import static io.handfast.tx.operator.TransactionCommands.Decision.COMMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.engine.observe.Names;
import io.handfast.tx.operator.TransactionFilter;
import io.handfast.tx.operator.TransactionList;
import io.handfast.tx.operator.TransactionSummary;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which transactions operators are shown, and in which order. */
class OperatorListTest {
  private final Story story = new Story();

  /** The bank gets in doubt. */
  private String inDoubt() {
    story.mesh.loses = (kind, item) -> !kind.equals("vote");
    story.begin().callBank().bankAnswers(200).frontAnswers(200).pass(3_000);
    return story.tx();
  }

  private TransactionList list(Sidecar at, TransactionFilter filter) {
    var stage = at.engine().list(filter).toCompletableFuture();
    story.pass(0);
    return stage.join();
  }

  private static List<String> ids(TransactionList list) {
    return list.inFlight().stream().map(TransactionSummary::txId).toList();
  }

  @Test
  void shouldShowThoseInDoubtFirstAndOfThemTheOldest() {
    // Given: kept, in doubt, in doubt, and at work
    String kept = inDoubt();
    story.bank.resolve(kept, COMMIT);
    String first = inDoubt();
    String second = inDoubt();
    story.begin().callBank();
    String working = story.tx();

    // When / Then
    assertThat(ids(list(story.bank, TransactionFilter.ALL)))
        .containsExactly(first, second, kept, working);
    TransactionList two = list(story.bank, new TransactionFilter("", Duration.ZERO, 2));
    assertThat(ids(two)).containsExactly(first, second);
    assertThat(two.omitted()).isEqualTo(2);
    assertThat(ids(list(story.bank, new TransactionFilter("in-doubt", Duration.ZERO))))
        .containsExactly(first, second);
  }

  private String stateAtFront() {
    TransactionList list = list(story.front, TransactionFilter.ALL);
    assertThat(ids(list)).containsExactly(story.tx());
    return list.inFlight().getFirst().state();
  }

  @Test
  void shouldShowThatTheBoundarysOwnBranchIsUndoneWhenNobodyIsToldAnyMore() {
    // Given
    story.front.completionStatus = 503;

    // When: ABORT is not told any more, and its own service has not undone
    story.begin().callBank().bankAnswers(200).frontAnswers(500).pass(120_000);

    // Then
    assertThat(stateAtFront()).isEqualTo("cancelling");
    assertThat(ids(list(story.front, new TransactionFilter("active", Duration.ZERO))))
        .containsExactly(story.tx());
    assertThat(ids(list(story.front, new TransactionFilter("ended", Duration.ZERO)))).isEmpty();
    story.front.completionStatus = 200;
    story.pass(10_000);
    assertThat(list(story.front, TransactionFilter.ALL).inFlight()).isEmpty();
  }

  @Test
  void shouldShowThatTheBoundarysOwnBranchIsConfirmedWhenItsDecisionIsForgotten() {
    // Given
    story.front.completionStatus = 503;
    String tx = inDoubt();
    assertThat(stateAtFront()).isEqualTo("committing");

    // When
    story.front.forget(tx);

    // Then
    assertThat(stateAtFront()).isEqualTo("confirming");
  }

  @Test
  void shouldShowOnlyThoseThatAreActiveOrOldEnough() {
    // Given: kept, in doubt, at work, and ended
    String kept = inDoubt();
    story.bank.resolve(kept, COMMIT);
    String doubtful = inDoubt();
    story.begin().callBank();
    String working = story.tx();

    // When / Then
    assertThat(ids(list(story.bank, new TransactionFilter("active", Duration.ZERO))))
        .containsExactly(working);
    assertThat(ids(list(story.bank, new TransactionFilter("", Duration.ofSeconds(3)))))
        .containsExactly(doubtful, kept);
    assertThat(ids(list(story.bank, new TransactionFilter("", Duration.ofSeconds(6)))))
        .containsExactly(kept);
    assertThat(ids(list(story.bank, new TransactionFilter("", Duration.ofHours(1))))).isEmpty();
  }

  @Test
  void shouldTellWhoeverAsksWhenItFailsSoThatNobodyElseWaits() {
    // Given
    String tx = inDoubt();
    story.bank.loop().clockFails = new StackOverflowError("test");

    // When
    var list = story.bank.engine().list(TransactionFilter.ALL).toCompletableFuture();
    var resolve = story.bank.engine().resolve(tx, COMMIT, Sidecar.GROUND).toCompletableFuture();
    story.pass(0);
    story.bank.loop().clockFails = null;

    // Then
    assertThat(list).isCompletedExceptionally();
    assertThat(resolve).isCompletedExceptionally();
    assertThat(ids(list(story.bank, TransactionFilter.ALL))).containsExactly(tx);
  }

  @Test
  void shouldKnowEveryStateThatIsShown() {
    // Given: those in doubt are shown as such, and of those that stay how they ended
    Set<String> shown = new TreeSet<>();
    Stream.of(ParticipantState.class, CoordinatorState.class)
        .flatMap(OperatorListTest::leaves)
        .map(OperatorListTest::word)
        .forEach(shown::add);
    shown.removeAll(List.of("prepared", "uncertain", "resolving"));
    shown.addAll(
        List.of(
            "active",
            "kept",
            "hazard",
            "heuristic-commit",
            "heuristic-rollback",
            "heuristic-mixed"));

    // Then
    assertThat(TransactionFilter.states()).isEqualTo(shown);
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Stream.<Class<?>>of(type.getPermittedSubclasses()).flatMap(OperatorListTest::leaves)
        : Stream.of(type);
  }

  private static String word(Class<?> state) {
    return Names.ofType(state);
  }

  @ParameterizedTest
  @ValueSource(strings = {"indoubt", "in doubt", "IN-DOUBT", "none"})
  void shouldRefuseAStateThatNoTransactionHas(String state) {
    assertThatThrownBy(() -> new TransactionFilter(state, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("state: " + state + " (expected: aborted-working, ")
        .hasMessageContaining("in-doubt")
        .hasMessageContaining("kept");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 10_001})
  void shouldRefuseALimitThatIsNone(int limit) {
    assertThatThrownBy(() -> new TransactionFilter("", Duration.ZERO, limit))
        .hasMessage("limit: " + limit + " (expected: 1 to 10000)");
  }
}
