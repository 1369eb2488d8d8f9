package io.handfast.proxy.filter.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OriginalDestinationTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.1:80, /10.0.0.1:80",
    "255.255.255.255:65535, /255.255.255.255:65535",
    "[fd00::1]:1, /[fd00:0:0:0:0:0:0:1]:1"
  })
  void shouldReadAnAddress(String text, String expected) {
    assertThat(OriginalDestination.parse(text)).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "10.0.0.1",
        "10.0.0.1:",
        "10.0.0.1:0",
        "10.0.0.1:65536",
        "10.0.0.1:-1",
        "10.0.0.1:+1",
        "10.0.0.1:8 ",
        "10.0.0.1:100000",
        "host:80",
        "localhost:80",
        "10.0.0:80",
        "fd00::1:80",
        "[10.0.0.1]:80",
        "[fd00::1]",
        "[fd00::1]80",
        "10.0.0.1:80,10.0.0.2:80",
        "[fd00::1",
        "0x7f.0.0.1:80"
      })
  void shouldRefuseWhatIsNone(String text) {
    assertThat(OriginalDestination.parse(text)).isNull();
  }
}
