package io.handfast.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.config.AccessLogConfig.Filter.Comparison;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class RecordFilterTest {
  private static final Filter YES = new Filter.NotHealthCheck();
  private static final Filter NO = status(Comparison.EQ, 1);

  static Stream<Arguments> filters() {
    return Stream.of(
        of(status(Comparison.EQ, 503), true),
        of(status(Comparison.GE, 503), true),
        of(status(Comparison.GE, 504), false),
        of(status(Comparison.LE, 503), true),
        of(status(Comparison.LE, 502), false),
        of(new Filter.Took(Comparison.GE, 40), true),
        of(new Filter.Took(Comparison.GE, 41), false),
        of(YES, true),
        of(NO, false),
        of(new Filter.And(List.of(YES, YES)), true),
        of(new Filter.And(List.of(YES, NO)), false),
        of(new Filter.Or(List.of(NO, YES)), true),
        of(new Filter.Or(List.of(NO, NO)), false),
        of(header("x-a", "1"), true),
        of(header("x-a", "2"), false),
        of(header(":path", "/p"), true),
        of(new Filter.Flags(Set.of()), true),
        of(new Filter.Flags(Set.of("UF", "NR")), true),
        of(new Filter.Flags(Set.of("NR")), false),
        of(new Filter.GrpcStatus(Set.of(14), false), true),
        of(new Filter.GrpcStatus(Set.of(14), true), false),
        of(new Filter.GrpcStatus(Set.of(0), true), true),
        of(new Filter.LogType(Set.of("DownstreamEnd"), false), true),
        of(new Filter.LogType(Set.of("DownstreamEnd"), true), false),
        of(new Filter.LogType(Set.of("TcpConnectionEnd"), false), false));
  }

  @ParameterizedTest
  @MethodSource("filters")
  void shouldWriteWhatTheFilterLetsThrough(Filter filter, boolean expected) {
    // Given
    StreamInfo info = new StreamInfo(connection(), HttpProtocol.HTTP_1_1, 0, 0);
    info.status(503);
    info.flag(ResponseFlag.UPSTREAM_CONNECTION_FAILURE);
    info.ended(40_900_000, true, null);
    RequestHead request = RequestHead.of("GET", "h", "/p");
    request.headers().add("x-a", "1");

    // When / Then
    assertThat(RecordFilter.passes(filter, new LogRecord(info, request, null, new Headers())))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("ofConnections")
  void shouldLookAtConnectionsAsAtRequestsWithoutHeaders(Filter filter, boolean expected) {
    // Given
    StreamInfo info = new StreamInfo(connection(), 0, 0);

    // When / Then
    assertThat(RecordFilter.passes(filter, new LogRecord(info, null, null, null)))
        .isEqualTo(expected);
  }

  static Stream<Arguments> ofConnections() {
    return Stream.of(
        of(header("x-a", "1"), false),
        of(
            new Filter.Header(new HeaderMatch("x-a", new ValueTest.Present(true), true, false)),
            true),
        of(status(Comparison.EQ, 0), true),
        of(new Filter.Took(Comparison.LE, 1), false),
        of(new Filter.Flags(Set.of()), false),
        of(new Filter.LogType(Set.of("TcpConnectionEnd"), false), true));
  }

  private static Filter status(Comparison comparison, long value) {
    return new Filter.StatusCode(comparison, value);
  }

  private static Filter header(String name, String value) {
    return new Filter.Header(
        new HeaderMatch(
            name, new ValueTest.Matches(new StringMatch.Exact(value, false)), false, false));
  }

  private static Arguments of(Filter filter, boolean expected) {
    return Arguments.of(filter, expected);
  }

  private static ConnectionInfo connection() {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return new ConnectionInfo(1, address, address, "l", TrafficDirection.INBOUND);
  }
}
