package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Books.Step.CANCEL;
import static io.handfast.proxy.crash.Books.Step.CONFIRM;
import static io.handfast.proxy.crash.Books.Step.TRY;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The books are what the crash tests believe: they must see what is wrong. */
final class BooksTest {
  private final Books books = new Books();

  @Test
  void shouldStandConfirmedWhenConfirmedTwice() {
    // When
    books.record("a", TRY);
    boolean first = books.record("a", CONFIRM);
    boolean second = books.record("a", CONFIRM);
    // Then
    assertThat(first && second).isTrue();
    assertThat(books.state("a")).isEqualTo(Books.State.CONFIRMED);
    assertThat(books.count("a", CONFIRM)).isEqualTo(2);
    assertThat(books.violations()).isEmpty();
  }

  @Test
  void shouldRefuseALateTryWhenItsKeyWasCancelled() {
    // When
    books.record("a", CANCEL);
    // Then
    assertThat(books.record("a", TRY)).isFalse();
    assertThat(books.state("a")).isEqualTo(Books.State.CANCELLED);
    assertThat(books.violations()).isEmpty();
  }

  @Test
  void shouldNoteAReversalWhenAConfirmedKeyIsCancelled() {
    // When
    books.record("a", TRY);
    books.record("a", CONFIRM);
    boolean cancelled = books.record("a", CANCEL);
    // Then
    assertThat(cancelled).isFalse();
    assertThat(books.violations()).containsExactly("CANCEL of a, which is CONFIRMED");
  }

  @Test
  void shouldNoteAReversalWhenAKeyIsConfirmedThatNobodyTried() {
    // When
    books.record("a", CONFIRM);
    // Then
    assertThat(books.state("a")).isEqualTo(Books.State.UNKNOWN);
    assertThat(books.violations()).containsExactly("CONFIRM of a, which is UNKNOWN");
  }

  @Test
  void shouldNameWhatIsLeftReservedWhenAsked() {
    // When
    books.record("b", TRY);
    books.record("a", TRY);
    books.record("c", TRY);
    books.record("c", CANCEL);
    // Then
    assertThat(books.reserved()).containsExactly("a", "b");
  }
}
