package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Sidecars that were configured by a control plane, which is then gone for good: transactions go
 * on, and sidecars that are killed come up again on what they have kept.
 */
@Execution(ExecutionMode.CONCURRENT)
final class NoControlPlaneIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String CACHE = "last-good";
  private static final int ROUNDS = 2;
  private static final int ORDERS = 12;

  /** Orders that are on their way when a sidecar dies. */
  private static final int BEFORE_THE_DEATH = 8;

  private final Map<Order, Future<Told>> placed = new LinkedHashMap<>();

  @Test
  void shouldDecideAlikeWhateverDiesWhileTheControlPlaneIsGone() throws Exception {
    SidecarJvm jvm = Training.jvm();
    TestControlPlane control = new TestControlPlane();
    try (control;
        Mesh mesh =
            new Mesh(
                Training.HOME.resolve("no-control-plane"),
                jvm,
                jvm,
                control::take,
                List.of("--config-cache-dir", CACHE))) {
      // Given
      mesh.start();
      awaitCommit(mesh, "with");
      awaitKept(mesh.frontSidecar());
      awaitKept(mesh.backSidecar());
      control.close();

      // When
      for (int round = 0; round < ROUNDS; round++) {
        killDuringOrders(mesh, mesh.backSidecar(), "back-" + round);
        killDuringOrders(mesh, mesh.frontSidecar(), "front-" + round);
      }
      awaitCommit(mesh, "without");

      // Then
      Settlement.awaitLoad(mesh.frontSidecar(), SidecarProcess.Load.NONE);
      Settlement.awaitLoad(mesh.backSidecar(), SidecarProcess.Load.NONE);
      for (Map.Entry<Order, Future<Told>> each : placed.entrySet()) {
        assertAllOrNothing(mesh, each.getKey(), Settlement.await(each.getValue()));
      }
      assertThat(mesh.front().violations()).isEmpty();
      assertThat(mesh.back().violations()).isEmpty();
      assertThat(mesh.front().reserved()).isEmpty();
      assertThat(mesh.back().reserved()).isEmpty();
    }
  }

  private void killDuringOrders(Mesh mesh, SidecarProcess victim, String name) throws Exception {
    List<Future<Told>> answers = new ArrayList<>();
    for (int i = 0; i < ORDERS; i++) {
      if (i == BEFORE_THE_DEATH) {
        mesh.whenReserved(victim::kill);
      }
      answers.add(place(mesh, name + "-" + i));
    }
    for (Future<Told> answer : answers) {
      Settlement.await(answer);
    }
    mesh.whenReserved(() -> {});
    victim.kill();
    victim.restart();
    assertThat(victim.readiness()).contains("last good");
  }

  private Future<Told> place(Mesh mesh, String key) {
    Order.Kind[] kinds = Order.Kind.values();
    Order order = Order.of(key, kinds[placed.size() % kinds.length]);
    Future<Told> answer = mesh.place(order);
    placed.put(order, answer);
    return answer;
  }

  /** The listeners of a sidecar that has just come up may be being bound. */
  private void awaitCommit(Mesh mesh, String name) {
    await()
        .atMost(PATIENCE)
        .until(() -> Settlement.await(place(mesh, name + "-" + placed.size())).committed());
  }

  private static void awaitKept(SidecarProcess sidecar) {
    await().atMost(PATIENCE).until(() -> Files.exists(sidecar.file(CACHE).resolve("config-cache")));
  }

  private static void assertAllOrNothing(Mesh mesh, Order order, Told told) {
    boolean front = mesh.front().state(order.key()) == Books.State.CONFIRMED;
    boolean back = mesh.back().state(order.key()) == Books.State.CONFIRMED;
    assertThat(front).as("%s: %s", order, told).isEqualTo(back);
    assertThat(told.committed() && !front)
        .as("told a commit that is not there: %s", order)
        .isFalse();
    assertThat(told.aborted() && front).as("told aborted what is there: %s", order).isFalse();
  }
}
