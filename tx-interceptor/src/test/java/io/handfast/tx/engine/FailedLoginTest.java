package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.operator.TransactionDetail.TimelineEntry;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a branch whose service had no database while it worked. */
final class FailedLoginTest {
  private static final String WHY = "password authentication failed for user \"app\"";
  private static final String TOLD =
      "database bank did not let a connection of the service in: 28P01";
  private static final String WORDS = TOLD + " " + WHY;

  private final DatabaseStory bank = new DatabaseStory();
  private final Story story = bank.story;

  private void loginFails() {
    story.bank.engine().loginFailed("bank", "28P01", WHY);
    story.pass(1);
  }

  private List<String> timeline() {
    return story.bank.show(story.tx()).orElseThrow().timeline().stream()
        .map(TimelineEntry::event)
        .toList();
  }

  /** The server's words may name hosts and roles, and a client may be anybody. */
  @Test
  void shouldSayTheStateToTheClientAndTheWordsToOperatorsWhenTheServiceFailedMeanwhile() {
    // Given
    bank.callBank();

    // When
    loginFails();
    story.bankAnswers(500).frontAnswers(201).pass(20);

    // Then
    assertThat(story.client().replaced().detail())
        .contains("the service answered 500; meanwhile " + TOLD)
        .doesNotContain(WHY);
    assertThat(timeline()).contains("meanwhile " + WORDS);
    bank.assertSettled();
  }

  @Test
  void shouldShowItWhenTheServiceSaysThatAllIsWell() {
    // Given
    bank.callBank();

    // When
    loginFails();
    story.bankAnswers(200).frontAnswers(201).pass(20);

    // Then
    assertThat(story.outcome()).isEqualTo("committed");
    assertThat(timeline()).contains("meanwhile " + WORDS);
    bank.assertSettled();
  }

  /** As with a pool, which tries for long. */
  @Test
  void shouldShowItWhenTheServiceDoesNotAnswerInTime() {
    // Given
    bank.callBank();

    // When
    loginFails();
    story.pass(2_100);

    // Then
    assertThat(story.client().replaced().status()).isEqualTo(504);
    assertThat(timeline()).contains("meanwhile " + WORDS);

    // When
    story.bankAnswers(500).pass(20);

    // Then
    assertThat(timeline()).containsOnlyOnce("meanwhile " + WORDS);
  }

  @Test
  void shouldSayNothingOfWhatWasBeforeTheRequest() {
    // Given
    loginFails();
    story.pass(1);

    // When
    bank.callBank();
    story.bankAnswers(500).frontAnswers(201).pass(20);

    // Then
    assertThat(story.client().replaced().detail()).contains("500").doesNotContain("meanwhile");
    assertThat(timeline()).noneMatch(event -> event.contains(WORDS));
  }
}
