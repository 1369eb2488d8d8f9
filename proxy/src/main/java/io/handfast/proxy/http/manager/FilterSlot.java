package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.HeaderChanges;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.ResponseSink;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.runtime.Dispatcher;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The place of one filter in the chain of one stream. Confined to the stream's event loop. */
final class FilterSlot implements HttpFilterContext {
  private final ManagedStream stream;
  private final int index;
  private final int filterIndex;
  private final RequestPassage request;
  private final ResponsePassage response;
  private final HttpFilter filter;

  /**
   * @param index place in this stream's chain
   * @param filterIndex place in the configuration, by which the route knows it
   */
  FilterSlot(ManagedStream stream, int index, int filterIndex, HttpFilterFactory factory) {
    this.stream = stream;
    this.index = index;
    this.filterIndex = filterIndex;
    this.request = new RequestPassage();
    this.response = new ResponsePassage();
    this.filter = factory.create(this);
  }

  HttpFilter filter() {
    return filter;
  }

  Passage request() {
    return request;
  }

  Passage response() {
    return response;
  }

  @Override
  public StreamInfo info() {
    return stream.info();
  }

  @Override
  public ConnectionInfo connection() {
    return stream.info().connection();
  }

  @Override
  public RequestHead requestHead() {
    return stream.requestHead();
  }

  @Override
  public @Nullable ResponseHead responseHead() {
    return stream.response().head();
  }

  @Override
  public @Nullable Route route() {
    return stream.route();
  }

  @Override
  public HeaderChanges headerChanges() {
    return stream.headerChanges();
  }

  @Override
  public @Nullable Object routeConfig() {
    return stream.perFilterConfigs().get(filterIndex);
  }

  @Override
  public @Nullable ClusterConfig cluster() {
    return stream.cluster();
  }

  @Override
  public Dispatcher dispatcher() {
    return stream.dispatcher();
  }

  @Override
  public void execute(Runnable task) {
    dispatcher().execute(() -> stream.run(task));
  }

  @Override
  public Dispatcher.Timer schedule(Duration delay, Runnable task) {
    return dispatcher().schedule(delay, () -> stream.run(task));
  }

  @Override
  public void resumeRequest() {
    if (!stream.ended()) {
      request.resume();
    }
  }

  @Override
  public void resumeResponse() {
    if (!stream.ended()) {
      response.resume();
    }
  }

  @Override
  public void limitHeldRequest(long bytes) {
    request.limitHeld(bytes);
  }

  @Override
  public void limitHeldResponse(long bytes) {
    response.limitHeld(bytes);
  }

  @Override
  public Body heldRequest() {
    return request.held();
  }

  @Override
  public Body heldResponse() {
    return response.held();
  }

  @Override
  public Headers addedRequestTrailers() {
    return request.added();
  }

  @Override
  public Headers addedResponseTrailers() {
    return response.added();
  }

  @Override
  public boolean canSendResponseTrailers(ResponseHead head) {
    return stream.response().canSendTrailers(head);
  }

  @Override
  public void sendLocalReply(LocalReply reply) {
    stream.response().replaceBehind(index, reply);
  }

  @Override
  public ResponseSink responseSink() {
    return new SlotSink(stream, index);
  }

  @Override
  public void whenDelivered(Consumer<Boolean> told) {
    stream.response().whenDelivered(told);
  }

  @Override
  public void reset(ResetReason reason) {
    stream.reset(reason);
  }

  @Override
  public void forbidRetry() {
    stream.forbidRetry();
  }

  @Override
  public boolean retryForbidden() {
    return stream.retryForbidden();
  }

  private final class RequestPassage extends Passage {
    RequestPassage() {
      super(stream.allocator(), stream.bufferLimit());
    }

    @Override
    FilterStatus showHead(boolean end) {
      FilterStatus status = filter.onRequestHead(stream.requestHead(), end);
      if (status == FilterStatus.HOLD && !end) {
        stream.letClientSendBody();
      }
      return status;
    }

    @Override
    FilterStatus showData(Body data, boolean end) {
      return filter.onRequestData(data, end);
    }

    @Override
    FilterStatus showTrailers(Headers trailers) {
      return filter.onRequestTrailers(trailers);
    }

    @Override
    void passHead(boolean end) {
      stream.requestHeadTo(index + 1, end);
    }

    @Override
    void passData(Body data, boolean end) {
      stream.requestDataTo(index + 1, data, end);
    }

    @Override
    void passTrailers(Headers trailers) {
      stream.requestTrailersTo(index + 1, trailers);
    }

    @Override
    void onOverflow() {
      filter.onRequestHoldOverflow(FilterSlot.this);
    }

    @Override
    void onPressure(boolean high) {
      stream.blockRequest(high);
    }
  }

  private final class ResponsePassage extends Passage {
    ResponsePassage() {
      super(stream.allocator(), stream.bufferLimit());
    }

    @Override
    FilterStatus showHead(boolean end) {
      return filter.onResponseHead(stream.response().knownHead(), end);
    }

    @Override
    FilterStatus showData(Body data, boolean end) {
      return filter.onResponseData(data, end);
    }

    @Override
    FilterStatus showTrailers(Headers trailers) {
      return filter.onResponseTrailers(trailers);
    }

    @Override
    void passHead(boolean end) {
      stream.response().headTo(index - 1, end);
    }

    @Override
    void passData(Body data, boolean end) {
      stream.response().dataTo(index - 1, data, end);
    }

    @Override
    void passTrailers(Headers trailers) {
      stream.response().trailersTo(index - 1, trailers);
    }

    @Override
    void onOverflow() {
      filter.onResponseHoldOverflow(FilterSlot.this);
    }

    @Override
    void onPressure(boolean high) {
      stream.response().block(high);
    }
  }
}
