package io.handfast.proxy.filter.router;

import io.handfast.proxy.cluster.Cluster;
import io.handfast.proxy.cluster.ClusterManager;
import io.handfast.proxy.cluster.pool.PoolFailure;
import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.LoadBalancing;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteAction.ForwardOptions;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.ResponseSink;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request to a cluster, as its route says, and hands the response back to the chain.
 * Confined to the stream's event loop.
 */
public final class RouterFilter implements HttpFilter {
  private static final String SERVICE_TIME = "x-envoy-upstream-service-time";

  /** Methods that may be sent again on a fresh connection when a kept one has died (RFC 9110). */
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  /** What most services take, as text. */
  private static final String[] MILLIS = new String[256];

  static {
    Arrays.setAll(MILLIS, Integer::toString);
  }

  private static final int EVERY = LoadBalancing.EVERY;

  /** How often a request is sent again that its endpoint refused unseen (HTTP/2). */
  private static final int MAX_REFUSALS = 3;

  private final HttpFilterContext context;
  private final ClusterManager clusters;
  private final RetryBackOff backOff;
  private final LongUnaryOperator draw;
  private final ResponseSink sink;
  private ForwardOptions options = ForwardOptions.DEFAULTS;
  private @Nullable Cluster cluster;
  private @Nullable UpstreamRequest upstream;
  private final StreamLimit limit;
  private Dispatcher.Timer timeout = Dispatcher.Timer.NONE;
  private @Nullable RetryState retries;
  private int refusals;
  private boolean headOnly;
  private boolean requestEnded;
  private boolean responseBegun;
  private boolean over;

  private RouterFilter(
      HttpFilterContext context,
      ClusterManager clusters,
      RetryBackOff backOff,
      LongUnaryOperator draw) {
    this.context = context;
    this.clusters = clusters;
    this.backOff = backOff;
    this.draw = draw;
    this.sink = context.responseSink();
    this.limit = new StreamLimit(context);
  }

  /**
   * Routers for the clusters of that manager.
   *
   * @param draw an evenly drawn number from 0 up to its argument; thread-safe, for retries and for
   *     requests that are dropped
   */
  public static HttpFilterFactory factory(ClusterManager clusters, LongUnaryOperator draw) {
    RetryBackOff backOff = new RetryBackOff(draw);
    return context -> new RouterFilter(context, clusters, backOff, draw);
  }

  @Override
  public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
    Route route = context.route();
    if (route == null) {
      context.sendLocalReply(RouterReplies.noRoute());
      return FilterStatus.PAUSE;
    }
    return switch (route.action()) {
      case RouteAction.Redirect redirect -> {
        context.sendLocalReply(RouterReplies.redirect(redirect, head, route.match()));
        yield FilterStatus.PAUSE;
      }
      case RouteAction.DirectResponse direct -> {
        context.sendLocalReply(RouterReplies.direct(direct));
        yield FilterStatus.PAUSE;
      }
      case RouteAction.Upstream action -> forward(route, action, head, endStream);
    };
  }

  private FilterStatus forward(
      Route route, RouteAction.Upstream action, RequestHead head, boolean endStream) {
    ClusterConfig config = context.cluster();
    Cluster running = config == null ? null : clusters.find(config);
    if (running == null) {
      context.sendLocalReply(RouterReplies.noCluster(action.options().clusterNotFoundStatus()));
      return FilterStatus.PAUSE;
    }
    cluster = running;
    options = action.options();
    retries = new RetryState(running, options.priority(), options.retry());
    headOnly = endStream;
    context.headerChanges().ofRequest(head, context.info());
    RequestRewrite.apply(head, route, options);
    context.info().cluster(running.config().name());
    if (isDropped(running)) {
      return FilterStatus.PAUSE;
    }
    if (!limit.start(this::onLimit)) {
      onLimit();
      return FilterStatus.PAUSE;
    }
    if (endStream) {
      requestEnds();
    } else if (head.tunnel() != Tunnel.NONE) {
      startTimeout(); // its end comes with the end of the tunnel
    }
    attempt(running);
    return FilterStatus.PAUSE;
  }

  /** Whether this request is one of those that the control plane wants to be refused. */
  private boolean isDropped(Cluster running) {
    int drops = running.config().loadBalancing().dropsPerMillion();
    if (drops == 0 || (drops < EVERY && draw.applyAsLong(EVERY) >= drops)) {
      return false;
    }
    running.stats().rqDropOverload.inc();
    running.stats().countResponse(503);
    over = true;
    context.sendLocalReply(RouterReplies.dropped(drops == EVERY));
    return true;
  }

  private void attempt(Cluster running) {
    sink.requestWritable(true); // whatever the last attempt has stopped
    UpstreamRequest attempt = new UpstreamRequest(this, context, running);
    upstream = attempt;
    boolean raw =
        options.upgrades().terminatesConnect() && context.requestHead().tunnel() == Tunnel.CONNECT;
    attempt.start(clusters.pools(context.dispatcher()), options.priority(), headOnly, raw);
  }

  @Override
  public FilterStatus onRequestData(Body data, boolean endStream) {
    if (upstream != null) {
      upstream.sendData(data, endStream);
    }
    if (endStream) {
      requestEnds();
    }
    return FilterStatus.CONTINUE;
  }

  @Override
  public FilterStatus onRequestTrailers(Headers trailers) {
    if (upstream != null) {
      upstream.sendTrailers(trailers);
    }
    requestEnds();
    return FilterStatus.CONTINUE;
  }

  private void requestEnds() {
    requestEnded = true;
    if (context.requestHead().tunnel() == Tunnel.NONE) {
      startTimeout();
    }
  }

  private void startTimeout() {
    boolean replaced = options.deadline().replacesTimeout(context.requestHead().isGrpc());
    if (options.timeout().isPositive() && !replaced && !over) {
      timeout = context.schedule(options.timeout(), this::onTimeout);
    }
  }

  private void onTimeout() {
    if (!over) {
      running().stats().rqTimeout.inc();
      timedOut(
          RouterReplies.timeout(),
          ResponseFlag.UPSTREAM_REQUEST_TIMEOUT,
          RouterReplies.RESPONSE_TIMEOUT);
    }
  }

  private void onLimit() {
    if (!over) {
      running().stats().rqMaxDurationReached.inc();
      timedOut(
          RouterReplies.deadline(headOnly || requestEnded),
          ResponseFlag.DURATION_TIMEOUT,
          RouterReplies.DURATION_TIMEOUT);
    }
  }

  private void timedOut(LocalReply reply, ResponseFlag flag, String details) {
    if (upstream != null) {
      upstream.timeOut();
      upstream = null;
    }
    if (responseBegun) {
      context.info().flag(flag);
      context.info().details(details);
      truncate(ResetReason.TIMEOUT);
    } else {
      finish();
      context.sendLocalReply(reply);
    }
  }

  /** The head of the request is about to be sent. */
  void onRequestLeaves() {
    limit.carryOn();
  }

  /**
   * The head of the request is on its way: what follows of it may come. What goes into a tunnel
   * must not leave before there is one: it would be read as something else.
   */
  void onRequestTaken() {
    if (!headOnly && context.requestHead().tunnel() == Tunnel.NONE) {
      context.resumeRequest();
    }
  }

  void onUpstreamWritable(boolean writable) {
    sink.requestWritable(writable);
  }

  void onUpstreamInformational(ResponseHead head) {
    if (!over) {
      sink.informational(head);
    }
  }

  void onHead(ResponseHead head, boolean endStream) {
    if (over) {
      return;
    }
    responseBegun = true;
    boolean tunnel = context.requestHead().tunnel().isOpenedBy(head);
    if (tunnel) {
      timeout.cancel(); // the limit, as in Envoy, counts on
    }
    retries().succeeded();
    StreamInfo info = context.info();
    info.responseHeadReceived(context.dispatcher().nanoTime());
    info.details("via_upstream");
    info.status(head.status());
    running().stats().countResponse(head.status());
    head.headers().set(SERVICE_TIME, millis(info.responseHeadAfterNanos() / 1_000_000));
    context.headerChanges().ofResponse(head, context.requestHead(), info);
    if (endStream) {
      finish();
    }
    sink.head(head, endStream);
    if (tunnel) {
      context.resumeRequest();
    }
  }

  private static String millis(long millis) {
    return millis >= 0 && millis < MILLIS.length ? MILLIS[(int) millis] : Long.toString(millis);
  }

  void onData(Body data, boolean endStream) {
    if (!over) {
      if (endStream) {
        finish();
      }
      sink.data(data, endStream);
    }
  }

  void onTrailers(Headers trailers) {
    if (!over) {
      finish();
      sink.trailers(trailers);
    }
  }

  @Override
  public void onResponseWritable(boolean writable) {
    if (upstream != null && !over) {
      if (writable) {
        upstream.resumeReading();
      } else {
        upstream.stopReading();
      }
    }
  }

  /** No connection: nothing was sent. */
  void onPoolFailure(PoolFailure failure, String reason) {
    upstream = null;
    if (over) {
      return;
    }
    RetryState.Verdict verdict =
        switch (failure) {
          case CONNECT_FAILED, CONNECT_TIMEOUT -> retries().onConnectFailure();
          case NO_HOST, OVERFLOW -> RetryState.Verdict.NO_RETRY;
        };
    switch (verdict) {
      case RETRY -> context.schedule(backOff.next(retries().before()), this::retry);
      case NO_RETRY -> answer(failure, reason);
      case LIMIT_EXCEEDED -> {
        context.info().flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        answer(failure, reason);
      }
      case OVERFLOW -> {
        context.info().flag(ResponseFlag.UPSTREAM_OVERFLOW);
        answer(failure, reason);
      }
    }
  }

  private void answer(PoolFailure failure, String reason) {
    boolean retried = retries().retried();
    finish();
    context.sendLocalReply(RouterReplies.poolFailure(failure, reason, retried));
  }

  private void retry() {
    if (!over) {
      attempt(running());
    }
  }

  /** The stream to the endpoint broke off. */
  void onReset(ResetReason reason, boolean reused) {
    upstream = null;
    if (over) {
      if (context.requestHead().tunnel() != Tunnel.NONE && !requestEnded) {
        context.reset(reason); // nobody is left to read what the client still sends
      }
      return;
    }
    running().stats().rqRxReset.inc();
    if (limit.hasPassedUpstream()) {
      onLimit(); // the endpoint has the same deadline, and was quicker than our timer
    } else if (responseBegun) {
      context.info().flag(RouterReplies.flag(reason));
      context.info().details(RouterReplies.resetAfterHead(reason));
      truncate(reason);
    } else if (diedUnnoticed(reason, reused) || refusedUnseen(reason)) {
      running().stats().rqRetry.inc();
      attempt(running());
    } else {
      finish();
      context.sendLocalReply(RouterReplies.reset(reason));
    }
  }

  /** A kept connection that its endpoint closed just then: the request was most likely not seen. */
  private boolean diedUnnoticed(ResetReason reason, boolean reused) {
    return reused
        && reason == ResetReason.CONNECTION_TERMINATION
        && headOnly
        && IDEMPOTENT.contains(context.requestHead().method())
        && !context.retryForbidden();
  }

  /**
   * The endpoint has not looked at it, and says so: it is sent again, in a transaction too, but not
   * for ever.
   */
  private boolean refusedUnseen(ResetReason reason) {
    if (reason != ResetReason.REMOTE_REFUSED || !headOnly) {
      return false;
    }
    refusals++;
    return refusals <= MAX_REFUSALS;
  }

  private void truncate(ResetReason reason) {
    finish();
    sink.truncate(reason);
  }

  private Cluster running() {
    if (cluster == null) {
      throw new IllegalStateException("cluster: none (expected: an upstream route)");
    }
    return cluster;
  }

  private RetryState retries() {
    if (retries == null) {
      throw new IllegalStateException("retries: none (expected: an upstream route)");
    }
    return retries;
  }

  /** Nothing more is expected from upstream. */
  private void finish() {
    over = true;
    timeout.cancel();
    limit.end();
    if (retries != null) {
      retries.end();
    }
    if (cluster != null && requestEnded && responseBegun) {
      long nanos = context.dispatcher().nanoTime() - context.info().startNanos();
      cluster.stats().rqTime.record(Duration.ofNanos(nanos).toMillis());
    }
  }

  private void cancelUpstream() {
    UpstreamRequest attempt = upstream;
    upstream = null;
    if (attempt != null) {
      attempt.cancel();
    }
  }

  @Override
  public void onBypassed() {
    finish();
    cancelUpstream();
  }

  @Override
  public void onStreamEnd(StreamInfo info) {
    over = true;
    timeout.cancel();
    limit.end();
    if (retries != null) {
      retries.end();
    }
    cancelUpstream();
  }
}
