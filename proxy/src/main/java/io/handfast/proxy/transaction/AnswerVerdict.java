package io.handfast.proxy.transaction;

import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.grpc.Grpc;
import io.handfast.proxy.http.grpc.GrpcCode;
import io.handfast.tx.core.participant.TryAnswer;
import io.handfast.tx.interceptor.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an answer means: by its status, or, of gRPC, by the {@code grpc-status} with which it ends.
 * Without one a call of gRPC has failed; so has one of Dubbo's Triple that brings an exception.
 * Pure.
 */
final class AnswerVerdict {
  private static final String TRIPLE_EXCEPTION = "tri-exception-code";
  private static final Verdict TRIPLE_EXCEPTION_VERDICT =
      new Verdict(TryAnswer.FAILED, "answered with an exception of Triple");

  private static final Verdict NO_GRPC_STATUS =
      new Verdict(TryAnswer.FAILED, "answered without a grpc-status");

  private AnswerVerdict() {}

  /** Whether a call was gRPC, or its answer says that it was. */
  static boolean isGrpc(RequestHead request, ResponseHead answer) {
    return request.isGrpc() || Grpc.is(answer.headers().get("content-type"));
  }

  /** As far as the head says; null where only the end does. */
  static @Nullable Verdict ofHead(boolean grpc, ResponseHead head) {
    if (!grpc) {
      return ofHttp(head.status());
    }
    return head.status() == 200 && !isException(head) ? null : ofEnd(true, head, head.headers());
  }

  /**
   * What it means as a whole.
   *
   * @param last the trailers, or the fields of a head that is the end; null where it ended without
   */
  static Verdict ofEnd(boolean grpc, ResponseHead head, @Nullable Headers last) {
    if (!grpc) {
      return ofHttp(head.status());
    }
    if (isException(head)) {
      return TRIPLE_EXCEPTION_VERDICT;
    }
    List<String> values = last == null ? List.of() : last.getAll(Grpc.STATUS);
    if (values.isEmpty()) {
      return head.status() >= 400 ? ofHttp(head.status()) : NO_GRPC_STATUS;
    }
    GrpcCode code = values.size() == 1 ? GrpcCode.parse(values.getFirst()) : null;
    if (code == null) {
      return new Verdict(TryAnswer.FAILED, "answered with a grpc-status that is none");
    }
    return new Verdict(
        ofGrpc(code), "answered grpc-status " + code.number() + " (" + code.name() + ")");
  }

  /**
   * Dubbo's Triple sends an exception of its service in the place of the answer, with {@code
   * grpc-status: 0} behind it.
   */
  private static boolean isException(ResponseHead head) {
    String code = head.headers().get(TRIPLE_EXCEPTION);
    return code != null && !code.equals("0");
  }

  /** 2xx and 3xx are success; a 4xx is a definite no but for a timeout, which may have happened. */
  private static Verdict ofHttp(int status) {
    return new Verdict(ofStatus(status), "answered " + status);
  }

  private static TryAnswer ofStatus(int status) {
    if (status < 400) {
      return TryAnswer.SUCCESS;
    }
    return status < 500 && status != 408 ? TryAnswer.REFUSED : TryAnswer.FAILED;
  }

  /** What a service says that has done nothing is a definite no; after any other it may have. */
  private static TryAnswer ofGrpc(GrpcCode code) {
    return switch (code) {
      case OK -> TryAnswer.SUCCESS;
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNAUTHENTICATED ->
          TryAnswer.REFUSED;
      case CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS ->
          TryAnswer.FAILED;
    };
  }
}
