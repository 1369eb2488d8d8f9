package io.handfast.proxy.accesslog;

import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.grpc.GrpcCode;
import io.handfast.proxy.route.HeaderConditions;
import java.util.List;
import java.util.Set;

/** Which records of an access log are written. Pure. */
final class RecordFilter {

  private RecordFilter() {}

  /** Whether that one is. */
  static boolean passes(Filter filter, LogRecord log) {
    return switch (filter) {
      case Filter.StatusCode by -> by.comparison().holds(log.info().status(), by.status());
      case Filter.Took by ->
          log.info().endAfterNanos() >= 0
              && by.comparison().holds(log.info().endAfterNanos() / 1_000_000, by.millis());
      case Filter.NotHealthCheck _ -> true;
      case Filter.And all -> all(all.filters(), log);
      case Filter.Or any -> any(any.filters(), log);
      case Filter.Header header -> HeaderConditions.hold(header.match(), log.request());
      case Filter.Flags flags -> hasFlag(flags.flags(), log);
      case Filter.GrpcStatus grpc -> {
        long status = GrpcOperators.status(log);
        int number = status < 0 ? GrpcCode.UNKNOWN.number() : (int) status;
        yield grpc.numbers().contains(number) != grpc.exclude();
      }
      case Filter.LogType type -> type.types().contains(Operators.logType(log)) != type.exclude();
    };
  }

  private static boolean all(List<Filter> filters, LogRecord log) {
    for (Filter filter : filters) {
      if (!passes(filter, log)) {
        return false;
      }
    }
    return true;
  }

  private static boolean any(List<Filter> filters, LogRecord log) {
    for (Filter filter : filters) {
      if (passes(filter, log)) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasFlag(Set<String> wanted, LogRecord log) {
    if (wanted.isEmpty()) {
      return log.info().hasFlags();
    }
    for (ResponseFlag flag : ResponseFlag.values()) {
      if (log.info().hasFlag(flag) && wanted.contains(flag.shortName())) {
        return true;
      }
    }
    return false;
  }
}
