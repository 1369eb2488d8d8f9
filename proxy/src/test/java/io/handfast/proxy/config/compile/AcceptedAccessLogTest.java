package io.handfast.proxy.config.compile;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.config.AccessLogConfig.Filter.Comparison;
import io.handfast.proxy.config.AccessLogConfig.Format;
import io.handfast.proxy.config.ConfigSnapshot;
import io.handfast.proxy.config.RouteMatch.HeaderMatch;
import io.handfast.proxy.config.RouteMatch.ValueTest;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.xds.store.Compiled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Access logs of a configuration that is accepted, as records. */
final class AcceptedAccessLogTest {
  private static final String STDOUT =
      "typed_config: { '@type': a/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog%s }";

  static Stream<Arguments> filters() {
    Filter slow = new Filter.Took(Comparison.LE, 9);
    Filter failed = new Filter.StatusCode(Comparison.GE, 500);
    return Stream.of(
        Arguments.of(
            "status_code_filter: { comparison: { op: GE, value: { default_value: 500, runtime_key: k } } }",
            failed),
        Arguments.of(
            "duration_filter: { comparison: { op: LE, value: { default_value: 9, runtime_key: k } } }",
            slow),
        Arguments.of("not_health_check_filter: {}", new Filter.NotHealthCheck()),
        Arguments.of(
            "and_filter: { filters: [{ duration_filter: { comparison: { op: LE, value: { default_value: 9, runtime_key: k } } } }, { not_health_check_filter: {} }] }",
            new Filter.And(List.of(slow, new Filter.NotHealthCheck()))),
        Arguments.of(
            "or_filter: { filters: [{ duration_filter: { comparison: { op: LE, value: { default_value: 9, runtime_key: k } } } }, { not_health_check_filter: {} }] }",
            new Filter.Or(List.of(slow, new Filter.NotHealthCheck()))),
        Arguments.of(
            "header_filter: { header: { name: X-A, string_match: { exact: v }, invert_match: true } }",
            new Filter.Header(
                new HeaderMatch(
                    "x-a", new ValueTest.Matches(new StringMatch.Exact("v", false)), true, false))),
        Arguments.of(
            "response_flag_filter: { flags: [UF, NR] }", new Filter.Flags(Set.of("UF", "NR"))),
        Arguments.of(
            "grpc_status_filter: { statuses: [OK, UNAVAILABLE], exclude: true }",
            new Filter.GrpcStatus(Set.of(0, 14), true)),
        Arguments.of(
            "log_type_filter: { types: [DownstreamEnd], exclude: true }",
            new Filter.LogType(Set.of("DownstreamEnd"), true)));
  }

  @ParameterizedTest
  @MethodSource("filters")
  void shouldHonourFilters(String yaml, Filter expected) {
    // When
    AccessLogConfig log = accept("filter: { " + yaml + " }, " + STDOUT.formatted(""));

    // Then
    assertThat(log.filter()).contains(expected);
  }

  @Test
  void shouldHonourListsNullAndTheOmissionOfEmptyValues() {
    // Given
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("a", Arrays.asList("t", 1.0, null));
    fields.put("b", null);

    // When
    AccessLogConfig json =
        accept(
            STDOUT.formatted(
                ", log_format: { omit_empty_values: true, json_format: { a: [t, 1, null], b: null } }"));
    AccessLogConfig text =
        accept(
            STDOUT.formatted(
                ", log_format: { omit_empty_values: true, text_format_source: { inline_string: t } }"));

    // Then
    assertThat(json.format()).isEqualTo(new Format.Json(fields, true));
    assertThat(text.format()).isEqualTo(new Format.Text("t", true));
  }

  private static AccessLogConfig accept(String log) {
    String yaml = Bootstraps.with("HCM", "access_log: [{ name: x, " + log + " }]");
    Compiled<ConfigSnapshot> compiled = Bootstraps.validate(yaml);
    assertThat(compiled.errors()).isEmpty();
    return Bootstraps.http(compiled.snapshot().orElseThrow()).accessLogs().getFirst();
  }
}
