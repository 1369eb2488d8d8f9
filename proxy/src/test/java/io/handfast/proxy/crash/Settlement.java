package io.handfast.proxy.crash;

import static io.handfast.proxy.crash.Books.State.CANCELLED;
import static io.handfast.proxy.crash.Books.State.CONFIRMED;
import static io.handfast.proxy.crash.Books.State.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What must hold when all processes are back: all branches decide alike (AC1), no decision is
 * reversed (AC2), commit needs every yes (AC3), where nothing fails all commit (AC4), everyone
 * decides (AC5); nobody was told committed whose effect is not there, nobody was told aborted whose
 * effect is, and nothing stays reserved.
 */
public final class Settlement {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  private Settlement() {}

  public static Told await(Future<Told> answer)
      throws InterruptedException, ExecutionException, TimeoutException {
    return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  public static void awaitLoad(SidecarProcess sidecar, SidecarProcess.Load load) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(POLL)
          .until(sidecar::load, Optional.of(load)::equals);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(e.getMessage() + "\n" + sidecar.lastWords(), e);
    }
  }

  /** Waits until nobody has anything to do, then looks at what came of an order. */
  static void check(Mesh mesh, Order order, Told told, boolean commits) {
    awaitLoad(mesh.frontSidecar(), SidecarProcess.Load.NONE);
    awaitLoad(mesh.backSidecar(), SidecarProcess.Load.NONE);
    try {
      bothStand(mesh, order, commits);
      assertThat(mesh.front().violations()).as("AC2: reversals at the front").isEmpty();
      assertThat(mesh.back().violations()).as("AC2: reversals at the back").isEmpty();
      assertThat(mesh.front().reserved()).as("left reserved at the front").isEmpty();
      assertThat(mesh.back().reserved()).as("left reserved at the back").isEmpty();
      assertThat(told.committed() && !commits).as("told a commit that is not there").isFalse();
      assertThat(told.aborted() && commits).as("told aborted what is there").isFalse();
    } catch (AssertionError e) {
      throw new AssertionError(
          String.join(
              "\n",
              String.valueOf(e.getMessage()),
              told.toString(),
              mesh.frontSidecar().lastWords(),
              mesh.backSidecar().lastWords()),
          e);
    }
  }

  private static void bothStand(Mesh mesh, Order order, boolean commits) {
    Books.State front = mesh.front().state(order.key());
    Books.State back = mesh.back().state(order.key());
    if (commits) {
      assertThat(front).as("AC1, AC5: the front").isEqualTo(CONFIRMED);
      assertThat(back).as("AC1, AC5: the back").isEqualTo(CONFIRMED);
    } else {
      // Nothing need be undone where the service never saw the request.
      assertThat(front).as("AC1, AC3: the front").isIn(CANCELLED, UNKNOWN);
      assertThat(back).as("AC1, AC3: the back").isIn(CANCELLED, UNKNOWN);
    }
  }
}
