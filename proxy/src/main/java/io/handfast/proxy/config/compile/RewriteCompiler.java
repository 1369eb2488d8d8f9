package io.handfast.proxy.config.compile;

import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.handfast.proxy.config.RegexRewrite;
import io.handfast.proxy.config.RouteAction.HostRewrite;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.compile.match.StringMatches;
import io.handfast.proxy.config.extension.Scope;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code envoy.config.route.v3.RouteAction} does to the path and the host. */
final class RewriteCompiler {

  private RewriteCompiler() {}

  static PathReplacement path(RouteAction proto, Scope scope) {
    Scope here = scope.field("regex_rewrite");
    if (!proto.hasRegexRewrite()) {
      return proto.getPrefixRewrite().isEmpty()
          ? new PathReplacement.Keep()
          : new PathReplacement.MatchedPrefix(proto.getPrefixRewrite());
    }
    if (!proto.getPrefixRewrite().isEmpty()) {
      here.error("excludes prefix_rewrite, which is set too (expected: one of them)");
    }
    return regexPath(proto.getRegexRewrite(), here);
  }

  static PathReplacement regexPath(RegexMatchAndSubstitute proto, Scope scope) {
    RegexRewrite rewrite = regex(proto, scope);
    return rewrite == null ? new PathReplacement.Keep() : new PathReplacement.Regex(rewrite);
  }

  static HostRewrite host(RouteAction proto, Scope scope) {
    return switch (proto.getHostRewriteSpecifierCase()) {
      case HOST_REWRITE_LITERAL -> new HostRewrite.Literal(proto.getHostRewriteLiteral());
      case HOST_REWRITE_HEADER -> new HostRewrite.FromHeader(header(proto.getHostRewriteHeader()));
      case HOST_REWRITE_PATH_REGEX -> {
        RegexRewrite rewrite =
            regex(proto.getHostRewritePathRegex(), scope.field("host_rewrite_path_regex"));
        yield rewrite == null ? new HostRewrite.Keep() : new HostRewrite.FromPath(rewrite);
      }
      case AUTO_HOST_REWRITE, HOSTREWRITESPECIFIER_NOT_SET -> new HostRewrite.Keep();
    };
  }

  /** The name by which a head knows a header. */
  static String header(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.equals("host") ? ":authority" : lower;
  }

  private static @Nullable RegexRewrite regex(RegexMatchAndSubstitute proto, Scope scope) {
    Pattern pattern = StringMatches.pattern(proto.getPattern(), scope.field("pattern"));
    return pattern == null
        ? null
        : scope.build(() -> new RegexRewrite(pattern, proto.getSubstitution()));
  }
}
