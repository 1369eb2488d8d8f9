package io.handfast.proxy.crash.participation;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.crash.Told;
import io.handfast.proxy.crash.participation.Fault.Network;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The {@link Matrix}, with real sidecars, services and databases; {@link Verdict} says what must
 * hold whatever happened. They run side by side, for they wait most of their time.
 */
@Execution(ExecutionMode.CONCURRENT)
final class MatrixIT {
  private static final int PATIENCE_SECONDS = 60;
  private static final AtomicInteger KEYS = new AtomicInteger();

  @RegisterExtension final RigLease lease = new RigLease();

  @ParameterizedTest(name = "{0}")
  @MethodSource("io.handfast.proxy.crash.participation.Matrix#core")
  void shouldEndAlikeEverywhereWhateverHappens(Cell cell) throws Exception {
    play(cell);
  }

  @Tag("full")
  @ParameterizedTest(name = "{0}")
  @MethodSource("io.handfast.proxy.crash.participation.Matrix#rest")
  void shouldEndAlikeEverywhereWhateverElseHappens(Cell cell) throws Exception {
    play(cell);
  }

  private void play(Cell cell) throws Exception {
    Rig rig = lease.warmRig(cell.column());
    String key = "key-" + KEYS.incrementAndGet();
    CompletableFuture<Told> told = new CompletableFuture<>();
    try {
      // Given
      CompletableFuture<Void> happened = cell.fault().set(rig, key, told);
      // When
      rig.place(cell.request(key)).thenAccept(told::complete);
      told.thenAccept(answer -> {
        if (!cell.end().allows(answer)) {
          happened.completeExceptionally(new AssertionError("before it happened")); // if it has not
        }
      });
      happened.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      Told answer = told.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      rig.heal();
      // Then
      Verdict.check(rig, cell, key, answer);
      if (cell.fault() instanceof Network network && network.wire() == Relay.Wire.DOUBLE) {
        assertThat(rig.relay().answerOfDouble(key)).as("answered alike").contains(" 200 ");
      }
      lease.settled();
    } catch (Exception | AssertionError e) {
      throw new AssertionError(
          String.join(
              "\n",
              cell.toString(),
              String.valueOf(e),
              "the client was told: " + told.getNow(null),
              rig.lastWords()),
          e);
    }
  }
}
