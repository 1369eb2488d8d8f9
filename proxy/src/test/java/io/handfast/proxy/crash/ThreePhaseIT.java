package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * THREE_PHASE over real sockets: the coordinator is killed with {@code kill -9}, and the other
 * branch ends the transaction before it is back, by itself; then it comes back and does likewise.
 */
@Execution(ExecutionMode.CONCURRENT)
final class ThreePhaseIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Mesh mesh(String name) throws Exception {
    SidecarJvm jvm = Training.jvm();
    return new Mesh(
        Training.HOME.resolve("three-phase-" + name),
        jvm,
        jvm,
        yaml ->
            yaml.replace("boundary:\n", "boundary:\n                      protocol: THREE_PHASE\n")
                .replace("timeout: 5s", "timeout: 2s"),
        java.util.List.of());
  }

  @Test
  void shouldCommitWhenNothingFails() throws Exception {
    try (Mesh mesh = mesh("calm")) {
      // Given
      mesh.start();
      Order reservation = Order.of("order-1", Order.Kind.RESERVATIONS);
      Order ticket = Order.of("order-2", Order.Kind.TICKETS);

      // When
      Told first = Settlement.await(mesh.place(reservation));
      Told second = Settlement.await(mesh.place(ticket));

      // Then
      assertThat(first.committed()).as("%s", first).isTrue();
      assertThat(second.committed()).as("%s", second).isTrue();
      Settlement.check(mesh, reservation, first, true);
      Settlement.check(mesh, ticket, second, true);
    }
  }

  @Test
  void shouldCommitWithoutTheCoordinatorWhenItDiesAfterThePreCommit() throws Exception {
    diesAt("after", Scenario.BEFORE_DECISION, Books.State.CONFIRMED);
  }

  @Test
  void shouldAbortWithoutTheCoordinatorWhenItDiesBeforeThePreCommit() throws Exception {
    diesAt("before", Scenario.BEFORE_PRE_COMMIT, Books.State.CANCELLED);
  }

  /** It had recorded that all have promised, and nobody else knows. */
  @Test
  void shouldAbortWithoutTheCoordinatorWhenItDiesBeforeItTellsThePreCommit() throws Exception {
    diesAt("untold", Scenario.AFTER_PRE_COMMIT, Books.State.CANCELLED);
  }

  private static void diesAt(String name, CrashPoint point, Books.State back) throws Exception {
    try (Mesh mesh = mesh(name)) {
      // Given
      mesh.start();
      Order order = Order.of("order-" + name, Order.Kind.RESERVATIONS);
      mesh.frontSidecar().arm(point, 0);

      // When
      var answer = mesh.place(order);
      mesh.frontSidecar().awaitCrash();

      // Then: alone, while the coordinator is away
      awaitBack(mesh, order, back);
      Settlement.awaitLoad(mesh.backSidecar(), SidecarProcess.Load.NONE);

      // When
      mesh.frontSidecar().restart();

      // Then
      Settlement.check(mesh, order, Settlement.await(answer), back == Books.State.CONFIRMED);
    }
  }

  private static void awaitBack(Mesh mesh, Order order, Books.State state) {
    try {
      Awaitility.await().atMost(PATIENCE).until(() -> mesh.back().state(order.key()) == state);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          e.getMessage()
              + "\n"
              + mesh.back().state(order.key())
              + "\n"
              + mesh.frontSidecar().lastWords()
              + "\n"
              + mesh.backSidecar().lastWords(),
          e);
    }
  }
}
