package io.handfast.proxy.config.compile.match;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.match.StringMatch;
import org.jspecify.annotations.Nullable;

/** {@code envoy.type.matcher.v3.StringMatcher} and {@code RegexMatcher}. */
public final class StringMatches {

  /**
   * Characters of a regular expression; a longer one is a table that wants to be written as such.
   */
  static final int MAX_REGEX_LENGTH = 8192;

  private StringMatches() {}

  /** The match, or null if it is wrong. */
  public static @Nullable StringMatch compile(StringMatcher proto, Scope scope) {
    boolean ignoreCase = proto.getIgnoreCase();
    return switch (proto.getMatchPatternCase()) {
      case EXACT -> new StringMatch.Exact(proto.getExact(), ignoreCase);
      case PREFIX -> new StringMatch.Prefix(proto.getPrefix(), ignoreCase);
      case SUFFIX -> new StringMatch.Suffix(proto.getSuffix(), ignoreCase);
      case CONTAINS -> new StringMatch.Contains(proto.getContains(), ignoreCase);
      case SAFE_REGEX -> regex(proto.getSafeRegex(), scope.field("safe_regex"));
      case CUSTOM, MATCHPATTERN_NOT_SET -> null;
    };
  }

  /** The match of a regular expression, or null if it is none. */
  public static @Nullable StringMatch regex(RegexMatcher proto, Scope scope) {
    Pattern pattern = pattern(proto, scope);
    return pattern == null ? null : new StringMatch.Regex(pattern);
  }

  /** The pattern, or null if it is none. */
  public static @Nullable Pattern pattern(RegexMatcher proto, Scope scope) {
    Scope here = scope.field("regex");
    if (proto.getRegex().length() > MAX_REGEX_LENGTH) {
      here.error(proto.getRegex().length() + " characters", "at most " + MAX_REGEX_LENGTH);
      return null;
    }
    try {
      return Pattern.compile(proto.getRegex());
    } catch (PatternSyntaxException e) {
      here.error(proto.getRegex(), "RE2 syntax: " + e.getDescription());
      return null;
    }
  }
}
