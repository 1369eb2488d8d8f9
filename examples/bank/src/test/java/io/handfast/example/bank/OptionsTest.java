package io.handfast.example.bank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OptionsTest {
  private static final Set<String> KNOWN = Set.of("port", "jdbc-url", "accounts");

  @Test
  void shouldPreferCommandLineWhenEnvironmentSaysOtherwise() {
    // When
    Options options = parse(Map.of("BANK_PORT", "1", "BANK_JDBC_URL", "jdbc:x"), "--port", "2");

    // Then
    assertThat(options.port("port")).isEqualTo(2);
    assertThat(options.required("jdbc-url")).isEqualTo("jdbc:x");
  }

  @Test
  void shouldKeepOrderWhenListIsGiven() {
    // When
    Options options = parse(Map.of(), "--accounts=bob=1,alice=2");

    // Then
    assertThat(options.map("accounts"))
        .containsExactly(Map.entry("bob", "1"), Map.entry("alice", "2"));
    assertThat(options.amounts("accounts"))
        .containsExactly(Map.entry("bob", 1L), Map.entry("alice", 2L));
    assertThat(options.map("port")).isEmpty();
  }

  @Test
  void shouldSayWhatIsExpectedWhenOptionIsBad() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--colour", "red"))
        .withMessage("--colour: unknown option (expected one of: --accounts, --jdbc-url, --port)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--port"))
        .withMessage("--port: without a value (expected: --port VALUE)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--port", "70000").port("port"))
        .withMessage("--port: 70000 (expected: 0 to 65535)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--port", "http").port("port"))
        .withMessage("--port: http (expected: a whole number)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of()).required("jdbc-url"))
        .withMessage("--jdbc-url: missing (expected: --jdbc-url VALUE)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--accounts", "alice").map("accounts"))
        .withMessage("--accounts: alice (expected: NAME=VALUE,NAME=VALUE,…)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of(), "--accounts", "alice=much").amounts("accounts"))
        .withMessage("--accounts alice: much (expected: a whole number)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(Map.of()).requiredUrls("accounts"))
        .withMessage("--accounts: missing (expected: NAME=URL,NAME=URL,…)");
  }

  private static Options parse(Map<String, String> environment, String... args) {
    return Options.parse(args, environment, KNOWN);
  }
}
