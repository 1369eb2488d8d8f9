package io.handfast.proxy.config.compile.deadline;

import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.handfast.proxy.config.StreamDeadline;
import io.handfast.proxy.config.extension.Scope;
import java.time.Duration;
import java.util.Optional;

/** How long a stream on a route may take. */
public final class DeadlineCompiler {
  private DeadlineCompiler() {}

  /** As in Envoy {@code max_stream_duration} goes before the deprecated fields. */
  @SuppressWarnings("deprecation") // Control planes still send max_grpc_timeout.
  public static StreamDeadline compile(RouteAction proto, Scope scope) {
    if (proto.hasMaxStreamDuration()) {
      return maxStreamDuration(proto.getMaxStreamDuration(), scope.field("max_stream_duration"));
    }
    if (proto.hasMaxGrpcTimeout()) {
      return new StreamDeadline.MaxGrpcTimeout(
          duration(true, proto.getMaxGrpcTimeout(), scope.field("max_grpc_timeout")),
          duration(
              proto.hasGrpcTimeoutOffset(),
              proto.getGrpcTimeoutOffset(),
              scope.field("grpc_timeout_offset")));
    }
    if (proto.hasGrpcTimeoutOffset()) {
      scope
          .field("grpc_timeout_offset")
          .error("without max_grpc_timeout (expected: both, or max_stream_duration)");
    }
    return new StreamDeadline.AsAsked();
  }

  private static StreamDeadline maxStreamDuration(
      RouteAction.MaxStreamDuration proto, Scope scope) {
    if (proto.hasGrpcTimeoutHeaderOffset() && !proto.hasGrpcTimeoutHeaderMax()) {
      scope
          .field("grpc_timeout_header_offset")
          .error("without grpc_timeout_header_max (expected: both; 0s is no maximum)");
    }
    return new StreamDeadline.MaxStreamDuration(
        optional(
            proto.hasMaxStreamDuration(),
            proto.getMaxStreamDuration(),
            scope.field("max_stream_duration")),
        optional(
            proto.hasGrpcTimeoutHeaderMax(),
            proto.getGrpcTimeoutHeaderMax(),
            scope.field("grpc_timeout_header_max")),
        duration(
            proto.hasGrpcTimeoutHeaderOffset(),
            proto.getGrpcTimeoutHeaderOffset(),
            scope.field("grpc_timeout_header_offset")));
  }

  private static Optional<Duration> optional(
      boolean set, com.google.protobuf.Duration value, Scope scope) {
    return set ? Optional.of(duration(true, value, scope)) : Optional.empty();
  }

  private static Duration duration(boolean set, com.google.protobuf.Duration value, Scope scope) {
    return scope.duration(set, value, Duration.ZERO);
  }
}
