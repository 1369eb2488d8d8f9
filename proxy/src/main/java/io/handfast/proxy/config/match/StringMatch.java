package io.handfast.proxy.config.match;

import com.google.re2j.Pattern;
import java.util.Locale;

/** {@code envoy.type.matcher.v3.StringMatcher}. Immutable. */
public sealed interface StringMatch {

  /** Whether the value matches. */
  boolean matches(String value);

  /** The value is it. */
  record Exact(String value, boolean ignoreCase) implements StringMatch {
    @Override
    public boolean matches(String candidate) {
      return ignoreCase ? value.equalsIgnoreCase(candidate) : value.equals(candidate);
    }
  }

  /** The value starts with it. */
  record Prefix(String prefix, boolean ignoreCase) implements StringMatch {
    @Override
    public boolean matches(String candidate) {
      return candidate.regionMatches(ignoreCase, 0, prefix, 0, prefix.length());
    }
  }

  /** The value ends with it. */
  record Suffix(String suffix, boolean ignoreCase) implements StringMatch {
    @Override
    public boolean matches(String candidate) {
      return candidate.regionMatches(
          ignoreCase, candidate.length() - suffix.length(), suffix, 0, suffix.length());
    }
  }

  /** It stands somewhere in the value. */
  record Contains(String part, boolean ignoreCase) implements StringMatch {
    @Override
    public boolean matches(String candidate) {
      return ignoreCase
          ? candidate.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT))
          : candidate.contains(part);
    }
  }

  /** The whole value matches; RE2 syntax, linear time. */
  record Regex(Pattern pattern) implements StringMatch {
    @Override
    public boolean matches(String candidate) {
      return pattern.matches(candidate);
    }
  }
}
