package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples are those of Envoy's documentation of {@code RegexMatchAndSubstitute}. */
final class RegexRewriteTest {

  @ParameterizedTest
  @CsvSource({
    "^/service/([^/]+)(/.*)$,\\2/instance/\\1,/service/foo/v1/api,/v1/api/instance/foo",
    "one,two,/xxx/one/yyy/one/zzz,/xxx/two/yyy/two/zzz",
    "^(.*?)one(.*)$,\\1two\\2,/xxx/one/yyy/one/zzz,/xxx/two/yyy/one/zzz",
    "(?i)/xxx/,/yyy/,/aaa/XxX/bbb,/aaa/yyy/bbb",
    "a,\\0\\0,/a/b,/aa/b",
    "a,$1\\\\,/a/b,/$1\\/b",
    "b*,-,/abb/,-/-a-/-",
    "(x)?y,[\\1],/y,/[]",
    "none,x,/a,/a",
  })
  void shouldReplaceEveryMatchAsRe2Does(
      String regex, String substitution, String text, String expected) {
    assertThat(new RegexRewrite(Pattern.compile(regex), substitution).apply(text))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\2", "\\", "a\\x", "\\\\\\"})
  void shouldRefuseASubstitutionThatMeansNothing(String substitution) {
    assertThatThrownBy(() -> new RegexRewrite(Pattern.compile("(a)"), substitution))
        .hasMessage(
            "substitution: "
                + substitution
                + " (expected: after a backslash the number of a group of the regex, up to 1, or another backslash)");
  }
}
