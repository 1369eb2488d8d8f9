package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.PerFilterConfigs;
import io.handfast.proxy.config.RouteAction;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.HeaderChanges;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.RequestHead.Tunnel;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.grpc.GrpcTimeout;
import io.handfast.proxy.runtime.Dispatcher;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream on its way through its filters. Confined to the stream's event loop.
 *
 * <pre>
 *   client ──request──► slot 0 ──► slot 1 ──► … ──► slot n-1 (router)
 *   client ◄─response── slot 0 ◄── slot 1 ◄── … ◄── slot that responds
 * </pre>
 */
final class ManagedStream implements HttpStream.ServerEvents {
  /** Seconds: as long as the overload manager takes to see that it is over. */
  private static final String RETRY_AFTER = "1";

  private static final Logger LOG = LoggerFactory.getLogger(ManagedStream.class);

  private final ConnectionManager manager;
  private final HttpStream.Server server;
  private final RequestHead request;
  private final StreamInfo info;
  private final Dispatcher dispatcher;
  private final StreamTimers timers;
  private final ResponseWay response;
  private FilterSlot[] slots = new FilterSlot[0];
  private @Nullable Route route;
  private @Nullable ClusterConfig cluster;
  private PerFilterConfigs perFilterConfigs = PerFilterConfigs.NONE;
  private HeaderChanges headerChanges = HeaderChanges.NONE;
  private int requestBlocks;
  private boolean requestEnded;
  private boolean responseEnded;
  private boolean retryForbidden;
  private boolean tunnel;
  private boolean ended;

  ManagedStream(
      ConnectionManager manager,
      HttpStream.Server server,
      RequestHead request,
      StreamInfo info,
      Dispatcher dispatcher) {
    this.manager = manager;
    this.server = server;
    this.request = request;
    this.info = info;
    this.dispatcher = dispatcher;
    this.timers = new StreamTimers(this, dispatcher, manager.config().timeouts());
    this.response = new ResponseWay(this, manager, server);
  }

  void begin(boolean endStream) {
    manager.stats().rqActive.inc();
    requestEnded = endStream;
    if (endStream) {
      info.requestEnded(info.startNanos());
    }
    timers.begin(endStream, info.startNanos());
    guard(() -> {
      if (manager.overload().requestsRefused()) {
        manager.stats().rqOverloadClose.inc();
        response.answer(overloaded());
        return;
      }
      LocalReply refusal =
          HeadPreparation.prepare(request, info, manager.config(), manager.random());
      if (refusal != null) {
        response.answer(refusal);
        return;
      }
      chooseRoute();
      if (request.tunnel() != Tunnel.NONE && !acceptTunnel()) {
        response.answer(LocalReply.empty(403).details("upgrade_failed"));
        return;
      }
      slots = manager.slots(this);
      requestHeadTo(0, endStream);
    });
  }

  /**
   * Whether the route lets it be a tunnel. One that sends nothing upstream opens none: its answer
   * is an answer like any.
   */
  private boolean acceptTunnel() {
    if (route == null || !(route.action() instanceof RouteAction.Upstream upstream)) {
      return true;
    }
    String upgrade = request.upgrade();
    String type = upgrade == null ? RouteAction.Upgrades.CONNECT : upgrade;
    tunnel = upstream.options().upgrades().types().contains(type.toLowerCase(Locale.ROOT));
    if (tunnel) {
      manager.stats().cxUpgradesTotal.inc();
      manager.stats().cxUpgradesActive.inc();
    }
    return tunnel;
  }

  private static LocalReply overloaded() {
    return LocalReply.text(503, "overloaded")
        .header("retry-after", RETRY_AFTER)
        .flag(ResponseFlag.OVERLOAD)
        .details("overload");
  }

  private void chooseRoute() {
    RouteChoice choice = manager.choose(request);
    if (choice != null) {
      route = choice.route();
      cluster = manager.cluster(choice);
      perFilterConfigs = choice.perFilterConfigs();
      headerChanges = choice.headerChanges();
      info.route(choice.virtualHost(), choice.route().name());
      if (choice.route().action() instanceof RouteAction.Upstream upstream) {
        upstream.options().idleTimeout().ifPresent(timers::idle);
        info.limitNanos(upstream.options().deadline().limitNanos(request.isGrpc(), asked(request)));
      }
    }
  }

  private static long asked(RequestHead request) {
    return GrpcTimeout.parse(request.headers().get(GrpcTimeout.NAME));
  }

  // ---- what comes from the client

  @Override
  public void onData(Body data, boolean endStream) {
    if (ended) {
      data.clear();
      return;
    }
    timers.moved();
    info.received(data.readableBytes());
    if (endStream) {
      requestEnds();
    }
    guard(() -> requestDataTo(0, data, endStream));
    if (endStream && responseEnded && !ended) {
      finish(true, null);
    }
  }

  @Override
  public void onTrailers(Headers trailers) {
    if (!ended) {
      timers.moved();
      requestEnds();
      guard(() -> requestTrailersTo(0, trailers));
    }
  }

  private void requestEnds() {
    requestEnded = true;
    timers.requestEnded();
    info.requestEnded(dispatcher.nanoTime());
  }

  @Override
  public void onReset(ResetReason reason) {
    if (!ended) {
      boolean broken = reason == ResetReason.PROTOCOL_ERROR;
      info.flag(
          broken
              ? ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR
              : ResponseFlag.DOWNSTREAM_CONNECTION_TERMINATION);
      info.details(broken ? codecError() : "downstream_remote_disconnect");
      manager.stats().rqRxReset.inc();
      finish(false, reason);
    }
  }

  private String codecError() {
    return info.protocol() == HttpProtocol.HTTP_2 ? "http2.codec_error" : "http1.codec_error";
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    if (!ended) {
      timers.moved();
      guard(() -> response.clientWritable(writable));
    }
  }

  // ---- the request's way

  void requestHeadTo(int index, boolean end) {
    if (index < slots.length) {
      slots[index].request().head(end);
    }
  }

  void requestDataTo(int index, Body data, boolean end) {
    if (index < slots.length) {
      slots[index].request().data(data, end);
    }
  }

  void requestTrailersTo(int index, Headers trailers) {
    if (index < slots.length) {
      slots[index].request().trailers(trailers);
    }
  }

  void blockRequest(boolean block) {
    requestBlocks += block ? 1 : -1;
    if (ended) {
      return;
    }
    if (block && requestBlocks == 1) {
      manager.stats().flowControlPausedReading.inc();
      server.stopReading();
    } else if (!block && requestBlocks == 0) {
      manager.stats().flowControlResumedReading.inc();
      server.resumeReading();
    }
  }

  // ---- answers of our own

  void onIdle() {
    manager.stats().rqIdleTimeout.inc();
    info.flag(ResponseFlag.STREAM_IDLE_TIMEOUT);
    timedOut(LocalReply.text(requestEnded ? 504 : 408, "stream timeout"), "stream_idle_timeout");
  }

  void onRequestTimeout() {
    manager.stats().rqTimeout.inc();
    timedOut(LocalReply.text(408, "request timeout"), "request_overall_timeout");
  }

  private void timedOut(LocalReply reply, String details) {
    if (response.headSent() || slots.length == 0) {
      info.details(details);
      reset(ResetReason.IDLE_TIMEOUT);
    } else if (!aFilterAnswers()) {
      response.replaceAll(reply.details(details));
    }
  }

  /** What a filter has promised to the client may be more than a status. */
  private boolean aFilterAnswers() {
    for (FilterSlot slot : slots) {
      if (slot.filter().onStreamTimeout()) {
        return true;
      }
    }
    return false;
  }

  void reset(ResetReason reason) {
    if (!ended) {
      manager.stats().rqTxReset.inc();
      server.reset(reason);
      finish(false, reason);
    }
  }

  // ---- the end

  /** The response has ended; in a tunnel the client may still send. */
  void responseEnds() {
    responseEnded = true;
    if (requestEnded || !response.isTunnel()) {
      finish(true, null);
    }
  }

  void finish(boolean complete, @Nullable ResetReason reason) {
    ended = true;
    timers.end();
    info.ended(dispatcher.nanoTime(), complete, reason);
    manager.stats().rqActive.dec();
    if (tunnel) {
      manager.stats().cxUpgradesActive.dec();
    }
    manager.stats().rqTime.record(info.endAfterNanos() / 1_000_000);
    for (FilterSlot slot : slots) {
      slot.request().kill();
      slot.response().kill();
      try {
        slot.filter().onStreamEnd(info);
      } catch (RuntimeException bug) {
        LOG.error("route={} a filter failed at the end of a stream", info.routeName(), bug);
      }
    }
    manager.log(info, request, response.sentHead(), response.sentTrailers());
  }

  /** Runs a late callback of a filter, if the stream is still there. */
  void run(Runnable task) {
    if (!ended) {
      guard(task);
    }
  }

  /** A filter's exception is a bug: this stream ends, the connection's others go on. */
  void guard(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException bug) {
      LOG.error("route={} stream reset after a bug", info.routeName(), bug);
      reset(ResetReason.LOCAL_RESET);
    }
  }

  // ---- what filters may know

  boolean ended() {
    return ended;
  }

  StreamInfo info() {
    return info;
  }

  RequestHead requestHead() {
    return request;
  }

  /** The way back to the client. */
  ResponseWay response() {
    return response;
  }

  FilterSlot[] slots() {
    return slots;
  }

  void moved() {
    timers.moved();
  }

  @Nullable Route route() {
    return route;
  }

  @Nullable ClusterConfig cluster() {
    return cluster;
  }

  PerFilterConfigs perFilterConfigs() {
    return perFilterConfigs;
  }

  HeaderChanges headerChanges() {
    return headerChanges;
  }

  /** A client that waits for 100 would not send what is to be held. */
  void letClientSendBody() {
    if (request.headers().containsToken("expect", "100-continue")) {
      request.headers().remove("expect");
      server.sendInformational(ResponseHead.of(100));
    }
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  int bufferLimit() {
    return manager.bufferLimit();
  }

  void forbidRetry() {
    retryForbidden = true;
  }

  boolean retryForbidden() {
    return retryForbidden;
  }
}
