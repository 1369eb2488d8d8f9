package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * ONE_PHASE over real sockets: the front changes nothing, so the back, the only branch that
 * updates, decides. It is killed with {@code kill -9} on each side of the only force of a decision.
 */
@Execution(ExecutionMode.CONCURRENT)
final class OnePhaseIT {

  @Test
  void shouldUndoWhenTheBranchDiesBeforeItsDecisionIsDurable() throws Exception {
    diesAt("before", Scenario.BEFORE_OWN_DECISION, Books.State.CANCELLED);
  }

  /** T12: nothing has been told, and the restart finds it. */
  @Test
  void shouldCommitWhenTheBranchDiesAfterItsDecisionIsDurableT12() throws Exception {
    diesAt("after", Scenario.AFTER_OWN_DECISION, Books.State.CONFIRMED);
  }

  private static void diesAt(String name, CrashPoint point, Books.State end) throws Exception {
    SidecarJvm jvm = Training.jvm();
    try (Mesh mesh =
        new Mesh(
            Training.HOME.resolve("one-phase-" + name),
            jvm,
            jvm,
            OnePhaseIT::onePhase,
            List.of())) {
      // Given
      mesh.start();
      Order order = Order.of("order-" + name, Order.Kind.RESERVATIONS);
      mesh.backSidecar().arm(point, 0);

      // When
      var answer = mesh.place(order);
      mesh.backSidecar().awaitCrash();
      mesh.backSidecar().restart();
      Told told = Settlement.await(answer);

      // Then
      Settlement.awaitLoad(mesh.backSidecar(), SidecarProcess.Load.NONE);
      assertThat(mesh.back().state(order.key())).as("%s", told).isEqualTo(end);
      assertThat(mesh.back().violations()).as("AC2").isEmpty();
      // Whoever asks too late is told unknown, and never the contrary.
      boolean commits = end == Books.State.CONFIRMED;
      assertThat(commits ? told.aborted() : told.committed()).as("%s", told).isFalse();
      assertThat(told.status()).as("%s", told).isNotEqualTo(504);
    }
  }

  /** The front's own branch changes nothing. */
  private static String onePhase(String yaml) {
    int boundary = yaml.indexOf("boundary:\n");
    if (boundary < 0) {
      return yaml; // the back's
    }
    int participant = yaml.indexOf("                    participant:\n", boundary);
    int filters = yaml.indexOf("          http_filters:\n", participant);
    return (yaml.substring(0, participant)
            + "                    participant: { read_only: {} }\n"
            + yaml.substring(filters))
        .replace("boundary:\n", "boundary:\n                      protocol: ONE_PHASE\n");
  }
}
