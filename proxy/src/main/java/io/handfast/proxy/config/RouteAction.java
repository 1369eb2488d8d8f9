package io.handfast.proxy.config;

import io.handfast.proxy.config.ClusterConfig.RoutingPriority;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What happens with a request that matched. */
public sealed interface RouteAction {

  /** Envoy's default of {@code RouteAction.timeout}. */
  Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  /** Sent to a cluster. */
  sealed interface Upstream extends RouteAction {

    /** How it is sent, whichever cluster is chosen. */
    ForwardOptions options();
  }

  /**
   * Sent to one cluster.
   *
   * @param cluster its name; if the snapshot has none of that name, 503 with flag NC
   * @param options how it is sent
   */
  record Forward(String cluster, ForwardOptions options) implements Upstream {
    public Forward {
      Checks.notEmpty("cluster", cluster);
    }
  }

  /**
   * Sent to the cluster that a request header names.
   *
   * @param header lower case, or a pseudo-header; if it is not there, or the snapshot has no
   *     cluster of that name, it is as with a {@link Forward} to none
   * @param options how it is sent
   */
  record ClusterHeader(String header, ForwardOptions options) implements Upstream {
    public ClusterHeader {
      Checks.notEmpty("cluster_header", header);
    }
  }

  /**
   * Sent to one of several clusters, drawn by weight.
   *
   * @param clusters at least one
   * @param totalWeight sum of the weights, at least 1
   * @param options how it is sent
   */
  record WeightedClusters(List<WeightedCluster> clusters, long totalWeight, ForwardOptions options)
      implements Upstream {
    public WeightedClusters {
      clusters = List.copyOf(clusters);
      long sum = clusters.stream().mapToLong(WeightedCluster::weight).sum();
      if (sum != totalWeight || sum < 1) {
        throw new IllegalArgumentException(
            "weighted_clusters: weight sum "
                + sum
                + " (expected: "
                + totalWeight
                + ", at least 1)");
      }
    }
  }

  /**
   * One of several clusters.
   *
   * @param cluster its name; if the snapshot has none of that name, 503 with flag NC
   * @param weight 0 or more
   * @param headers all that is added and removed if it is drawn, the route's included
   * @param perFilterConfigs the effective per-filter configuration, the route's included
   */
  record WeightedCluster(
      String cluster, long weight, HeaderMutations headers, PerFilterConfigs perFilterConfigs) {
    public WeightedCluster {
      Checks.notEmpty("name", cluster);
      Checks.atLeast("weight", weight, 0);
    }
  }

  /**
   * How a request is sent upstream.
   *
   * @param timeout from the end of the request to the end of the response; zero: none
   * @param idleTimeout of the stream, in place of the connection manager's; zero: none; empty: the
   *     connection manager's
   * @param path what happens to the path
   * @param host what happens to the host
   * @param appendForwardedHost a host that is replaced is appended to {@code x-forwarded-host}
   * @param retry what is tried again
   * @param clusterNotFoundStatus the answer if there is no such cluster
   * @param upgrades the tunnels that a request may ask for
   * @param deadline how long the whole stream may take
   * @param priority whose circuit breakers and connections it uses
   */
  record ForwardOptions(
      Duration timeout,
      Optional<Duration> idleTimeout,
      PathReplacement path,
      HostRewrite host,
      boolean appendForwardedHost,
      RetryPolicy retry,
      int clusterNotFoundStatus,
      Upgrades upgrades,
      StreamDeadline deadline,
      RoutingPriority priority) {

    /** Envoy's default of {@code cluster_not_found_response_code}. */
    public static final int DEFAULT_CLUSTER_NOT_FOUND_STATUS = 503;

    public static final ForwardOptions DEFAULTS =
        new ForwardOptions(DEFAULT_TIMEOUT, Optional.empty(), RetryPolicy.NONE);

    public ForwardOptions {
      Checks.notNegative("timeout", timeout);
      idleTimeout.ifPresent(idle -> Checks.notNegative("idle_timeout", idle));
      Checks.inRange("cluster_not_found_response_code", clusterNotFoundStatus, 400, 599);
    }

    /**
     * The longest that a service may work on such a request, whatever its caller asks for: a
     * service may go on when its caller has gone. Empty: any time.
     */
    public Optional<Duration> longest(boolean grpc) {
      if (!deadline.replacesTimeout(grpc)) {
        return Optional.of(timeout).filter(Duration::isPositive);
      }
      long limit = deadline.longestNanos(grpc);
      return limit == StreamDeadline.NONE ? Optional.empty() : Optional.of(Duration.ofNanos(limit));
    }

    /** Sent as it came, without upgrades and for as long as its caller asks. */
    public ForwardOptions(Duration timeout, Optional<Duration> idleTimeout, RetryPolicy retry) {
      this(
          timeout,
          idleTimeout,
          new PathReplacement.Keep(),
          new HostRewrite.Keep(),
          false,
          retry,
          DEFAULT_CLUSTER_NOT_FOUND_STATUS,
          Upgrades.NONE,
          new StreamDeadline.AsAsked(),
          RoutingPriority.DEFAULT);
    }
  }

  /**
   * What a request may have its connection, or its stream, be turned into.
   *
   * @param types the protocols, in lower case, that it may upgrade to; {@link #CONNECT} is one
   * @param terminatesConnect what is in the tunnel of a CONNECT goes to the endpoint as it is;
   *     otherwise the CONNECT is passed on to it
   */
  record Upgrades(Set<String> types, boolean terminatesConnect) {

    /** Stands for the method among the protocols. */
    public static final String CONNECT = "connect";

    public static final Upgrades NONE = new Upgrades(Set.of(), false);

    public Upgrades {
      types = Set.copyOf(types);
    }
  }

  /**
   * What is tried again.
   *
   * @param onConnectFailure a request that no connection could be made for is tried again (with
   *     {@code retry_on: connect-failure}); it never left
   * @param numRetries how often at most
   */
  record RetryPolicy(boolean onConnectFailure, int numRetries) {

    public static final RetryPolicy NONE = new RetryPolicy(false, 0);

    /** Envoy's default of {@code num_retries}. */
    public static final int DEFAULT_NUM_RETRIES = 1;

    public RetryPolicy {
      Checks.inRange("num_retries", numRetries, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * Answered with a redirect.
   *
   * @param status 301, 302, 303, 307 or 308
   * @param scheme what replaces the scheme; empty: it stays; another one drops the default port of
   *     the request's
   * @param host what replaces the host and the port; empty: they stay
   * @param port what replaces the port; 0: it stays, but for the above
   * @param path what replaces the path
   * @param stripQuery drop the query
   */
  record Redirect(
      int status, String scheme, String host, int port, PathReplacement path, boolean stripQuery)
      implements RouteAction {
    public Redirect {
      Checks.inRange("response_code", status, 300, 399);
      Checks.inRange("port_redirect", port, 0, 65_535);
    }
  }

  /** What happens to the host of a request that is sent upstream. */
  sealed interface HostRewrite {

    /** It stays. */
    record Keep() implements HostRewrite {}

    /** It becomes that. */
    record Literal(String host) implements HostRewrite {}

    /** It becomes the value of a request header; it stays if there is none. */
    record FromHeader(String header) implements HostRewrite {}

    /** It becomes what a regex makes of the path without its query. */
    record FromPath(RegexRewrite rewrite) implements HostRewrite {}
  }

  /** What happens to the path; its query stays. */
  sealed interface PathReplacement {

    /** It stays. */
    record Keep() implements PathReplacement {}

    /**
     * All of it is replaced, in a redirect only; the text may carry a query of its own, which then
     * replaces the request's.
     */
    record Whole(String path) implements PathReplacement {}

    /** The matched prefix or path is replaced. */
    record MatchedPrefix(String prefix) implements PathReplacement {}

    /** Every match of a regex in it is replaced. */
    record Regex(RegexRewrite rewrite) implements PathReplacement {}
  }

  /**
   * Answered by the proxy itself.
   *
   * @param status 200 to 599
   * @param body in UTF-8, at most 4 KiB as in Envoy; may be empty
   */
  record DirectResponse(int status, String body) implements RouteAction {
    public static final int DEFAULT_MAX_BODY_BYTES = 4096;

    public DirectResponse {
      Checks.inRange("status", status, 200, 599);
    }
  }
}
