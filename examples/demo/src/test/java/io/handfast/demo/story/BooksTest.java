package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.story.Teller.Receipt;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Told;
import io.handfast.demo.town.Told.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BooksTest {
  private static final Order ORDER = Order.fromAliceToBob("t", 500);

  private final Map<String, Integer> inFlight = new HashMap<>();
  private final Map<String, String> transfers = new HashMap<>();
  private final Map<String, String> reservations = new HashMap<>();
  private final Map<String, Long> balances = new HashMap<>();
  private final Map<String, Long> reserved = new HashMap<>();
  private final List<String> prepared = new ArrayList<>();
  private long audited = Accounts.total();

  BooksTest() {
    for (Member member : Member.values()) {
      inFlight.put(member.title, 0);
      for (String name : Accounts.at(member)) {
        balances.put(member.title + "/" + name, Accounts.OPENING_BALANCE);
        reserved.put(member.title + "/" + name, 0L);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "COMMITTED, CONFIRMED, CONFIRMED, CONFIRMED, true",
    "COMMITTED, CONFIRMED, CONFIRMED, ABSENT, false",
    "COMMITTED, CANCELLED, CONFIRMED, CONFIRMED, false",
    "COMMITTED, ABSENT, ABSENT, ABSENT, false",
    "ABORTED, CANCELLED, CANCELLED, ABSENT, true",
    "ABORTED, ABSENT, ABSENT, ABSENT, true",
    "ABORTED, CANCELLED, CONFIRMED, CANCELLED, false",
    "ABORTED, CONFIRMED, CONFIRMED, CONFIRMED, false",
    "UNKNOWN, CONFIRMED, CONFIRMED, CONFIRMED, true",
    "UNKNOWN, CANCELLED, ABSENT, CANCELLED, true",
    "UNKNOWN, CONFIRMED, CANCELLED, CANCELLED, false",
    "NOTHING, CONFIRMED, CONFIRMED, CONFIRMED, true",
    "NOTHING, ABSENT, ABSENT, ABSENT, true",
    "NOTHING, ABSENT, ABSENT, CONFIRMED, false",
  })
  void shouldCompareFateWithVerdictWhenTransferWasMade(
      Verdict verdict, String transfer, String debit, String credit, boolean right) {
    // Given
    put(transfers, ORDER.id(), transfer);
    put(reservations, ORDER.debitKey(), debit);
    put(reservations, ORDER.creditKey(), credit);
    if (List.of(transfer, debit, credit).stream().allMatch("CONFIRMED"::equals)) {
      balances.merge("bank-a/alice", -500L, Long::sum);
      balances.merge("bank-b/bob", 500L, Long::sum);
    }

    // When
    List<String> violations = compare(verdict);

    // Then
    assertThat(violations.isEmpty()).as("%s", violations).isEqualTo(right);
  }

  @Test
  void shouldTallyByVerdictWhenTransfersEnded() {
    // Given
    reservations.put(ORDER.debitKey(), "CANCELLED");
    Receipt receipt = new Receipt(ORDER, new Told(Verdict.ABORTED, "409", Optional.empty(), ""));

    // When
    Books books =
        new Books(inFlight, 0, transfers, reservations, balances, reserved, audited, prepared);

    // Then
    assertThat(books.compareWith(List.of(receipt, receipt)).tallies())
        .isEqualTo(Map.of(Verdict.ABORTED, new Books.Tally(2, 0, 2)));
  }

  @Test
  void shouldFindNothingWhenNothingWasDone() {
    assertThat(compare()).isEmpty();
  }

  @Test
  void shouldNameReservationWhenItIsLeftOpen() {
    // Given
    reservations.put("t-debit", "RESERVED");
    transfers.put("t", "PENDING");

    // When / Then
    assertThat(compare())
        .containsExactly("transfer t is still PENDING", "reservation t-debit is still RESERVED");
  }

  @Test
  void shouldNameAccountWhenMoneyIsMissing() {
    // Given
    balances.merge("bank-a/alice", -1L, Long::sum);
    audited--;

    // When / Then
    assertThat(compare())
        .containsExactly(
            "bank-a/alice has 99999 cents (expected: 100000)",
            "the banks hold 799999 cents (expected: 800000)");
  }

  @Test
  void shouldNameAccountsWhenMoneyMovedWithoutTransfer() {
    // Given
    balances.merge("bank-a/alice", -1L, Long::sum);
    balances.merge("bank-b/bob", 1L, Long::sum);

    // When / Then
    assertThat(compare())
        .containsExactlyInAnyOrder(
            "bank-a/alice has 99999 cents (expected: 100000)",
            "bank-b/bob has 100001 cents (expected: 100000)");
  }

  @Test
  void shouldNameAccountWhenMoneyIsStillSetAside() {
    // Given
    reserved.put("bank-a/alice", 7L);

    // When / Then
    assertThat(compare()).containsExactly("bank-a/alice has 7 cents reserved (expected: 0)");
  }

  @Test
  void shouldSaySoWhenAuditCountsOtherwise() {
    // Given
    audited = 5;

    // When / Then
    assertThat(compare()).containsExactly("audit counts 5 cents (expected: 800000)");
  }

  @Test
  void shouldNameSidecarWhenItIsBusyOrSilent() {
    // Given
    inFlight.put("bank-a", 2);
    inFlight.remove("audit");

    // When / Then
    assertThat(compare())
        .containsExactly(
            "the sidecar of bank-a has 2 transactions in flight",
            "the sidecar of audit does not say what is in flight");
  }

  @Test
  void shouldNameTransactionWhenItIsLeftPrepared() {
    // Given
    prepared.add("hf1_x");

    // When
    Books.Findings findings =
        new Books(inFlight, 0, transfers, reservations, balances, reserved, audited, prepared)
            .compareWith(List.of());

    // Then
    assertThat(findings.violations()).containsExactly("hf1_x is still prepared in PostgreSQL");
    assertThat(findings.open()).isEqualTo(1);
  }

  @Test
  void shouldCountBranchesWhenTheyAreInDoubt() {
    // When
    List<String> violations =
        new Books(inFlight, 3, transfers, reservations, balances, reserved, audited, prepared)
            .compareWith(List.of())
            .violations();

    // Then
    assertThat(violations).containsExactly("3 branches are in doubt");
  }

  private List<String> compare(Verdict... verdicts) {
    List<Receipt> receipts =
        List.of(verdicts).stream()
            .map(verdict -> new Receipt(ORDER, new Told(verdict, "200", Optional.empty(), "")))
            .toList();
    return new Books(inFlight, 0, transfers, reservations, balances, reserved, audited, prepared)
        .compareWith(receipts)
        .violations();
  }

  private static void put(Map<String, String> states, String key, String state) {
    if (!state.equals("ABSENT")) {
      states.put(key, state);
    }
  }
}
