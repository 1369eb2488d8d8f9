package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.story.StormPlan.Kill;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class StormPlanTest {
  private static final Duration EVERY = Duration.ofSeconds(1);

  @Test
  void shouldPlanTheSameWhenTheSeedIsTheSame() {
    // Given
    StormPlan one = new StormPlan(5, EVERY);
    StormPlan other = new StormPlan(5, EVERY);

    // When / Then
    assertThat(one.jobs(50)).isEqualTo(other.jobs(50));
    assertThat(kills(one)).isEqualTo(kills(other));
  }

  @Test
  void shouldKillTheSameWhenThereAreMoreTransfers() {
    // Given
    StormPlan one = new StormPlan(5, EVERY);
    StormPlan other = new StormPlan(5, EVERY);

    // When
    List<StormPlan.Job> few = one.jobs(10);
    List<StormPlan.Job> many = other.jobs(50);

    // Then
    assertThat(many.subList(0, 10)).isEqualTo(few);
    assertThat(kills(one)).isEqualTo(kills(other));
  }

  @Test
  void shouldPlanOtherwiseWhenTheSeedIsAnother() {
    assertThat(new StormPlan(5, EVERY).jobs(50)).isNotEqualTo(new StormPlan(6, EVERY).jobs(50));
    assertThat(kills(new StormPlan(5, EVERY))).isNotEqualTo(kills(new StormPlan(6, EVERY)));
  }

  @Test
  void shouldKillAroundTheMeanTimeWhenAsked() {
    assertThat(kills(new StormPlan(5, EVERY)))
        .allSatisfy(kill -> {
          assertThat(kill.after()).isBetween(Duration.ofMillis(500), Duration.ofMillis(1500));
          assertThat(kill.victims()).hasSizeBetween(1, 2);
        });
  }

  private static List<Kill> kills(StormPlan plan) {
    return Stream.generate(plan::nextKill).limit(50).toList();
  }
}
