package io.handfast.proxy.config.compile;

import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ClusterHeader;
import io.handfast.proxy.config.RouteAction.DirectResponse;
import io.handfast.proxy.config.RouteAction.Forward;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteAction.PathReplacement;
import io.handfast.proxy.config.RouteAction.Redirect;
import io.handfast.proxy.config.RouteAction.RetryPolicy;
import io.handfast.proxy.config.RouteAction.WeightedCluster;
import io.handfast.proxy.config.RouteAction.WeightedClusters;
import io.handfast.proxy.config.compile.deadline.DeadlineCompiler;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.xds.resource.Names;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The action of {@code envoy.config.route.v3.Route}. */
final class RouteActionCompiler {

  private static final long MAX_WEIGHT_SUM = 0xffff_ffffL;
  private static final String CONNECT_FAILURE = "connect-failure";

  private final Compilation compilation;
  private final UpgradeTypes upgrades;
  private final boolean validateClusters;
  private final int directBodyLimit;

  RouteActionCompiler(
      Compilation compilation,
      UpgradeTypes upgrades,
      boolean validateClusters,
      int directBodyLimit) {
    this.compilation = compilation;
    this.upgrades = upgrades;
    this.validateClusters = validateClusters;
    this.directBodyLimit = directBodyLimit;
  }

  /** The action, or null if something is wrong that leaves none. */
  @Nullable RouteAction compile(Route proto, RouteLevel level, Scope scope) {
    return switch (proto.getActionCase()) {
      case ROUTE -> upstream(proto.getRoute(), level, scope.field("route"));
      case REDIRECT -> redirect(proto.getRedirect(), scope.field("redirect"));
      case DIRECT_RESPONSE -> {
        Scope here = scope.field("direct_response");
        String body = DataSources.text(proto.getDirectResponse().getBody(), here.field("body"));
        if (body.getBytes(StandardCharsets.UTF_8).length > directBodyLimit) {
          here.field("body")
              .error(
                  "larger than "
                      + directBodyLimit
                      + " bytes (expected: less; max_direct_response_body_size_bytes of the table sets the limit)");
        }
        yield here.build(() -> new DirectResponse(proto.getDirectResponse().getStatus(), body));
      }
      case FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET -> null;
    };
  }

  private @Nullable RouteAction upstream(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto, RouteLevel level, Scope scope) {
    ForwardOptions options = options(proto, scope);
    return switch (proto.getClusterSpecifierCase()) {
      case CLUSTER -> {
        checkCluster(proto.getCluster(), scope.field("cluster"));
        yield scope.build(() -> new Forward(proto.getCluster(), options));
      }
      case WEIGHTED_CLUSTERS ->
          weighted(proto.getWeightedClusters(), options, level, scope.field("weighted_clusters"));
      case CLUSTER_HEADER ->
          scope.build(
              () -> new ClusterHeader(RewriteCompiler.header(proto.getClusterHeader()), options));
      case CLUSTER_SPECIFIER_PLUGIN, INLINE_CLUSTER_SPECIFIER_PLUGIN, CLUSTERSPECIFIER_NOT_SET ->
          null;
    };
  }

  private void checkCluster(String name, Scope scope) {
    if (validateClusters && !name.isEmpty() && !compilation.neighbours().hasCluster(name)) {
      scope.error(
          name,
          "a cluster of this configuration"
              + Names.hint(name, compilation.neighbours().clusterNames()));
    }
  }

  private ForwardOptions options(
      io.envoyproxy.envoy.config.route.v3.RouteAction proto, Scope scope) {
    Optional<Duration> idle =
        proto.hasIdleTimeout()
            ? Optional.of(
                scope.field("idle_timeout").duration(true, proto.getIdleTimeout(), Duration.ZERO))
            : Optional.empty();
    return new ForwardOptions(
        scope
            .field("timeout")
            .duration(proto.hasTimeout(), proto.getTimeout(), RouteAction.DEFAULT_TIMEOUT),
        idle,
        RewriteCompiler.path(proto, scope),
        RewriteCompiler.host(proto, scope),
        proto.getAppendXForwardedHost(),
        retry(proto.getRetryPolicy(), scope.field("retry_policy")),
        clusterNotFound(proto.getClusterNotFoundResponseCode()),
        upgrades.of(proto, scope),
        DeadlineCompiler.compile(proto, scope),
        proto.getPriority() == io.envoyproxy.envoy.config.core.v3.RoutingPriority.HIGH
            ? RoutingPriority.HIGH
            : RoutingPriority.DEFAULT);
  }

  private static int clusterNotFound(ClusterNotFoundResponseCode code) {
    return switch (code) {
      case SERVICE_UNAVAILABLE, UNRECOGNIZED -> ForwardOptions.DEFAULT_CLUSTER_NOT_FOUND_STATUS;
      case NOT_FOUND -> 404;
      case INTERNAL_SERVER_ERROR -> 500;
    };
  }

  private static RetryPolicy retry(
      io.envoyproxy.envoy.config.route.v3.RetryPolicy proto, Scope scope) {
    boolean onConnectFailure = false;
    for (String condition : proto.getRetryOn().split(",", -1)) {
      if (condition.strip().equals(CONNECT_FAILURE)) {
        onConnectFailure = true;
      } else if (!condition.isBlank()) {
        scope
            .field("retry_on")
            .error(proto.getRetryOn(), CONNECT_FAILURE + "; other conditions are not built yet");
      }
    }
    if (!onConnectFailure) {
      return RetryPolicy.NONE;
    }
    return new RetryPolicy(
        true,
        proto.hasNumRetries()
            ? Scope.clamped(proto.getNumRetries().getValue())
            : RetryPolicy.DEFAULT_NUM_RETRIES);
  }

  @SuppressWarnings(
      "deprecation") // Envoy still holds the sum against `total_weight` where it is given.
  private @Nullable RouteAction weighted(
      io.envoyproxy.envoy.config.route.v3.WeightedCluster proto,
      ForwardOptions options,
      RouteLevel level,
      Scope scope) {
    List<WeightedCluster> clusters = new ArrayList<>();
    long sum = 0;
    for (int i = 0; i < proto.getClustersCount(); i++) {
      WeightedCluster cluster = weight(proto.getClusters(i), level, scope.field("clusters", i));
      if (cluster != null) {
        clusters.add(cluster);
        sum += cluster.weight();
      }
    }
    if (sum == 0 || sum > MAX_WEIGHT_SUM) {
      scope.field("clusters").error("weight sum " + sum, "1 to " + MAX_WEIGHT_SUM);
      return null;
    }
    long total = Integer.toUnsignedLong(proto.getTotalWeight().getValue());
    if (proto.hasTotalWeight() && total != sum) {
      scope.field("total_weight").error(total, "the sum of the weights, " + sum);
    }
    return new WeightedClusters(clusters, sum, options);
  }

  private @Nullable WeightedCluster weight(ClusterWeight proto, RouteLevel level, Scope scope) {
    if (proto.getName().isEmpty()) {
      scope.field("name").error("missing (expected: the name of a cluster)");
      return null;
    }
    checkCluster(proto.getName(), scope.field("name"));
    HeaderMutations headers =
        HeaderMutationsCompiler.compile(
            proto.getRequestHeadersToAddList(),
            proto.getRequestHeadersToRemoveList(),
            proto.getResponseHeadersToAddList(),
            proto.getResponseHeadersToRemoveList(),
            compilation,
            scope);
    RouteLevel own = level.inner(proto.getTypedPerFilterConfigMap(), headers, compilation, scope);
    return new WeightedCluster(
        proto.getName(),
        Integer.toUnsignedLong(proto.getWeight().getValue()),
        own.headers(),
        own.filters().effective());
  }

  private static @Nullable RouteAction redirect(RedirectAction proto, Scope scope) {
    int status =
        switch (proto.getResponseCode()) {
          case MOVED_PERMANENTLY, UNRECOGNIZED -> 301;
          case FOUND -> 302;
          case SEE_OTHER -> 303;
          case TEMPORARY_REDIRECT -> 307;
          case PERMANENT_REDIRECT -> 308;
        };
    String scheme = proto.getHttpsRedirect() ? "https" : proto.getSchemeRedirect();
    PathReplacement path =
        switch (proto.getPathRewriteSpecifierCase()) {
          case PATH_REDIRECT -> new PathReplacement.Whole(proto.getPathRedirect());
          case PREFIX_REWRITE -> new PathReplacement.MatchedPrefix(proto.getPrefixRewrite());
          case REGEX_REWRITE ->
              RewriteCompiler.regexPath(proto.getRegexRewrite(), scope.field("regex_rewrite"));
          case PATHREWRITESPECIFIER_NOT_SET -> new PathReplacement.Keep();
        };
    return scope.build(() ->
        new Redirect(
            status,
            scheme,
            proto.getHostRedirect(),
            proto.getPortRedirect(),
            path,
            proto.getStripQuery()));
  }
}
