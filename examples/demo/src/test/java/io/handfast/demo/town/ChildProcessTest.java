package io.handfast.demo.town;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildProcessTest {
  @TempDir Path directory;
  private Optional<ChildProcess> child = Optional.empty();

  @AfterEach
  void tearDown() {
    child.ifPresent(ChildProcess::close);
  }

  @Test
  void shouldTakeDescendantsAlongWhenKilled() throws Exception {
    // Given
    ChildProcess process = shell("echo started; sleep 1000 & wait");
    process.start();
    await().until(() -> ProcessHandle.of(process.pid()).orElseThrow().descendants().count() == 1);
    ProcessHandle grandchild =
        ProcessHandle.of(process.pid()).orElseThrow().descendants().findFirst().orElseThrow();

    // When
    process.kill9();

    // Then
    assertThat(process.isRunning()).isFalse();
    await().until(() -> !grandchild.isAlive());
    assertThat(process.lastWords()).isEqualTo("started");
  }

  @Test
  void shouldRunAgainWhenStartedAfterKill() throws Exception {
    // Given
    ChildProcess process = shell("exec sleep 1000");
    process.start();
    long first = process.pid();
    process.kill9();

    // When
    process.start();

    // Then
    assertThat(process.isRunning()).isTrue();
    assertThat(process.pid()).isNotEqualTo(first);
  }

  @Test
  void shouldStayDownWhenClosed() throws Exception {
    // Given
    ChildProcess process = shell("exec sleep 1000");
    process.start();
    process.close();

    // When
    process.start();

    // Then
    assertThat(process.isRunning()).isFalse();
  }

  private ChildProcess shell(String script) {
    ChildProcess process = new ChildProcess("test", List.of("sh", "-c", script), directory);
    child = Optional.of(process);
    return process;
  }
}
