package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Books.Step.CANCEL;
import static io.handfast.proxy.crash.Books.Step.CONFIRM;
import static io.handfast.proxy.crash.Books.Step.TRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.StormClients.Receipt;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The storm believes the ledger: it must see what is wrong. */
final class StormLedgerTest {
  private static final Told COMMITTED = new Told(200, Optional.of("committed"), false, "");
  private static final Told ABORTED = new Told(409, Optional.of("aborted"), false, "");

  private final Map<Town.Place, Books> books = new EnumMap<>(Town.Place.class);
  private final StormLedger ledger;

  StormLedgerTest() {
    for (Town.Place place : Town.Place.values()) {
      books.put(place, new Books());
    }
    ledger = new StormLedger(books);
  }

  private void everywhere(Books.Step... steps) {
    for (Books book : books.values()) {
      for (Books.Step step : steps) {
        book.record("a", step);
      }
    }
  }

  private List<String> told(Told told) {
    return ledger.wrongs(List.of(new Receipt(Order.of("a", Order.Kind.TICKETS), told)));
  }

  @Test
  void shouldBeContentWhenAnOrderIsAllOrNothingAsTold() {
    assertThat(told(ABORTED)).isEmpty();
    assertThat(told(Told.nothing("gone"))).isEmpty();
    everywhere(TRY, CONFIRM);
    assertThat(told(COMMITTED)).isEmpty();
    assertThat(told(Told.nothing("gone"))).isEmpty();
  }

  @Test
  void shouldSeeHalfAnOrderAndItsMoneyWhenOneServiceStandsAlone() {
    // When
    everywhere(TRY);
    books.forEach((place, book) -> book.record("a", place == Town.Place.SIDE ? CANCEL : CONFIRM));
    // Then
    assertThat(told(Told.nothing("gone")))
        .hasSize(2)
        .anyMatch(it -> it.contains("AC1: a is [CONFIRMED, CONFIRMED, CANCELLED]"))
        .anyMatch(it -> it.startsWith("money: "));
  }

  @Test
  void shouldSeeALieWhenAClientWasToldOtherwise() {
    assertThat(told(COMMITTED)).singleElement().asString().startsWith("told committed: a");
    everywhere(TRY, CONFIRM);
    assertThat(told(ABORTED)).singleElement().asString().startsWith("told aborted: a");
  }

  @Test
  void shouldSeeWhatIsLeftAndWhatWasReversedWhenTheBooksSaySo() {
    // When
    everywhere(TRY);
    books.values().iterator().next().record("b", CONFIRM);
    // Then
    assertThat(told(ABORTED))
        .contains(
            "left reserved at the back: a", "AC2: at the front: CONFIRM of b, which is UNKNOWN");
  }
}
