package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.handfast.example.bank.Reservation.Kind;
import io.handfast.example.bank.Reservation.Order;
import io.handfast.example.bank.Reservation.State;
import io.handfast.example.bank.web.Problem;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LedgerTest {
  private Database database;
  private Ledger ledger;

  @BeforeEach
  void open() throws SQLException {
    database = Database.open(TestPostgres.newDatabase(), Ledger.SCHEMA);
    ledger = new Ledger(database);
    ledger.open(Map.of("alice", 1000L));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void shouldTakeMoneyOutOfAvailableWhenDebitIsReserved() throws SQLException {
    // When
    ledger.reserve(debit("k", 300));

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 300));
    assertThat(alice().available()).isEqualTo(700);
  }

  @Test
  void shouldTakeMoneyOutOfBalanceWhenDebitIsConfirmed() throws SQLException {
    // Given
    ledger.reserve(debit("k", 300));

    // When
    ledger.confirm("k");

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 700, 0));
  }

  @Test
  void shouldGiveMoneyBackWhenDebitIsCancelled() throws SQLException {
    // Given
    ledger.reserve(debit("k", 300));

    // When
    ledger.cancel("k");

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 0));
  }

  @Test
  void shouldShowCreditOnlyWhenConfirmed() throws SQLException {
    // Given
    ledger.reserve(credit("k", 300));
    Account before = alice();

    // When
    ledger.confirm("k");

    // Then
    assertThat(before).isEqualTo(new Account("alice", 1000, 0));
    assertThat(alice()).isEqualTo(new Account("alice", 1300, 0));
  }

  @Test
  void shouldChangeNothingWhenCreditIsCancelled() throws SQLException {
    // Given
    ledger.reserve(credit("k", 300));

    // When
    ledger.cancel("k");

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 0));
  }

  @Test
  void shouldReserveOnceWhenKeyIsRepeated() throws SQLException {
    // Given
    Reservation first = ledger.reserve(debit("k", 300));

    // When
    Reservation second = ledger.reserve(debit("k", 300));

    // Then
    assertThat(second).isEqualTo(first);
    assertThat(alice().reserved()).isEqualTo(300);
  }

  @Test
  void shouldSettleOnceWhenConfirmOrCancelIsRepeated() throws SQLException {
    // Given
    ledger.reserve(debit("confirmed", 300));
    ledger.reserve(debit("cancelled", 200));

    // When
    for (int i = 0; i < 2; i++) {
      ledger.confirm("confirmed");
      ledger.cancel("cancelled");
    }

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 700, 0));
  }

  @Test
  void shouldRefuseKeyWhenItStandsForAnotherReservation() throws SQLException {
    // Given
    ledger.reserve(debit("k", 300));

    // When / Then
    refused(409, "another reservation", () -> ledger.reserve(debit("k", 301)));
    refused(409, "another reservation", () -> ledger.reserve(credit("k", 300)));
    assertThat(alice().reserved()).isEqualTo(300);
  }

  @Test
  void shouldRefuseDebitAndForgetItWhenFundsAreInsufficient() throws SQLException {
    // Given
    ledger.reserve(debit("first", 800));

    // When
    refused(422, "200 available (expected: 201)", () -> ledger.reserve(debit("k", 201)));

    // Then
    assertThat(ledger.reservation("k")).isEmpty();
    assertThat(alice().reserved()).isEqualTo(800);
  }

  @Test
  void shouldRefuseReservationWhenAccountIsNotThere() throws SQLException {
    // When
    refused(404, "nobody", () -> ledger.reserve(new Order("k", "nobody", Kind.CREDIT, 1)));

    // Then
    assertThat(ledger.reservation("k")).isEmpty();
  }

  @Test
  void shouldRefuseReserveWhenCancelCameFirst() throws SQLException {
    // Given
    ledger.cancel("k");

    // When
    refused(409, "cancelled", () -> ledger.reserve(debit("k", 300)));

    // Then
    assertThat(ledger.reservation("k"))
        .contains(new Reservation("k", null, null, 0, State.CANCELLED));
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 0));
  }

  @Test
  void shouldRefuseReserveWhenItWasCancelled() throws SQLException {
    // Given
    ledger.reserve(debit("k", 300));
    ledger.cancel("k");

    // When / Then
    refused(409, "cancelled", () -> ledger.reserve(debit("k", 300)));
    assertThat(alice().reserved()).isZero();
  }

  @Test
  void shouldRefuseTheOtherOutcomeWhenSettled() throws SQLException {
    // Given
    ledger.reserve(debit("confirmed", 300));
    ledger.confirm("confirmed");
    ledger.reserve(debit("cancelled", 200));
    ledger.cancel("cancelled");

    // When / Then
    refused(409, "confirmed already", () -> cancel("confirmed"));
    refused(409, "cancelled already", () -> confirm("cancelled"));
    refused(404, "unknown", () -> confirm("unknown"));
    assertThat(alice()).isEqualTo(new Account("alice", 700, 0));
  }

  @Test
  void shouldKeepBalanceWhenAccountIsOpenedAgain() throws SQLException {
    // When
    ledger.open(Map.of("alice", 5L, "bob", 7L));

    // Then
    assertThat(ledger.accounts())
        .containsExactly(new Account("alice", 1000, 0), new Account("bob", 7, 0));
  }

  @Test
  void shouldListReservationsByStateWhenAsked() throws SQLException {
    // Given
    ledger.reserve(debit("a", 1));
    ledger.reserve(debit("b", 1));
    ledger.reserve(debit("c", 1));
    ledger.confirm("b");

    // When / Then
    assertThat(ledger.reservations(List.of(State.RESERVED), 10))
        .extracting(Reservation::key)
        .containsExactly("a", "c");
    assertThat(ledger.reservations(List.of(State.values()), 2))
        .extracting(Reservation::key)
        .containsExactly("a", "b");
  }

  @Test
  void shouldNeverOverdrawWhenManyDebitOneAccount() throws Exception {
    // Given
    List<Callable<Boolean>> attempts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      Order order = debit("k" + i, 100);
      attempts.add(() -> succeeds(() -> ledger.reserve(order)));
    }

    // When
    long reserved = count(attempts);

    // Then
    assertThat(reserved).isEqualTo(10);
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 1000));
  }

  @Test
  void shouldReserveOnceWhenOneKeyArrivesConcurrently() throws Exception {
    // Given
    List<Callable<Boolean>> attempts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      attempts.add(() -> succeeds(() -> ledger.reserve(debit("k", 100))));
    }

    // When
    long answered = count(attempts);

    // Then
    assertThat(answered).isEqualTo(20);
    assertThat(alice().reserved()).isEqualTo(100);
  }

  @Test
  void shouldLeaveNothingReservedWhenReserveAndCancelRace() throws Exception {
    // Given
    List<Callable<Boolean>> attempts = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      String key = "k" + i;
      attempts.add(() -> succeeds(() -> ledger.reserve(debit(key, 10))));
      attempts.add(() -> succeeds(() -> cancel(key)));
    }

    // When
    count(attempts);

    // Then
    assertThat(alice()).isEqualTo(new Account("alice", 1000, 0));
    assertThat(ledger.reservations(List.of(State.CANCELLED), 100)).hasSize(30);
  }

  private static long count(List<Callable<Boolean>> attempts) throws Exception {
    long succeeded = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> attempt : threads.invokeAll(attempts)) {
        succeeded += attempt.get() ? 1 : 0;
      }
    }
    return succeeded;
  }

  private static boolean succeeds(Callable<?> action) throws Exception {
    try {
      action.call();
      return true;
    } catch (Problem expected) {
      return false;
    }
  }

  private static void refused(int status, String detail, Callable<?> action) {
    assertThatExceptionOfType(Problem.class)
        .isThrownBy(action::call)
        .satisfies(problem -> assertThat(problem.status()).isEqualTo(status))
        .satisfies(problem -> assertThat(problem.detail()).contains(detail));
  }

  private String confirm(String key) throws SQLException {
    ledger.confirm(key);
    return key;
  }

  private String cancel(String key) throws SQLException {
    ledger.cancel(key);
    return key;
  }

  private Account alice() throws SQLException {
    return ledger.account("alice").orElseThrow();
  }

  private static Order debit(String key, long amount) {
    return new Order(key, "alice", Kind.DEBIT, amount);
  }

  private static Order credit(String key, long amount) {
    return new Order(key, "alice", Kind.CREDIT, amount);
  }
}
