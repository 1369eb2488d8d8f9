package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.demo.town.Home;
import io.handfast.demo.town.PodTown;
import io.handfast.demo.town.Pods;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The heart of {@code ./handfast demo --transparent}; skipped where there is no root. */
final class TransparentIT {

  @Test
  void shouldCommitAndAbortWhenServicesCallEachOtherByPlainAddress() throws Exception {
    // Given
    String obstacle = Pods.obstacle();
    assumeTrue(obstacle.isEmpty(), () -> "the transparent demo " + obstacle);
    Path root = Path.of(System.getProperty("basedir", ""), "../..").toAbsolutePath().normalize();
    Terminal silent =
        new Terminal(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);

    // When
    List<String> violations;
    try (PodTown town = new PodTown(Home.at(root, Optional.empty()))) {
      town.start();
      violations = PodStory.tell(town, silent);
    }

    // Then
    assertThat(violations).isEmpty();
    assertThat(ProcessHandle.current().descendants()).isEmpty();
  }
}
