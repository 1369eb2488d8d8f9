package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.handfast.demo.town.PodTown;
import io.handfast.demo.town.Pods;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The heart of {@code ./handfast demo --transparent}; skipped where there is no root. */
final class TransparentIT {

  private static boolean isInstalled(String program) {
    return Stream.concat(
            Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1)),
            Stream.of("/usr/sbin", "/sbin"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  @Test
  void shouldCommitAndAbortWhenServicesCallEachOtherByPlainAddress() throws Exception {
    // Given
    if ("true".equals(System.getenv("CI"))) {
      assertThat(Stream.of("ip", "setpriv", "nft").filter(program -> !isInstalled(program)))
          .as("programs that README.md names for the full test")
          .isEmpty();
    }
    String obstacle = Pods.obstacle();
    assumeTrue(obstacle.isEmpty(), () -> "the transparent demo " + obstacle);

    // When
    List<String> violations;
    try (PodTown town = new PodTown(Stage.home())) {
      town.start();
      violations = PodStory.tell(town, Stage.silent());
    }

    // Then
    assertThat(violations).isEmpty();
    assertThat(ProcessHandle.current().descendants()).isEmpty();
  }
}
