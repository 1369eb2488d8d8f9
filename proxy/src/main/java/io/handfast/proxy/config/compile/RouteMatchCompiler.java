package io.handfast.proxy.config.compile;

import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.config.RouteMatch.Fraction;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteMatch.QueryParameterMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.compile.match.HeaderMatches;
import io.handfast.proxy.config.compile.match.StringMatches;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.route.v3.RouteMatch}. */
final class RouteMatchCompiler {

  private RouteMatchCompiler() {}

  /** The match, or null if it is wrong. */
  static @Nullable RouteMatch compile(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, Scope scope) {
    PathMatch path = path(proto, scope);
    boolean caseSensitive = !proto.hasCaseSensitive() || proto.getCaseSensitive().getValue();
    List<HeaderMatch> headers = new ArrayList<>();
    for (int i = 0; i < proto.getHeadersCount(); i++) {
      HeaderMatch header = HeaderMatches.compile(proto.getHeaders(i), scope.field("headers", i));
      if (header != null) {
        headers.add(header);
      }
    }
    List<QueryParameterMatch> parameters = new ArrayList<>();
    for (int i = 0; i < proto.getQueryParametersCount(); i++) {
      QueryParameterMatch parameter =
          parameter(proto.getQueryParameters(i), scope.field("query_parameters", i));
      if (parameter != null) {
        parameters.add(parameter);
      }
    }
    return path == null
        ? null
        : new RouteMatch(
            path, caseSensitive, headers, parameters, proto.hasGrpc(), fraction(proto, scope));
  }

  private static Optional<Fraction> fraction(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, Scope scope) {
    if (!proto.hasRuntimeFraction()) {
      return Optional.empty();
    }
    FractionalPercent percent = proto.getRuntimeFraction().getDefaultValue();
    int denominator =
        switch (percent.getDenominator()) {
          case HUNDRED, UNRECOGNIZED -> 100;
          case TEN_THOUSAND -> 10_000;
          case MILLION -> Fraction.MAX_DENOMINATOR;
        };
    Fraction fraction =
        scope
            .field("runtime_fraction")
            .field("default_value")
            .build(() -> new Fraction(Scope.clamped(percent.getNumerator()), denominator));
    return Optional.ofNullable(fraction);
  }

  private static @Nullable PathMatch path(
      io.envoyproxy.envoy.config.route.v3.RouteMatch proto, Scope scope) {
    return switch (proto.getPathSpecifierCase()) {
      case PREFIX -> new PathMatch.Prefix(proto.getPrefix());
      case PATH -> new PathMatch.Exact(proto.getPath());
      case PATH_SEPARATED_PREFIX ->
          scope.build(() -> new PathMatch.PathSeparatedPrefix(proto.getPathSeparatedPrefix()));
      case SAFE_REGEX -> {
        Pattern pattern = StringMatches.pattern(proto.getSafeRegex(), scope.field("safe_regex"));
        yield pattern == null ? null : new PathMatch.Regex(pattern);
      }
      case CONNECT_MATCHER -> new PathMatch.Connect();
      case PATH_MATCH_POLICY, PATHSPECIFIER_NOT_SET -> null;
    };
  }

  private static @Nullable QueryParameterMatch parameter(QueryParameterMatcher proto, Scope scope) {
    ValueTest test =
        switch (proto.getQueryParameterMatchSpecifierCase()) {
          case STRING_MATCH ->
              HeaderMatches.matches(
                  StringMatches.compile(proto.getStringMatch(), scope.field("string_match")));
          case PRESENT_MATCH -> new ValueTest.Present(proto.getPresentMatch());
          case QUERYPARAMETERMATCHSPECIFIER_NOT_SET -> new ValueTest.Present(true);
        };
    return test == null ? null : scope.build(() -> new QueryParameterMatch(proto.getName(), test));
  }
}
