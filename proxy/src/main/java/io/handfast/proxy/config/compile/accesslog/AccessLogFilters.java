package io.handfast.proxy.config.compile.accesslog;

import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.GrpcStatusFilter;
import io.envoyproxy.envoy.config.accesslog.v3.LogTypeFilter;
import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.config.AccessLogConfig.Filter.Comparison;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.compile.match.HeaderMatches;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code envoy.config.accesslog.v3.AccessLogFilter}. */
public final class AccessLogFilters {

  private AccessLogFilters() {}

  /** The filter, or null if it is wrong or one that the table refuses. */
  public static @Nullable Filter compile(
      io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter proto, Scope scope) {
    return switch (proto.getFilterSpecifierCase()) {
      case STATUS_CODE_FILTER -> {
        ComparisonFilter by = proto.getStatusCodeFilter().getComparison();
        yield new Filter.StatusCode(comparison(by), value(by));
      }
      case DURATION_FILTER -> {
        ComparisonFilter by = proto.getDurationFilter().getComparison();
        yield new Filter.Took(comparison(by), value(by));
      }
      case NOT_HEALTH_CHECK_FILTER -> new Filter.NotHealthCheck();
      case AND_FILTER -> {
        List<Filter> all = all(proto.getAndFilter().getFiltersList(), scope.field("and_filter"));
        yield all == null ? null : new Filter.And(all);
      }
      case OR_FILTER -> {
        List<Filter> any = all(proto.getOrFilter().getFiltersList(), scope.field("or_filter"));
        yield any == null ? null : new Filter.Or(any);
      }
      case HEADER_FILTER -> {
        HeaderMatch match =
            HeaderMatches.compile(
                proto.getHeaderFilter().getHeader(), scope.field("header_filter").field("header"));
        yield match == null ? null : new Filter.Header(match);
      }
      case RESPONSE_FLAG_FILTER ->
          new Filter.Flags(Set.copyOf(proto.getResponseFlagFilter().getFlagsList()));
      case GRPC_STATUS_FILTER -> grpc(proto.getGrpcStatusFilter());
      case LOG_TYPE_FILTER -> types(proto.getLogTypeFilter());
      case TRACEABLE_FILTER,
          RUNTIME_FILTER,
          EXTENSION_FILTER,
          METADATA_FILTER,
          FILTERSPECIFIER_NOT_SET ->
          null;
    };
  }

  private static @Nullable List<Filter> all(
      List<io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter> protos, Scope scope) {
    List<Filter> filters = new ArrayList<>();
    for (int i = 0; i < protos.size(); i++) {
      Filter filter = compile(protos.get(i), scope.field("filters", i));
      if (filter != null) {
        filters.add(filter);
      }
    }
    return filters.size() == protos.size() ? filters : null;
  }

  private static Comparison comparison(ComparisonFilter proto) {
    return switch (proto.getOp()) {
      case EQ, UNRECOGNIZED -> Comparison.EQ;
      case GE -> Comparison.GE;
      case LE -> Comparison.LE;
    };
  }

  private static long value(ComparisonFilter proto) {
    return Integer.toUnsignedLong(proto.getValue().getDefaultValue());
  }

  private static Filter grpc(GrpcStatusFilter proto) {
    Set<Integer> numbers = new HashSet<>();
    proto.getStatusesList().forEach(status -> numbers.add(status.getNumber()));
    return new Filter.GrpcStatus(numbers, proto.getExclude());
  }

  private static Filter types(LogTypeFilter proto) {
    Set<String> types = new HashSet<>();
    proto.getTypesList().forEach(type -> types.add(type.name()));
    return new Filter.LogType(types, proto.getExclude());
  }
}
