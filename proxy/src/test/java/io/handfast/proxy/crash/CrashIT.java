package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Order.Conduct.FAIL;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real sidecars are killed at each force point and started again on the same store; {@link
 * Settlement} says what must hold whatever happened.
 *
 * <p>One mesh serves all tests, so that a test costs the start of one process; a test that fails
 * leaves its successor a new one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashIT {
  @TempDir static Path directory;

  private @Nullable Mesh current;
  private boolean settled;
  private int meshes;
  private int orders;

  @BeforeEach
  void startUnlessTheLastOneSettled() throws Exception {
    if (!settled) {
      close();
      Mesh fresh = new Mesh(directory.resolve("mesh-" + ++meshes), Scenario.POINTS);
      current = fresh;
      fresh.start();
    }
    settled = false;
  }

  @AfterAll
  void close() {
    if (current != null) {
      current.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldCommitWhenNothingFails(Order.Kind kind) throws Exception {
    // Given
    Order order = order(kind);
    // When
    Told told = Settlement.await(mesh().place(order));
    // Then
    assertThat(told.committed()).as("%s", told).isTrue();
    settle(order, told, true);
  }

  @ParameterizedTest
  @EnumSource
  void shouldAbortWhenAServiceFails(Order.Kind kind) throws Exception {
    // Given
    Order frontFails = order(kind).withFront(FAIL);
    Order backFails = order(kind).withBack(FAIL);
    // When
    Told first = Settlement.await(mesh().place(frontFails));
    Told second = Settlement.await(mesh().place(backFails));
    // Then
    assertThat(first.aborted()).as("%s", first).isTrue();
    assertThat(second.aborted()).as("%s", second).isTrue();
    settle(frontFails, first, false);
    settle(backFails, second, false);
  }

  @ParameterizedTest
  @MethodSource("io.handfast.proxy.crash.Scenario#ofBack")
  void shouldDecideAlikeWhenTheBackDies(Scenario scenario) throws Exception {
    play(scenario, mesh().backSidecar());
  }

  @ParameterizedTest
  @MethodSource("io.handfast.proxy.crash.Scenario#ofFront")
  void shouldDecideAlikeWhenTheFrontDies(Scenario scenario) throws Exception {
    play(scenario, mesh().frontSidecar());
  }

  private void play(Scenario scenario, SidecarProcess victim) throws Exception {
    // Given
    Order order = order(scenario.kind()).withFront(scenario.front());
    victim.arm(scenario.at(), 0);
    // When
    Future<Told> answer = mesh().place(order);
    victim.awaitCrash();
    victim.restart();
    Told told = Settlement.await(answer);
    // Then
    assertThat(scenario.client().heard(told)).as("%s", told).isTrue();
    settle(order, told, scenario.commits());
  }

  @Test
  void shouldCommitWhenABranchDiesBetweenItsYesAndTheDecision() throws Exception {
    // Given
    Order order = order(Order.Kind.RESERVATIONS);
    SidecarProcess back = mesh().backSidecar();
    mesh().whenCalled(back::kill);
    // When
    Told told = Settlement.await(mesh().place(order));
    back.restart();
    // Then
    assertThat(told.committed()).as("%s", told).isTrue();
    settle(order, told, true);
  }

  @Test
  void shouldStayInDoubtWhileTheCoordinatorIsAway() throws Exception {
    // Given
    Order order = order(Order.Kind.RESERVATIONS);
    SidecarProcess front = mesh().frontSidecar();
    SidecarProcess back = mesh().backSidecar();
    front.arm(Scenario.AFTER_DECISION, 0);
    Future<Told> answer = mesh().place(order);
    front.awaitCrash();
    // When
    back.kill();
    back.restart();
    Settlement.awaitLoad(back, new SidecarProcess.Load(1, 1));
    // Then
    assertThat(mesh().back().state(order.key())).isEqualTo(Books.State.RESERVED);
    front.restart();
    settle(order, Settlement.await(answer), true);
  }

  @Test
  void shouldCommitWhenTheCoordinatorDiesAgainWhileItRecovers() throws Exception {
    // Given
    Order order = order(Order.Kind.TICKETS);
    SidecarProcess front = mesh().frontSidecar();
    front.arm(Scenario.AFTER_DECISION, 0);
    Future<Told> answer = mesh().place(order);
    front.awaitCrash();
    front.arm(Scenario.BEFORE_OUTCOME_IS_SENT, 0);
    // When
    front.start();
    front.awaitCrash();
    front.restart();
    // Then
    settle(order, Settlement.await(answer), true);
  }

  @Test
  void shouldAbortWhenBothDieBeforeTheDecision() throws Exception {
    // Given
    Order order = order(Order.Kind.TICKETS);
    SidecarProcess front = mesh().frontSidecar();
    SidecarProcess back = mesh().backSidecar();
    front.arm(Scenario.BEFORE_DECISION, 0);
    Future<Told> answer = mesh().place(order);
    front.awaitCrash();
    // When
    back.kill();
    front.start();
    back.restart();
    front.restart();
    // Then
    settle(order, Settlement.await(answer), false);
  }

  @Test
  void shouldNotConfirmTwiceWhenTheEndOfTheTransactionWasLost() throws Exception {
    // Given
    Order order = order(Order.Kind.RESERVATIONS);
    SidecarProcess front = mesh().frontSidecar();
    front.arm(Scenario.AFTER_FORGOTTEN, 0);
    // When
    Future<Told> answer = mesh().place(order);
    front.awaitCrash();
    front.restart();
    settle(order, Settlement.await(answer), true);
    // Then
    assertThat(mesh().front().count(order.key(), Books.Step.CONFIRM)).isEqualTo(1);
    assertThat(mesh().back().count(order.key(), Books.Step.CONFIRM)).isEqualTo(1);
  }

  private Order order(Order.Kind kind) {
    return Order.of("order-" + ++orders, kind);
  }

  private Mesh mesh() {
    if (current == null) {
      throw new IllegalStateException("no mesh has been started");
    }
    return current;
  }

  private void settle(Order order, Told told, boolean commits) {
    Settlement.check(mesh(), order, told, commits);
    settled = true;
  }
}
