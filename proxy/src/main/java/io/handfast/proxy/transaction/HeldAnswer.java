package io.handfast.proxy.transaction;

import com.google.protobuf.ByteString;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.tx.interceptor.AnswerHolding;
import io.handfast.tx.interceptor.Field;
import io.handfast.tx.interceptor.InboundExchange;
import io.handfast.tx.interceptor.Problem;
import io.handfast.tx.interceptor.StoredAnswer;
import io.handfast.tx.interceptor.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The answer of the local service to a request in a transaction, held as far as its votes need it
 * (T8). Confined to the stream's event loop.
 */
final class HeldAnswer {
  /** With these the router says that the service has not seen the request. */
  private static final Set<ResponseFlag> NEVER_SENT =
      Set.of(
          ResponseFlag.NO_ROUTE_FOUND,
          ResponseFlag.NO_CLUSTER_FOUND,
          ResponseFlag.NO_HEALTHY_UPSTREAM,
          ResponseFlag.UPSTREAM_CONNECTION_FAILURE,
          ResponseFlag.UPSTREAM_OVERFLOW);

  private enum Stage {
    /** Nothing has come. */
    AWAITED,
    /** The whole is being held. */
    HELD,
    /** The head waits for leave to go, the body streams after it. */
    STARTING,
    /** The head has left, the end is to be held. */
    STREAMING,
    /** The interceptor knows; what is here waits for it. */
    TOLD,
    /** It broke off. */
    TRUNCATED,
    /** It took too long: what still comes of it goes nowhere. */
    TIMED_OUT
  }

  private final HttpFilterContext context;
  private @Nullable AnswerHolding holding;
  private Stage stage = Stage.AWAITED;
  private @Nullable ResponseHead head;
  private boolean grpc;
  private boolean trailersCame;
  private boolean headLeft;
  private boolean released;

  /** Of a body that streams: what a duplicate of the call gets; null where that is nothing. */
  private ByteString.@Nullable Output copy;

  HeldAnswer(HttpFilterContext context) {
    this.context = context;
  }

  void hold(AnswerHolding how) {
    holding = how;
  }

  /** Whether an answer is to be told of. */
  boolean isHolding() {
    return holding != null;
  }

  FilterStatus onHead(ResponseHead given, boolean endStream, InboundExchange exchange) {
    AnswerHolding how = holding;
    if (how == null) {
      return FilterStatus.CONTINUE;
    }
    if (stage == Stage.TIMED_OUT) {
      return FilterStatus.PAUSE;
    }
    head = given;
    grpc = AnswerVerdict.isGrpc(context.requestHead(), given);
    if (isMadeHere(context.info())) {
      stage = Stage.TOLD;
      context.limitHeldResponse(how.limitBytes());
      exchange.lost(reason(given), isNeverSent(context.info()));
      return FilterStatus.PAUSE;
    }
    if (endStream) {
      return onEnd(null, given.headers(), exchange);
    }
    long length = length(given);
    boolean fits = length >= 0 ? length <= how.limitBytes() : how.unknownLength();
    if (fits) {
      stage = Stage.HELD;
      context.limitHeldResponse(how.limitBytes());
      return FilterStatus.HOLD;
    }
    return how.whole() ? tooLarge(how, exchange) : stream(given, exchange);
  }

  private FilterStatus tooLarge(AnswerHolding how, InboundExchange exchange) {
    stage = Stage.TOLD;
    exchange.tooLarge(how.limitBytes());
    return FilterStatus.PAUSE;
  }

  /** Too large to be held: an error is told now, of a success the end is. */
  private FilterStatus stream(ResponseHead given, InboundExchange exchange) {
    Verdict early = AnswerVerdict.ofHead(grpc, given);
    if (early != null && !early.isSuccess()) {
      stage = Stage.TOLD;
      exchange.answered(stored(given, early, null, List.of(), true));
    } else {
      stage = Stage.STARTING;
      // Of unknown length; one that is known not to fit, or has proved so, is not kept.
      copy = length(given) < 0 && context.heldResponse().isEmpty() ? ByteString.newOutput() : null;
      exchange.answerStarted();
    }
    return FilterStatus.PAUSE;
  }

  FilterStatus onData(Body data, boolean endStream, InboundExchange exchange) {
    return switch (stage) {
      case AWAITED, HELD -> endStream ? onEnd(data, null, exchange) : FilterStatus.HOLD;
      case STARTING, STREAMING -> {
        copy(data);
        yield endStream ? onEnd(data, null, exchange) : FilterStatus.CONTINUE;
      }
      case TOLD, TRUNCATED -> FilterStatus.CONTINUE;
      case TIMED_OUT -> FilterStatus.PAUSE;
    };
  }

  /** Keeps what goes by, as long as it may be kept. */
  private void copy(Body data) {
    ByteString.Output kept = copy;
    AnswerHolding how = holding;
    if (kept == null || how == null) {
      return;
    }
    if (kept.size() + data.readableBytes() > how.limitBytes()) {
      copy = null;
    } else {
      byte[] bytes = data.toByteArray();
      kept.write(bytes, 0, bytes.length);
    }
  }

  FilterStatus onTrailers(Headers trailers, InboundExchange exchange) {
    if (stage == Stage.TIMED_OUT) {
      return FilterStatus.PAUSE;
    }
    trailersCame = true;
    return onEnd(null, trailers, exchange);
  }

  /**
   * The clean end: only now do votes count (T8).
   *
   * @param fields trailers, or of a head that is the end its own; null where there are none
   */
  private FilterStatus onEnd(
      @Nullable Body last, @Nullable Headers fields, InboundExchange exchange) {
    ResponseHead given = head;
    if (given == null || stage == Stage.TOLD || stage == Stage.TRUNCATED) {
      return FilterStatus.CONTINUE;
    }
    AnswerHolding how = holding;
    long bytes = context.heldResponse().readableBytes() + (last == null ? 0 : last.readableBytes());
    boolean fits = !headLeft && how != null && bytes <= how.limitBytes();
    if (how != null && how.whole() && !fits) {
      return tooLarge(how, exchange);
    }
    stage = Stage.TOLD;
    boolean takesFields = !headLeft || context.canSendResponseTrailers(given);
    ByteString body = copy != null ? copy.toByteString() : null;
    if (body == null && fits) {
      body = bytes(context.heldResponse(), last);
    }
    List<Field> trailers =
        body != null && trailersCame && fields != null ? HeaderView.fields(fields) : List.of();
    Verdict verdict = AnswerVerdict.ofEnd(grpc, given, fields);
    exchange.answered(stored(given, verdict, body, trailers, takesFields));
    return FilterStatus.PAUSE;
  }

  private static StoredAnswer stored(
      ResponseHead head,
      Verdict verdict,
      @Nullable ByteString body,
      List<Field> trailers,
      boolean takesFields) {
    return new StoredAnswer(
        head.status(), verdict, HeaderView.fields(head.headers()), body, trailers, takesFields);
  }

  void onOverflow(InboundExchange exchange) {
    AnswerHolding how = holding;
    ResponseHead given = head;
    if (how == null || given == null || stage != Stage.HELD) {
      return; // it is known already, and what is held goes its way
    }
    if (how.whole()) {
      tooLarge(how, exchange);
    } else {
      stream(given, exchange);
    }
  }

  void onTruncated(ResetReason reason, InboundExchange exchange) {
    if (stage == Stage.TIMED_OUT) {
      return;
    }
    if (stage == Stage.TOLD) {
      stage = Stage.TRUNCATED;
      if (released) {
        context.reset(reason);
      }
      return;
    }
    stage = Stage.TRUNCATED;
    exchange.lost(
        "the answer was cut short: " + reason.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        false);
  }

  /** What the interceptor knows already, it answers; nothing else will come of the service. */
  void onTimeout(InboundExchange exchange) {
    if (stage != Stage.TOLD && stage != Stage.TRUNCATED) {
      stage = Stage.TIMED_OUT;
      exchange.lost("no answer of the service: the stream took too long", false);
    }
  }

  void releaseHead() {
    if (stage == Stage.STARTING) {
      stage = Stage.STREAMING;
      headLeft = true;
      context.resumeResponse();
    }
  }

  void release(List<Field> added) {
    released = true;
    ResponseHead given = head;
    if (stage == Stage.TRUNCATED || stage == Stage.TIMED_OUT || given == null) {
      replaceTruncated(given, added);
      return;
    }
    if (headLeft || (grpc && trailersCame && context.canSendResponseTrailers(given))) {
      added.forEach(field -> context.addedResponseTrailers().set(field.name(), field.value()));
    } else {
      HeaderView.set(given.headers(), added);
    }
    context.resumeResponse();
  }

  private void replaceTruncated(@Nullable ResponseHead given, List<Field> added) {
    if (headLeft) {
      context.reset(ResetReason.CONNECTION_TERMINATION);
      return;
    }
    boolean late = stage == Stage.TIMED_OUT;
    String detail =
        late
            ? "the service did not answer in time"
            : given == null ? "the service did not answer" : "the service's answer was cut short";
    context.sendLocalReply(
        ProblemReply.of(
            new Problem(
                late ? 504 : 502,
                "answer-lost",
                "The service's answer was lost",
                detail,
                null,
                null,
                added)));
  }

  /** An answer of the data path in place of the service's, but one that a route asks for. */
  static boolean isMadeHere(StreamInfo info) {
    return info.hasFlags() && !info.details().equals("via_upstream");
  }

  private static boolean isNeverSent(StreamInfo info) {
    if (info.upstreamHost() == null) {
      return true;
    }
    for (ResponseFlag flag : NEVER_SENT) {
      if (info.hasFlag(flag)) {
        return true;
      }
    }
    return false;
  }

  private String reason(ResponseHead given) {
    Verdict said = AnswerVerdict.ofEnd(grpc, given, given.headers());
    return "no answer of the service: " + said.detail() + " " + context.info().flagsText();
  }

  private static long length(ResponseHead head) {
    String text = head.headers().get("content-length");
    if (text == null) {
      return -1;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1; // the codec has refused anything else
    }
  }

  /** A copy of what is held and what has just come. */
  static ByteString bytes(Body held, @Nullable Body last) {
    ByteString bytes = ByteString.copyFrom(held.toByteArray());
    return last == null || last.isEmpty()
        ? bytes
        : bytes.concat(ByteString.copyFrom(last.toByteArray()));
  }
}
