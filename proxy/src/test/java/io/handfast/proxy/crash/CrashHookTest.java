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

final class CrashHookTest {
  private static final String VICTIM = CrashVictim.class.getName();
  private static final CrashPoint ENTRY = CrashPoint.entry(VICTIM, "work");
  private static final CrashPoint EXIT = CrashPoint.exit(VICTIM, "work");

  @TempDir Path directory;

  @Test
  void shouldDieBeforeTheMethodBeginsWhenItsEntryIsArmed() throws Exception {
    // Given
    CrashHook.arm(directory, ENTRY, 1);
    // When
    Death death = runVictim();
    // Then
    assertThat(death).isEqualTo(new Death(CrashHook.KILLED, List.of("in 1", "after 1")));
    assertThat(CrashHook.hit(directory)).isTrue();
  }

  @Test
  void shouldDieAfterTheMethodsWorkWhenItsExitIsArmed() throws Exception {
    // Given
    CrashHook.arm(directory, EXIT, 0);
    // When
    Death death = runVictim();
    // Then
    assertThat(death).isEqualTo(new Death(CrashHook.KILLED, List.of("in 1")));
    assertThat(CrashHook.hit(directory)).isTrue();
  }

  @Test
  void shouldLiveWhenNoPointIsArmed() throws Exception {
    // Given
    CrashHook.arm(directory, ENTRY, 0);
    CrashHook.disarm(directory);
    // When
    Death death = runVictim();
    // Then
    assertThat(death.status()).isZero();
    assertThat(death.said()).endsWith("after 3");
    assertThat(CrashHook.hit(directory)).isFalse();
  }

  @Test
  void shouldThrowWhenAPointIsBroken() throws Exception {
    // Given
    CrashHook.breakAt(directory, ENTRY);
    // When
    Death broken = runVictim();
    CrashHook.mend(directory);
    Death mended = runVictim();
    // Then
    assertThat(broken.status()).isOne();
    assertThat(broken.said()).first().asString().contains("IOException", ENTRY.toString());
    assertThat(mended.status()).isZero();
  }

  @Test
  void shouldRefuseToWeaveWhenThereIsNoSuchMethod() {
    // Given
    CrashPoint renamed = CrashPoint.entry(VICTIM, "renamed");
    // When / Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrashJar.write(directory.resolve("jar"), List.of(renamed)))
        .withMessage(VICTIM + "#renamed:entry: no such method");
  }

  @Test
  void shouldRefuseToWeaveWhenThereIsNoSuchClass() {
    // Given
    CrashPoint moved = CrashPoint.exit("io.handfast.Moved", "work");
    // When / Then
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrashJar.write(directory.resolve("jar"), List.of(moved)))
        .withMessage("io.handfast.Moved: no such class");
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
    Path jar = CrashJar.write(directory.resolve("victim.jar"), List.of(ENTRY, EXIT));
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-D" + CrashHook.DIRECTORY + "=" + directory,
                "-cp",
                jar.toString(),
                VICTIM)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    return new Death(status, Files.readAllLines(output));
  }
}
