package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrashAgentTest {
  private static final String VICTIM = CrashVictim.class.getName();
  private static final CrashPoint ENTRY = CrashPoint.entry(VICTIM, "work");
  private static final CrashPoint EXIT = CrashPoint.exit(VICTIM, "work");

  @TempDir Path directory;

  @Test
  void shouldDieBeforeTheMethodBeginsWhenItsEntryIsArmed() throws Exception {
    // Given
    CrashAgent.layOut(directory, List.of(ENTRY, EXIT));
    CrashAgent.arm(directory, ENTRY, 1);
    // When
    Death death = runVictim();
    // Then
    assertThat(death).isEqualTo(new Death(CrashAgent.KILLED, List.of("in 1", "after 1")));
    assertThat(CrashAgent.hit(directory)).isTrue();
  }

  @Test
  void shouldDieAfterTheMethodsWorkWhenItsExitIsArmed() throws Exception {
    // Given
    CrashAgent.layOut(directory, List.of(ENTRY, EXIT));
    CrashAgent.arm(directory, EXIT, 0);
    // When
    Death death = runVictim();
    // Then
    assertThat(death).isEqualTo(new Death(CrashAgent.KILLED, List.of("in 1")));
    assertThat(CrashAgent.hit(directory)).isTrue();
  }

  @Test
  void shouldLiveWhenNoPointIsArmed() throws Exception {
    // Given
    CrashAgent.layOut(directory, List.of(ENTRY, EXIT));
    CrashAgent.arm(directory, ENTRY, 0);
    CrashAgent.disarm(directory);
    // When
    Death death = runVictim();
    // Then
    assertThat(death.status()).isZero();
    assertThat(death.said()).endsWith("after 3");
    assertThat(CrashAgent.hit(directory)).isFalse();
  }

  @Test
  void shouldDieOtherwiseWhenThereIsNoSuchMethod() throws Exception {
    // Given
    CrashAgent.layOut(directory, List.of(CrashPoint.entry(VICTIM, "renamed")));
    // When
    Death death = runVictim();
    // Then
    assertThat(death)
        .isEqualTo(
            new Death(
                CrashAgent.NO_SUCH_METHOD, List.of(VICTIM + "#renamed:entry: no such method")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.B#c:entry", "a.B$C#d:exit"})
  void shouldReadWhatItWritesWhenAPointIsNamed(String text) {
    assertThat(CrashPoint.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.B", "a.B#c", "a.B:entry", "a.B#:entry", "#c:exit", "a.B#c:middle"})
  void shouldRefuseAPointWhenItNamesNoPlace(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrashPoint.parse(text))
        .withMessage("crash point: " + text + " (expected: CLASS#METHOD:entry|exit)");
  }

  private record Death(int status, List<String> said) {}

  private Death runVictim() throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                JavaCommand.java(
                    List.of("-javaagent:" + CrashAgent.writeJar(directory) + "=" + directory),
                    VICTIM))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    return new Death(status, Files.readAllLines(output));
  }
}
