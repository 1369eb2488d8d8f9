package io.handfast.proxy.transaction;

import com.google.protobuf.ByteString;
import io.handfast.proxy.config.RouteMatch.PathMatch;
import io.handfast.proxy.config.RouteTable.Route;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.ResponseSink;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.TruncationStatus;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.InboundCall;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.InboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.interceptor.TransactionInterceptor;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The filter towards the local service: hands requests to the interceptor, and holds answers until
 * it lets them go. Confined to the stream's event loop.
 */
final class InboundFilter implements HttpFilter, InboundListener {
  /** The largest request whose fields a template may use (handfast.transaction.v1). */
  private static final int MAX_REQUEST_BODY = 64 * 1024;

  private static final Problem STREAMING =
      new Problem(
          400,
          "streaming-not-allowed",
          "The request is a stream",
          "request: a second message (expected: one, or allow_streaming of the boundary, for no"
              + " answer leaves before the outcome)",
          null,
          null,
          List.of());

  /** A Try on a route without a timeout: as long as a transaction may take. */
  private static final Duration LONGEST_TRY = Duration.ofHours(1);

  private final HttpFilterContext context;
  private final TransactionInterceptor interceptor;
  private final boolean trusted;
  private final HeldAnswer answer;
  private @Nullable InboundExchange exchange;

  /** Of a call that may send one message only. */
  private @Nullable MessageCounter messages;

  private boolean asked;
  private boolean settled;

  InboundFilter(HttpFilterContext context, TransactionInterceptor interceptor, boolean trusted) {
    this.context = context;
    this.interceptor = interceptor;
    this.trusted = trusted;
    this.answer = new HeldAnswer(context);
  }

  private RoutePolicy policy() {
    return context.routeConfig() instanceof RoutePolicy policy ? policy : RoutePolicy.NONE;
  }

  @Override
  public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
    RoutePolicy policy = policy();
    if (interceptor.isOutsideInbound(policy, trusted, HeaderView.lent(head.headers()))) {
      asked = true;
      settled = true;
      HeaderView.strip(head.headers());
      return FilterStatus.CONTINUE;
    }
    boolean mayBegin = policy.boundary() != null;
    boolean mayJoin = trusted && head.headers().contains("tx-context");
    if (policy.boundary() != null && !policy.boundary().allowStreaming() && !mayJoin) {
      messages = head.isGrpc() ? new MessageCounter() : null;
    }
    if (policy.needsRequestBody() && !endStream && (mayBegin || mayJoin)) {
      context.limitHeldRequest(MAX_REQUEST_BODY);
      return FilterStatus.HOLD;
    }
    ask(policy, null);
    return FilterStatus.PAUSE;
  }

  @Override
  public FilterStatus onRequestData(Body data, boolean endStream) {
    if (messages != null && !settled && messages.begun(data) > 1) {
      return refuseStream();
    }
    if (asked) {
      return FilterStatus.CONTINUE;
    }
    if (!endStream) {
      return FilterStatus.HOLD;
    }
    if (context.heldRequest().readableBytes() + data.readableBytes() > MAX_REQUEST_BODY) {
      onRequestHoldOverflow(context);
    } else {
      ask(policy(), HeldAnswer.bytes(context.heldRequest(), data));
    }
    return FilterStatus.PAUSE;
  }

  private FilterStatus refuseStream() {
    messages = null;
    InboundExchange told = exchange;
    if (told != null) {
      told.broken(STREAMING);
    } else {
      refuse(STREAMING);
    }
    return FilterStatus.PAUSE;
  }

  @Override
  public FilterStatus onRequestTrailers(Headers trailers) {
    HeaderView.strip(trailers);
    if (asked) {
      return FilterStatus.CONTINUE;
    }
    ask(policy(), HeldAnswer.bytes(context.heldRequest(), null));
    return FilterStatus.PAUSE;
  }

  @Override
  public void onRequestHoldOverflow(HttpFilterContext overflowing) {
    refuse(
        new Problem(
            413,
            "request-too-large",
            "The request cannot be read whole",
            "request body: more than "
                + MAX_REQUEST_BODY
                + " bytes (expected: at most that, for the route's callback uses fields of it)",
            null,
            null,
            List.of()));
  }

  private void ask(RoutePolicy policy, @Nullable ByteString body) {
    asked = true;
    RequestHead head = context.requestHead();
    HeaderView headers = HeaderView.of(head.headers());
    HeaderView.strip(head.headers());
    boolean other = PlainRequest.isOther(head);
    exchange =
        interceptor.inbound(
            new InboundCall(
                routeName(context.route()),
                policy,
                trusted,
                head.method(),
                head.path(),
                headers,
                other,
                body,
                tryTimeout(),
                CallTime.callerWaits(context),
                context::execute),
            this);
  }

  /** For people: of a route without a name, what it matches. */
  private static String routeName(@Nullable Route route) {
    if (route == null) {
      return "";
    }
    if (!route.name().isEmpty()) {
      return route.name();
    }
    return switch (route.match().path()) {
      case PathMatch.Prefix it -> it.prefix();
      case PathMatch.Exact it -> it.path();
      case PathMatch.PathSeparatedPrefix it -> it.prefix();
      case PathMatch.Regex it -> it.pattern().pattern();
      case PathMatch.Connect _ -> "CONNECT";
    };
  }

  private Duration tryTimeout() {
    return CallTime.longest(context)
        .filter(it -> it.compareTo(LONGEST_TRY) < 0)
        .orElse(LONGEST_TRY);
  }

  // What the interceptor says of the request.

  @Override
  public void pass(List<Field> set) {
    settled = true;
    HeaderView.set(context.requestHead().headers(), set);
    context.resumeRequest();
  }

  @Override
  public void forward(List<Field> set, AnswerHolding holding) {
    answer.hold(holding);
    // What is sent twice is not the same branch (T2); a kept connection that died is no exception.
    context.forbidRetry();
    HeaderView.set(context.requestHead().headers(), set);
    context.resumeRequest();
  }

  @Override
  public void refuse(Problem problem) {
    settled = true;
    context.sendLocalReply(ProblemReply.of(problem));
  }

  @Override
  public void replay(StoredAnswer stored) {
    settled = true;
    ByteString body = stored.body() == null ? ByteString.EMPTY : stored.body();
    boolean trailers = !stored.trailers().isEmpty();
    ResponseHead head = new ResponseHead(stored.status(), HeaderView.headers(stored.headers()));
    context.info().details("transaction_duplicate");
    ResponseSink sink = context.responseSink();
    sink.head(head, body.isEmpty() && !trailers);
    if (!body.isEmpty()) {
      sink.data(Body.of(body.toByteArray()), !trailers);
    }
    if (trailers) {
      sink.trailers(HeaderView.headers(stored.trailers()));
    }
  }

  // The service's answer.

  /** Hints may go before the outcome is known; they carry nothing of ours, nor of a vote. */
  @Override
  public boolean onInformational(ResponseHead head) {
    HeaderView.strip(head.headers());
    return true;
  }

  @Override
  public FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
    HeaderView.strip(head.headers());
    InboundExchange told = exchange;
    if (settled || told == null || !answer.isHolding()) {
      return FilterStatus.CONTINUE;
    }
    return answer.onHead(head, endStream, told);
  }

  @Override
  public FilterStatus onResponseData(Body data, boolean endStream) {
    InboundExchange told = exchange;
    return settled || told == null || !answer.isHolding()
        ? FilterStatus.CONTINUE
        : answer.onData(data, endStream, told);
  }

  @Override
  public FilterStatus onResponseTrailers(Headers trailers) {
    HeaderView.strip(trailers);
    InboundExchange told = exchange;
    return settled || told == null || !answer.isHolding()
        ? FilterStatus.CONTINUE
        : answer.onTrailers(trailers, told);
  }

  @Override
  public void onResponseHoldOverflow(HttpFilterContext overflowing) {
    InboundExchange told = exchange;
    if (told != null) {
      answer.onOverflow(told);
    }
  }

  @Override
  public TruncationStatus onResponseTruncated(ResetReason reason) {
    InboundExchange told = exchange;
    if (settled || told == null || !answer.isHolding()) {
      return TruncationStatus.PROPAGATE;
    }
    answer.onTruncated(reason, told);
    return TruncationStatus.HANDLED;
  }

  /** A client that was promised an outcome is told one. */
  @Override
  public boolean onStreamTimeout() {
    InboundExchange told = exchange;
    if (settled || told == null || !answer.isHolding()) {
      return false;
    }
    answer.onTimeout(told);
    return true;
  }

  @Override
  public void releaseHead() {
    answer.releaseHead();
  }

  @Override
  public void release(List<Field> added) {
    settled = true;
    answer.release(added);
  }

  @Override
  public void replace(Problem problem) {
    settled = true;
    context.sendLocalReply(ProblemReply.of(problem));
  }

  @Override
  public void reset(String reason) {
    settled = true;
    context.reset(ResetReason.LOCAL_RESET);
  }

  @Override
  public void onStreamEnd(StreamInfo info) {
    InboundExchange told = exchange;
    if (!settled && told != null) {
      told.callerGone();
    }
  }
}
