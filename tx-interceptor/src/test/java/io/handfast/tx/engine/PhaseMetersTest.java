package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long each phase takes, on virtual time: at the coordinator, and at a branch. */
class PhaseMetersTest {
  private final Story story = new Story();

  private static Timer timer(Sidecar sidecar, String name, String state) {
    return sidecar.registry().get(name).tag("state", state).timer();
  }

  private static double millis(Timer timer) {
    return timer.totalTime(TimeUnit.MILLISECONDS);
  }

  @Test
  void shouldMeasureEachPhaseOfABranch() {
    // When: BEGUN takes a force, the Try 100 ms, the doubt 500 ms and a force
    story.begin().callBank().pass(100).bankAnswers(200).pass(500).frontAnswers(200).pass(100);

    // Then
    Timer begun = timer(story.bank, "handfast.tx.branch.phase", "beginning");
    Timer work = timer(story.bank, "handfast.tx.branch.phase", "working");
    Timer doubt = timer(story.bank, "handfast.tx.branch.phase", "prepared");
    assertThat(begun.count()).isEqualTo(1);
    assertThat(millis(begun)).isBetween(0.1, 2.0);
    assertThat(work.count()).isEqualTo(1);
    assertThat(millis(work)).isBetween(100.0, 105.0);
    assertThat(doubt.count()).isEqualTo(1);
    assertThat(millis(doubt)).isBetween(500.0, 510.0);
    story.assertSettled();
  }

  @Test
  void shouldMeasureEachPhaseOfATransaction() {
    // When
    story.begin().callBank().pass(100).bankAnswers(200).pass(500).frontAnswers(200).pass(100);

    // Then
    Timer active = timer(story.front, "handfast.tx.phase", "active");
    Timer deciding = timer(story.front, "handfast.tx.phase", "deciding");
    assertThat(active.count()).isEqualTo(1);
    assertThat(millis(active)).isBetween(600.0, 615.0);
    assertThat(deciding.count()).isEqualTo(1);
    assertThat(millis(deciding)).isBetween(0.1, 2.0);
    assertThat(timer(story.front, "handfast.tx.phase", "committing").count()).isEqualTo(1);
  }

  @Test
  void shouldHaveBucketsForPhases() {
    // When
    story.begin().callBank().bankAnswers(200).pass(150).frontAnswers(200).pass(100);

    // Then: in no bucket below 100 ms, in all from 200 ms on
    Timer doubt = timer(story.bank, "handfast.tx.branch.phase", "prepared");
    assertThat(
            Arrays.stream(doubt.takeSnapshot().histogramCounts())
                .filter(it -> it.count() > 0)
                .mapToDouble(it -> it.bucket(TimeUnit.MILLISECONDS))
                .min())
        .hasValue(200);
    assertThat(doubt.takeSnapshot().histogramCounts()).hasSizeGreaterThan(10);
  }
}
