package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.handfast.demo.story.Settings.Part;
import io.handfast.demo.town.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
  private static final Path HOME = Path.of("home");

  @Test
  void shouldTakeDefaultsWhenNothingIsSaid() {
    assertThat(parse())
        .isEqualTo(
            new Settings(
                HOME, 77, OptionalInt.empty(), Duration.ofMillis(1200), false, Part.STORY));
  }

  @Test
  void shouldTakeOptionsWhenGivenEitherWay() {
    assertThat(parse("--seed", "5", "--transfers=9", "--kill-every", "2s", "--keep"))
        .isEqualTo(
            new Settings(HOME, 5, OptionalInt.of(9), Duration.ofSeconds(2), true, Part.STORY));
  }

  @Test
  void shouldPlayWhatIsAskedForWhenActsAreNamed() {
    assertThat(parse("--act", "etcd").part()).isEqualTo(Part.ETCD);
    assertThat(parse("--act=all").part()).isEqualTo(Part.ALL);
    assertThat(parse("--act", "database", "--keep").keep()).isTrue();
    assertThat(parse("--act", "callback").part().kinds()).containsExactly(Kind.CALLBACK);
    assertThat(Part.ALL.kinds()).containsExactly(Kind.DATABASE, Kind.CALLBACK, Kind.ETCD);
  }

  @Test
  void shouldTellOfTheBankInPlainSqlWhenNothingIsSaid() {
    assertThat(parse().part().kinds()).containsExactly(Kind.DATABASE);
  }

  @ParameterizedTest
  @CsvSource({
    "--seed x, '--seed: x (expected: a whole number from 0 to 9223372036854775807)'",
    "--seed -1, '--seed: -1 (expected: a whole number from 0 to 9223372036854775807)'",
    "--transfers 20001, '--transfers: 20001 (expected: a whole number from 0 to 20000)'",
    "--transfers, '--transfers: without a value (expected: --transfers VALUE)'",
    "--kill-every 5, '--kill-every: 5 (expected: a duration of 100ms or more, such as 800ms or"
        + " 2s)'",
    "--kill-every 99ms, '--kill-every: 99ms (expected: a duration of 100ms or more, such as 800ms"
        + " or 2s)'",
    "--act storm, '--act: storm (expected: database, callback, etcd or all)'",
    "--act, '--act: without a value (expected: --act VALUE)'",
    "--act all --keep, '--keep: with etcd (expected: --keep without --act, or with database or callback)'",
    "--quick, '--quick: unknown option (expected: --act, --seed, --transfers, --kill-every, --keep,"
        + " --transparent or --help)'",
  })
  void shouldSayWhatIsExpectedWhenOptionIsBad(String line, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(line.split(" ", -1)))
        .withMessage(message);
  }

  private static Settings parse(String... args) {
    return Settings.parse(List.of(args), HOME, 77);
  }
}
