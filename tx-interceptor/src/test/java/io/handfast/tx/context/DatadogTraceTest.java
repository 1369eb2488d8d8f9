package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatadogTraceTest {
  private static HeaderLookup headers(Map<String, String> fields) {
    return name -> fields.containsKey(name) ? List.of(fields.get(name)) : List.of();
  }

  private static TraceParent made(Map<String, String> fields) {
    return Carriers.newTrace(headers(fields), 1, 2, 3);
  }

  @Test
  void shouldMakeATraceParentOfTheTraceThatDatadogNamesT4() {
    assertThat(
            made(Map.of(
                    "x-datadog-trace-id", "12345678901234567890",
                    "x-datadog-parent-id", "255",
                    "x-datadog-sampling-priority", "2",
                    "x-datadog-tags", "_dd.p.dm=-4,_dd.p.tid=640cfd8d00000000"))
                .write())
        .isEqualTo("00-640cfd8d00000000ab54a98ceb1f0ad2-00000000000000ff-01");
  }

  @Test
  void shouldMakeATraceParentOfATraceIdOf64BitsT4() {
    assertThat(
            made(Map.of(
                    "x-datadog-trace-id", "16",
                    "x-datadog-parent-id", "0",
                    "x-datadog-sampling-priority", "-1"))
                .write())
        .isEqualTo("00-00000000000000000000000000000010-0000000000000003-00");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "", "ab", "-1", "18446744073709551616", "1, 2"})
  void shouldMakeATraceOfItsOwnWhenDatadogNamesNone(String traceId) {
    assertThat(made(Map.of("x-datadog-trace-id", traceId)).traceId())
        .isEqualTo("00000000000000010000000000000002");
    assertThat(made(Map.of()).write())
        .isEqualTo("00-00000000000000010000000000000002-0000000000000003-02");
  }
}
