package io.handfast.proxy.config;

import com.google.re2j.Pattern;
import io.handfast.proxy.config.match.StringMatch;
import java.util.List;
import java.util.Optional;

/**
 * When a route is taken: all of it must hold.
 *
 * @param path on the path without query and fragment
 * @param caseSensitive applies to prefix, exact and path-separated prefix
 * @param headers all must match
 * @param queryParameters all must match
 * @param grpc only gRPC: a content type of {@code application/grpc}, or one that goes on with a
 *     {@code +}
 * @param fraction of the requests that match otherwise; empty: all of them
 */
public record RouteMatch(
    PathMatch path,
    boolean caseSensitive,
    List<HeaderMatch> headers,
    List<QueryParameterMatch> queryParameters,
    boolean grpc,
    Optional<Fraction> fraction) {

  public RouteMatch {
    headers = List.copyOf(headers);
    queryParameters = List.copyOf(queryParameters);
  }

  /** Any kind of request, all of them. */
  public RouteMatch(
      PathMatch path,
      boolean caseSensitive,
      List<HeaderMatch> headers,
      List<QueryParameterMatch> queryParameters) {
    this(path, caseSensitive, headers, queryParameters, false, Optional.empty());
  }

  /** A case-sensitive match of the path and nothing else. */
  public static RouteMatch of(PathMatch path) {
    return new RouteMatch(path, true, List.of(), List.of(), false, Optional.empty());
  }

  /** A case-sensitive prefix match and nothing else. */
  public static RouteMatch prefix(String prefix) {
    return of(new PathMatch.Prefix(prefix));
  }

  /**
   * A part of all requests.
   *
   * @param numerator may be above the denominator, which then means all
   * @param denominator divides {@link #MAX_DENOMINATOR}
   */
  public record Fraction(int numerator, int denominator) {

    public static final int MAX_DENOMINATOR = 1_000_000;

    public Fraction {
      Checks.inRange("numerator", numerator, 0, Integer.MAX_VALUE);
      Checks.inRange("denominator", denominator, 1, MAX_DENOMINATOR);
    }

    /** Whether a request is in it that drew this number below {@link #MAX_DENOMINATOR}. */
    public boolean covers(int draw) {
      return draw % denominator < numerator;
    }
  }

  /** How the path is compared. */
  public sealed interface PathMatch {

    /** The path starts with it. */
    record Prefix(String prefix) implements PathMatch {}

    /** The path is it. */
    record Exact(String path) implements PathMatch {}

    /**
     * The path is it, or starts with it followed by a slash; it does not end with a slash itself.
     */
    record PathSeparatedPrefix(String prefix) implements PathMatch {
      public PathSeparatedPrefix {
        if (!prefix.startsWith("/") || prefix.endsWith("/")) {
          throw new IllegalArgumentException(
              "path_separated_prefix: "
                  + prefix
                  + " (expected: it starts with '/' and does not end with one)");
        }
      }
    }

    /** The whole path matches; RE2 syntax, linear time. */
    record Regex(Pattern pattern) implements PathMatch {}

    /** The request is a CONNECT, which has no path; no other matches it. */
    record Connect() implements PathMatch {}
  }

  /**
   * A condition on one request header.
   *
   * @param name lower case; {@code :method}, {@code :path}, {@code :authority} and {@code :scheme}
   *     too
   * @param test on the value; several fields of that name are joined with a comma
   * @param invert the header must not match
   * @param treatMissingAsEmpty a missing header is compared as an empty one; else it does not
   *     match, inverted or not
   */
  public record HeaderMatch(
      String name, ValueTest test, boolean invert, boolean treatMissingAsEmpty) {

    public HeaderMatch {
      Checks.notEmpty("name", name);
    }
  }

  /**
   * A condition on one query parameter.
   *
   * @param name of the parameter, as it stands in the query
   * @param test on the first value of that name
   */
  public record QueryParameterMatch(String name, ValueTest test) {

    public QueryParameterMatch {
      Checks.notEmpty("name", name);
    }
  }

  /** A test on a header or query parameter. */
  public sealed interface ValueTest {

    /** Present ({@code true}) or absent ({@code false}). */
    record Present(boolean present) implements ValueTest {}

    /** The value matches. */
    record Matches(StringMatch match) implements ValueTest {}

    /** The value is a decimal integer in {@code [start, end)}. */
    record Range(long start, long end) implements ValueTest {}
  }
}
