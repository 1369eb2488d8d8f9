package io.handfast.proxy.config.match;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import org.junit.jupiter.api.Test;

final class StringMatchTest {

  @Test
  void shouldMatchAsEnvoyDoes() {
    assertThat(new StringMatch.Exact("a", false).matches("a")).isTrue();
    assertThat(new StringMatch.Exact("a", false).matches("A")).isFalse();
    assertThat(new StringMatch.Exact("a", true).matches("A")).isTrue();
    assertThat(new StringMatch.Prefix("ab", true).matches("ABc")).isTrue();
    assertThat(new StringMatch.Prefix("ab", false).matches("a")).isFalse();
    assertThat(new StringMatch.Suffix("bc", true).matches("aBC")).isTrue();
    assertThat(new StringMatch.Suffix("abc", false).matches("bc")).isFalse();
    assertThat(new StringMatch.Contains("b", false).matches("abc")).isTrue();
    assertThat(new StringMatch.Contains("B", true).matches("abc")).isTrue();
    assertThat(new StringMatch.Contains("B", false).matches("abc")).isFalse();
  }

  @Test
  void shouldMatchTheWholeValueWhenItIsARegularExpression() {
    StringMatch regex = new StringMatch.Regex(Pattern.compile("a+"));

    assertThat(regex.matches("aaa")).isTrue();
    assertThat(regex.matches("aaab")).isFalse();
  }
}
