package io.handfast.tx.etcd;

import io.etcd.jetcd.common.exception.EtcdException;
import io.grpc.Status;
import java.util.concurrent.CompletionException;

/** What a failed call to etcd says. Pure. */
final class EtcdErrors {
  private EtcdErrors() {}

  /**
   * Whether etcd has looked at the call and refused it: nothing was written and nothing will be.
   */
  static boolean isRefusal(Throwable failure) {
    return switch (code(failure)) {
      // The client says the same of an answer that is too large for it: then the call was made.
      case RESOURCE_EXHAUSTED -> saysServer(failure);
      case INVALID_ARGUMENT,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          OUT_OF_RANGE,
          UNIMPLEMENTED,
          NOT_FOUND ->
          true;
      case OK,
          CANCELLED,
          UNKNOWN,
          DEADLINE_EXCEEDED,
          ALREADY_EXISTS,
          FAILED_PRECONDITION,
          ABORTED,
          INTERNAL,
          UNAVAILABLE,
          DATA_LOSS ->
          false;
    };
  }

  /** etcd's own sentence, or that of its gRPC before it has looked at a request. */
  private static boolean saysServer(Throwable failure) {
    String message = String.valueOf(unwrap(failure).getMessage());
    return message.contains("etcdserver:") || message.contains("grpc: received message larger");
  }

  /** Whether there was an answer, but too large for one message. */
  static boolean isTooLarge(Throwable failure) {
    return code(failure) == Status.Code.RESOURCE_EXHAUSTED && !saysServer(failure);
  }

  static boolean isNotFound(Throwable failure) {
    return code(failure) == Status.Code.NOT_FOUND;
  }

  private static Status.Code code(Throwable failure) {
    Throwable cause = unwrap(failure);
    if (cause instanceof EtcdException etcd) {
      return Status.Code.valueOf(etcd.getErrorCode().name());
    }
    return Status.fromThrowable(cause).getCode();
  }

  /** A sentence for people, without a stack trace. */
  static String reason(Throwable failure) {
    Throwable cause = unwrap(failure);
    return "etcd: " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
  }

  /** What is behind it all, as a sentence for people. */
  static String root(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException
            || cause instanceof java.util.concurrent.ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
