package io.handfast.proxy.filter.router;

import io.handfast.proxy.cluster.pool.PoolFailure;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteMatch;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.field.HostSyntax;
import io.handfast.proxy.http.grpc.GrpcCode;
import java.util.Locale;

/** What the router answers by itself, in Envoy's words: statuses, flags, details and bodies. */
public final class RouterReplies {
  static final String RESPONSE_TIMEOUT = "response_timeout";
  static final String DURATION_TIMEOUT = "max_duration_timeout";

  private static final String ERROR = "upstream connect error or disconnect/reset before headers. ";
  private static final String RESET = ERROR + "reset reason: ";
  private static final String RETRIED = ERROR + "retried and the latest reset reason: ";

  private static final String BEFORE_HEAD = "upstream_reset_before_response_started";

  private RouterReplies() {}

  static LocalReply noRoute() {
    return LocalReply.empty(404).flag(ResponseFlag.NO_ROUTE_FOUND).details("route_not_found");
  }

  static LocalReply noCluster(int status) {
    return LocalReply.empty(status)
        .flag(ResponseFlag.NO_CLUSTER_FOUND)
        .details("cluster_not_found");
  }

  static LocalReply timeout() {
    return LocalReply.text(504, "upstream request timeout")
        .flag(ResponseFlag.UPSTREAM_REQUEST_TIMEOUT)
        .details(RESPONSE_TIMEOUT);
  }

  /**
   * The stream has taken all the time that it may.
   *
   * @param whole whether all of the request has come, so that not the client was too slow
   */
  static LocalReply deadline(boolean whole) {
    String text = "downstream duration timeout";
    return LocalReply.text(whole ? 504 : 408, text)
        .flag(ResponseFlag.DURATION_TIMEOUT)
        .details(DURATION_TIMEOUT)
        .grpc(new LocalReply.Grpc(GrpcCode.DEADLINE_EXCEEDED, text, ""));
  }

  static LocalReply direct(RouteAction.DirectResponse direct) {
    return direct.body().isEmpty()
        ? LocalReply.empty(direct.status())
        : LocalReply.text(direct.status(), direct.body());
  }

  /** To where the route says, seen from this request. */
  public static LocalReply redirect(
      RouteAction.Redirect redirect, RequestHead head, RouteMatch match) {
    String scheme = redirect.scheme().isEmpty() ? head.scheme() : redirect.scheme();
    String port = redirect.port() > 0 ? ":" + redirect.port() : "";
    String host = redirect.host().isEmpty() ? host(head, scheme, port) : redirect.host();
    return LocalReply.empty(redirect.status())
        .header("location", scheme + "://" + host + port + path(redirect, head, match))
        .details("direct_response");
  }

  /** The host of the request, without its port if that is another now. */
  private static String host(RequestHead head, String scheme, String port) {
    String authority = head.authority();
    int colon = HostSyntax.portColon(authority);
    if (colon < 0) {
      return authority;
    }
    boolean ofOldScheme =
        !scheme.equals(head.scheme())
            && authority.substring(colon).equals(head.scheme().equals("https") ? ":443" : ":80");
    return port.isEmpty() && !ofOldScheme ? authority : authority.substring(0, colon);
  }

  private static String path(RouteAction.Redirect redirect, RequestHead head, RouteMatch match) {
    String path = head.pathWithoutQuery();
    String query = head.path().substring(path.length());
    String target = RequestRewrite.replace(path, match, redirect.path());
    return redirect.stripQuery() || target.indexOf('?') >= 0 ? target : target + query;
  }

  /** Where a control plane lets a share of the requests, or all, be refused. */
  static LocalReply dropped(boolean all) {
    return all
        ? LocalReply.text(503, "unconditional drop overload")
            .header("x-envoy-unconditional-drop-overload", "true")
            .flag(ResponseFlag.UNCONDITIONAL_DROP_OVERLOAD)
            .details("unconditional_drop_overload")
        : LocalReply.text(503, "drop overload")
            .header("x-envoy-drop-overload", "true")
            .flag(ResponseFlag.DROP_OVERLOAD)
            .details("drop_overload");
  }

  static LocalReply poolFailure(PoolFailure failure, String reason, boolean retried) {
    String words = retried ? RETRIED : RESET;
    return switch (failure) {
      case NO_HOST ->
          LocalReply.text(503, "no healthy upstream")
              .flag(ResponseFlag.NO_HEALTHY_UPSTREAM)
              .details("no_healthy_upstream");
      case OVERFLOW ->
          LocalReply.text(503, RESET + "overflow")
              .header("x-envoy-overloaded", "true")
              .flag(ResponseFlag.UPSTREAM_OVERFLOW)
              .details(BEFORE_HEAD + "{overflow}");
      case CONNECT_FAILED ->
          LocalReply.text(503, words + "remote connection failure")
              .flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE)
              .details(
                  BEFORE_HEAD + "{remote_connection_failure|" + reason.replace(' ', '_') + "}");
      case CONNECT_TIMEOUT ->
          LocalReply.text(503, words + "connection timeout")
              .flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE)
              .details(BEFORE_HEAD + "{connection_timeout}");
    };
  }

  static LocalReply reset(ResetReason reason) {
    String word = word(reason);
    return LocalReply.text(
            reason == ResetReason.PROTOCOL_ERROR ? 502 : 503, RESET + word.replace('_', ' '))
        .flag(flag(reason))
        .details(BEFORE_HEAD + "{" + word + "}");
  }

  /** The details of a response that breaks off. */
  static String resetAfterHead(ResetReason reason) {
    return "upstream_reset_after_response_started{" + word(reason) + "}";
  }

  private static String word(ResetReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  static ResponseFlag flag(ResetReason reason) {
    return switch (reason) {
      case CONNECTION_TERMINATION, SHUTDOWN -> ResponseFlag.UPSTREAM_CONNECTION_TERMINATION;
      case CONNECTION_FAILURE -> ResponseFlag.UPSTREAM_CONNECTION_FAILURE;
      case REMOTE_RESET, REMOTE_CANCELLED, REMOTE_REFUSED -> ResponseFlag.UPSTREAM_REMOTE_RESET;
      case PROTOCOL_ERROR -> ResponseFlag.UPSTREAM_PROTOCOL_ERROR;
      case OVERFLOW -> ResponseFlag.UPSTREAM_OVERFLOW;
      case TIMEOUT, IDLE_TIMEOUT -> ResponseFlag.UPSTREAM_REQUEST_TIMEOUT;
      case LOCAL_RESET, CANCELLED -> ResponseFlag.LOCAL_RESET;
    };
  }
}
