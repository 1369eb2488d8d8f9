package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Order.Conduct.FAIL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real sidecars are killed at each force point and started again on the same store; {@link
 * Settlement} says what must hold whatever happened.
 *
 * <p>They run side by side, for they wait half of their time.
 */
@Execution(ExecutionMode.CONCURRENT)
final class CrashIT {
  @RegisterExtension final MeshLease lease = new MeshLease();

  @ParameterizedTest
  @EnumSource
  void shouldCommitWhenNothingFails(Order.Kind kind) throws Exception {
    // Given
    Order order = lease.order(kind);
    // When
    Told told = Settlement.await(lease.mesh().place(order));
    // Then
    assertThat(told.committed()).as("%s", told).isTrue();
    lease.settle(order, told, true);
  }

  @ParameterizedTest
  @EnumSource
  void shouldAbortWhenAServiceFails(Order.Kind kind) throws Exception {
    // Given
    Order frontFails = lease.order(kind).withFront(FAIL);
    Order backFails = lease.order(kind).withBack(FAIL);
    // When
    Told first = Settlement.await(lease.mesh().place(frontFails));
    Told second = Settlement.await(lease.mesh().place(backFails));
    // Then
    assertThat(first.aborted()).as("%s", first).isTrue();
    assertThat(second.aborted()).as("%s", second).isTrue();
    lease.settle(frontFails, first, false);
    lease.settle(backFails, second, false);
  }

  @ParameterizedTest
  @MethodSource("io.handfast.proxy.crash.Scenario#ofBack")
  void shouldDecideAlikeWhenTheBackDies(Scenario scenario) throws Exception {
    play(scenario, lease.mesh().backSidecar());
  }

  @ParameterizedTest
  @MethodSource("io.handfast.proxy.crash.Scenario#ofFront")
  void shouldDecideAlikeWhenTheFrontDies(Scenario scenario) throws Exception {
    play(scenario, lease.mesh().frontSidecar());
  }

  private void play(Scenario scenario, SidecarProcess victim) throws Exception {
    // Given
    Order order = lease.order(scenario.kind()).withFront(scenario.front());
    victim.arm(scenario.at(), 0);
    // When
    Future<Told> answer = lease.mesh().place(order);
    victim.awaitCrash();
    victim.restart();
    Told told = Settlement.await(answer);
    // Then
    assertThat(scenario.client().heard(told)).as("%s", told).isTrue();
    lease.settle(order, told, scenario.commits());
  }

  /** With SEATS the request has gone, and BEGUN may not be durable yet: no orphan stays. */
  @ParameterizedTest
  @EnumSource
  void shouldUndoWhenABranchDiesWhileItsServiceWorks(Order.Kind kind) throws Exception {
    // Given
    Order order = lease.order(kind);
    SidecarProcess back = lease.mesh().backSidecar();
    FutureTask<Void> kill = new FutureTask<>(back::kill, null);
    lease.mesh().whenReserved(kill);
    // When
    Told told = Settlement.await(lease.mesh().place(order));
    kill.get(10, TimeUnit.SECONDS); // the client may hear of the death before the killer does
    back.restart();
    // Then
    assertThat(told.aborted()).as("%s", told).isTrue();
    lease.settle(order, told, false);
    assertThat(lease.mesh().back().state(order.key())).isEqualTo(Books.State.CANCELLED);
  }

  @Test
  void shouldCommitWhenABranchDiesBetweenItsYesAndTheDecision() throws Exception {
    // Given
    Order order = lease.order(Order.Kind.RESERVATIONS);
    SidecarProcess back = lease.mesh().backSidecar();
    lease.mesh().whenCalled(back::kill);
    // When
    Told told = Settlement.await(lease.mesh().place(order));
    back.restart();
    // Then
    assertThat(told.committed()).as("%s", told).isTrue();
    lease.settle(order, told, true);
  }

  @Test
  void shouldStayInDoubtWhileTheCoordinatorIsAway() throws Exception {
    // Given
    Order order = lease.order(Order.Kind.RESERVATIONS);
    SidecarProcess front = lease.mesh().frontSidecar();
    SidecarProcess back = lease.mesh().backSidecar();
    front.arm(Scenario.AFTER_DECISION, 0);
    Future<Told> answer = lease.mesh().place(order);
    front.awaitCrash();
    // When
    back.kill();
    back.restart();
    Settlement.awaitLoad(back, new SidecarProcess.Load(1, 1));
    // Then
    assertThat(lease.mesh().back().state(order.key())).isEqualTo(Books.State.RESERVED);
    front.restart();
    lease.settle(order, Settlement.await(answer), true);
  }

  @Test
  void shouldCommitWhenTheCoordinatorDiesAgainWhileItRecovers() throws Exception {
    // Given
    Order order = lease.order(Order.Kind.TICKETS);
    SidecarProcess front = lease.mesh().frontSidecar();
    front.arm(Scenario.AFTER_DECISION, 0);
    Future<Told> answer = lease.mesh().place(order);
    front.awaitCrash();
    front.arm(Scenario.BEFORE_OUTCOME_IS_SENT, 0);
    // When
    front.start();
    front.awaitCrash();
    front.restart();
    // Then
    lease.settle(order, Settlement.await(answer), true);
  }

  @Test
  void shouldAbortWhenBothDieBeforeTheDecision() throws Exception {
    // Given
    Order order = lease.order(Order.Kind.TICKETS);
    SidecarProcess front = lease.mesh().frontSidecar();
    SidecarProcess back = lease.mesh().backSidecar();
    front.arm(Scenario.BEFORE_DECISION, 0);
    Future<Told> answer = lease.mesh().place(order);
    front.awaitCrash();
    // When
    back.kill();
    front.start();
    back.restart();
    front.restart();
    // Then
    lease.settle(order, Settlement.await(answer), false);
  }

  @Test
  void shouldNotConfirmTwiceWhenTheEndOfTheTransactionWasLost() throws Exception {
    // Given
    Order order = lease.order(Order.Kind.RESERVATIONS);
    SidecarProcess front = lease.mesh().frontSidecar();
    front.arm(Scenario.AFTER_FORGOTTEN, 0);
    // When
    Future<Told> answer = lease.mesh().place(order);
    front.awaitCrash();
    front.restart();
    lease.settle(order, Settlement.await(answer), true);
    // Then
    assertThat(lease.mesh().front().count(order.key(), Books.Step.CONFIRM)).isEqualTo(1);
    assertThat(lease.mesh().back().count(order.key(), Books.Step.CONFIRM)).isEqualTo(1);
  }
}
