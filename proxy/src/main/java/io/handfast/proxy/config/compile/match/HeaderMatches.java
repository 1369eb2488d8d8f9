package io.handfast.proxy.config.compile.match;

import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.match.StringMatch;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.HeaderMatcher}. */
public final class HeaderMatches {

  private HeaderMatches() {}

  /** The match, or null if it is wrong. */
  public static @Nullable HeaderMatch compile(HeaderMatcher proto, Scope scope) {
    ValueTest test = test(proto, scope);
    return test == null
        ? null
        : scope.build(() ->
            new HeaderMatch(
                proto.getName().toLowerCase(Locale.ROOT),
                test,
                proto.getInvertMatch(),
                proto.getTreatMissingHeaderAsEmpty()));
  }

  @SuppressWarnings(
      "deprecation") // Envoy still reads the forms before `string_match`, and so do most files.
  private static @Nullable ValueTest test(HeaderMatcher proto, Scope scope) {
    return switch (proto.getHeaderMatchSpecifierCase()) {
      case STRING_MATCH ->
          matches(StringMatches.compile(proto.getStringMatch(), scope.field("string_match")));
      case EXACT_MATCH -> matches(new StringMatch.Exact(proto.getExactMatch(), false));
      case PREFIX_MATCH -> matches(new StringMatch.Prefix(proto.getPrefixMatch(), false));
      case SUFFIX_MATCH -> matches(new StringMatch.Suffix(proto.getSuffixMatch(), false));
      case CONTAINS_MATCH -> matches(new StringMatch.Contains(proto.getContainsMatch(), false));
      case SAFE_REGEX_MATCH ->
          matches(StringMatches.regex(proto.getSafeRegexMatch(), scope.field("safe_regex_match")));
      case RANGE_MATCH -> range(proto, scope.field("range_match"));
      case PRESENT_MATCH -> new ValueTest.Present(proto.getPresentMatch());
      case HEADERMATCHSPECIFIER_NOT_SET -> new ValueTest.Present(true);
    };
  }

  private static @Nullable ValueTest range(HeaderMatcher proto, Scope scope) {
    long start = proto.getRangeMatch().getStart();
    long end = proto.getRangeMatch().getEnd();
    if (start >= end) {
      scope.error("[" + start + ", " + end + ")", "start less than end");
      return null;
    }
    return new ValueTest.Range(start, end);
  }

  /** A test of that match; null if there is none. */
  public static @Nullable ValueTest matches(@Nullable StringMatch match) {
    return match == null ? null : new ValueTest.Matches(match);
  }
}
