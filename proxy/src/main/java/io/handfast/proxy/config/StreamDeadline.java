package io.handfast.proxy.config;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a stream may take from its begin to the end of its response, gRPC's own deadline
 * included. Immutable.
 */
public sealed interface StreamDeadline {

  /** What {@link #limitNanos} says where there is no limit. */
  long NONE = Long.MAX_VALUE;

  /**
   * The limit, in nanoseconds from the begin of the stream.
   *
   * @param grpc whether the request is gRPC
   * @param asked the {@code grpc-timeout} of the request in nanoseconds; negative if it has none
   */
  long limitNanos(boolean grpc, long asked);

  /** The longest that such a stream may take, whatever its caller asks for. */
  default long longestNanos(boolean grpc) {
    return Math.max(limitNanos(grpc, NONE), limitNanos(grpc, -1));
  }

  /** Whether the route's {@code timeout} does not count for such a request. */
  boolean replacesTimeout(boolean grpc);

  /** The route says nothing: what a caller of gRPC asks for. */
  record AsAsked() implements StreamDeadline {

    @Override
    public long limitNanos(boolean grpc, long asked) {
      return grpc && asked >= 0 ? asked : NONE;
    }

    @Override
    public boolean replacesTimeout(boolean grpc) {
      return false;
    }
  }

  /**
   * {@code max_stream_duration}. As in Envoy the route's {@code timeout} does not count beside it.
   *
   * @param duration of any stream; zero or empty: none
   * @param grpcMax for a request with {@code grpc-timeout} in the place of {@code duration}: that
   *     value, but at most this; zero: that value; empty: the sooner of {@code duration} and it
   * @param grpcOffset what is taken off where {@code grpcMax} is given
   */
  record MaxStreamDuration(
      Optional<Duration> duration, Optional<Duration> grpcMax, Duration grpcOffset)
      implements StreamDeadline {
    public MaxStreamDuration {
      duration.ifPresent(it -> Checks.notNegative("max_stream_duration", it));
      grpcMax.ifPresent(it -> Checks.notNegative("grpc_timeout_header_max", it));
      Checks.notNegative("grpc_timeout_header_offset", grpcOffset);
    }

    @Override
    public long limitNanos(boolean grpc, long asked) {
      long ofRoute = nanos(duration);
      if (!grpc || asked < 0) {
        return ofRoute;
      }
      return grpcMax.isEmpty()
          ? Math.min(asked, ofRoute)
          : Math.max(0, Math.min(asked, nanos(grpcMax)) - grpcOffset.toNanos());
    }

    @Override
    public boolean replacesTimeout(boolean grpc) {
      return true;
    }
  }

  /**
   * {@code max_grpc_timeout}, which Envoy has deprecated and control planes still send: of gRPC
   * only, in the place of {@code timeout}.
   *
   * @param max the limit, with {@code grpc-timeout} or without; zero: none
   * @param offset what is taken off a {@code grpc-timeout} that is longer
   */
  record MaxGrpcTimeout(Duration max, Duration offset) implements StreamDeadline {
    public MaxGrpcTimeout {
      Checks.notNegative("max_grpc_timeout", max);
      Checks.notNegative("grpc_timeout_offset", offset);
    }

    @Override
    public long limitNanos(boolean grpc, long asked) {
      if (!grpc) {
        return NONE;
      }
      long most = nanos(Optional.of(max));
      if (asked < 0) {
        return most;
      }
      long less = asked > offset.toNanos() ? asked - offset.toNanos() : asked;
      return Math.min(less, most);
    }

    @Override
    public boolean replacesTimeout(boolean grpc) {
      return grpc;
    }
  }

  private static long nanos(Optional<Duration> limit) {
    return limit.filter(Duration::isPositive).map(Duration::toNanos).orElse(NONE);
  }
}
