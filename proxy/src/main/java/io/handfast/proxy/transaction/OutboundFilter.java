package io.handfast.proxy.transaction;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.http.TruncationStatus;
import io.handfast.tx.context.OwnHeader;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.OutboundCall;
import io.handfast.tx.interceptor.OutboundExchange;
import io.handfast.tx.interceptor.OutboundListener;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.TransactionInterceptor;
import io.handfast.tx.interceptor.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The filter from the local service: tags its calls and takes the votes off their answers. Confined
 * to the stream's event loop.
 *
 * <p>A call's answer is told to the interceptor when its end is in the service's socket, for what
 * the service did not take whole has failed (T12); that of an optional call when it is here, for it
 * is held until the votes are.
 */
final class OutboundFilter implements HttpFilter, OutboundListener {
  private static final String CANCELLED = "the service cancelled the call";

  private final HttpFilterContext context;
  private final TransactionInterceptor interceptor;
  private List<String> votes = List.of();
  private @Nullable OutboundExchange exchange;
  private boolean inTransaction;
  private boolean holds;
  private boolean told;
  private boolean grpc;
  private @Nullable ResponseHead answer;
  private @Nullable Verdict verdict;
  private @Nullable String failure;

  OutboundFilter(HttpFilterContext context, TransactionInterceptor interceptor) {
    this.context = context;
    this.interceptor = interceptor;
  }

  @Override
  public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
    RoutePolicy policy =
        context.routeConfig() instanceof RoutePolicy given ? given : RoutePolicy.NONE;
    ClusterConfig cluster = context.cluster();
    PeerPolicy peer =
        cluster == null
            ? PeerPolicy.NONE
            : cluster.metadata().get(PeerPolicy.KEY, PeerPolicy.class).orElse(PeerPolicy.NONE);
    Headers fields = head.headers();
    if (interceptor.isOutsideOutbound(policy, peer.participant(), HeaderView.lent(fields))) {
      HeaderView.strip(fields);
      return FilterStatus.CONTINUE;
    }
    HeaderView headers = HeaderView.of(fields);
    HeaderView.strip(fields);
    boolean other = PlainRequest.isOther(head);
    exchange =
        interceptor.outbound(
            new OutboundCall(
                policy,
                peer.participant(),
                peer.trusted(),
                Voters.of(cluster),
                head.method(),
                cluster == null ? head.authority() : cluster.name(),
                headers,
                other,
                context::execute),
            this);
    return FilterStatus.PAUSE;
  }

  @Override
  public FilterStatus onRequestTrailers(Headers trailers) {
    HeaderView.strip(trailers);
    return FilterStatus.CONTINUE;
  }

  @Override
  public void pass(List<Field> set) {
    HeaderView.set(context.requestHead().headers(), set);
    context.resumeRequest();
  }

  @Override
  public void forward(List<Field> set, boolean holdAnswer) {
    inTransaction = true;
    holds = holdAnswer;
    context.forbidRetry();
    HeaderView.set(context.requestHead().headers(), set);
    CallTime.tell(context);
    context.resumeRequest();
  }

  @Override
  public void refuse(Problem problem) {
    context.sendLocalReply(ProblemReply.of(problem));
  }

  @Override
  public boolean onInformational(ResponseHead head) {
    HeaderView.strip(head.headers());
    return true;
  }

  @Override
  public FilterStatus onResponseHead(ResponseHead head, boolean endStream) {
    takeVotes(head.headers());
    HeaderView.strip(head.headers());
    if (!inTransaction) {
      return FilterStatus.CONTINUE;
    }
    grpc = AnswerVerdict.isGrpc(context.requestHead(), head);
    answer = head;
    verdict =
        endStream
            ? AnswerVerdict.ofEnd(grpc, head, head.headers())
            : AnswerVerdict.ofHead(grpc, head);
    if (!holdsAnswer()) {
      return FilterStatus.CONTINUE;
    }
    context.limitHeldResponse(OutboundExchange.MAX_HELD_ANSWER);
    return endStream ? answered() : FilterStatus.HOLD;
  }

  @Override
  public FilterStatus onResponseData(Body data, boolean endStream) {
    if (endStream) {
      ended(null);
    }
    if (!holdsAnswer()) {
      return FilterStatus.CONTINUE;
    }
    return endStream ? answered() : FilterStatus.HOLD;
  }

  @Override
  public FilterStatus onResponseTrailers(Headers trailers) {
    takeVotes(trailers);
    HeaderView.strip(trailers);
    ended(trailers);
    return holdsAnswer() ? answered() : FilterStatus.CONTINUE;
  }

  /** Of gRPC only the end says what the answer means. */
  private void ended(@Nullable Headers trailers) {
    if (answer != null && verdict == null) {
      verdict = AnswerVerdict.ofEnd(grpc, answer, trailers);
    }
  }

  /** An error of an optional call is the service's to deal with, and is not held. */
  private boolean holdsAnswer() {
    return inTransaction && holds && !told && (verdict == null || verdict.isSuccess());
  }

  private FilterStatus answered() {
    tell();
    return FilterStatus.PAUSE;
  }

  private void takeVotes(Headers headers) {
    if (inTransaction) {
      List<String> more = headers.getAll(OwnHeader.VOTE.headerName());
      if (!more.isEmpty()) {
        votes = new ArrayList<>(votes);
        votes.addAll(more);
      }
    }
  }

  @Override
  public void onResponseHoldOverflow(HttpFilterContext overflowing) {
    fail("the answer has more than " + OutboundExchange.MAX_HELD_ANSWER + " bytes");
    context.sendLocalReply(
        ProblemReply.of(
            new Problem(
                502,
                "answer-too-large",
                "The answer of an optional call cannot be held",
                "response body: more than "
                    + OutboundExchange.MAX_HELD_ANSWER
                    + " bytes (expected: at most that on a route that is optional)",
                null,
                null,
                List.of())));
  }

  @Override
  public TruncationStatus onResponseTruncated(ResetReason reason) {
    failure =
        "the answer was cut short: " + reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return TruncationStatus.PROPAGATE;
  }

  @Override
  public void release() {
    context.resumeResponse();
  }

  @Override
  public void replace(Problem problem) {
    context.sendLocalReply(ProblemReply.of(problem));
  }

  @Override
  public void onStreamEnd(StreamInfo info) {
    if (exchange == null || told) {
      return;
    }
    if (failure != null) {
      fail(failure);
    } else if (verdict != null && info.responseComplete()) {
      told = true;
      context.whenDelivered(this::tellDelivered);
    } else {
      fail(CANCELLED);
    }
  }

  /** What it was told ends the call; so it has to have it. */
  private void tellDelivered(boolean delivered) {
    if (delivered) {
      tell();
    } else {
      fail(CANCELLED);
    }
  }

  @Override
  public void onBypassed() {
    failure = "it took too long, and was answered here";
  }

  private void tell() {
    told = true;
    if (exchange != null && verdict != null) {
      exchange.answered(verdict, List.copyOf(votes));
    }
  }

  private void fail(String reason) {
    told = true;
    if (exchange != null) {
      exchange.failed(reason, List.copyOf(votes));
    }
  }
}
