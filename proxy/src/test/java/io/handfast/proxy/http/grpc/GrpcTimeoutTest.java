package io.handfast.proxy.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
  @ParameterizedTest
  @CsvSource({
    "1n, 1",
    "99999999n, 99999999",
    "7u, 7000",
    "250m, 250000000",
    "0m, 0",
    "00000005S, 5000000000",
    "2M, 120000000000",
    "3H, 10800000000000",
    "99999999H, 9223372036854775807"
  })
  void shouldReadEveryUnit(String value, long nanos) {
    assertThat(GrpcTimeout.parse(value)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5", "S", "-5S", "+5S", "123456789n", "5.0S", " 5S", "5S ", "5s", "5h"})
  void shouldReadNoneWhereThereIsNone(String value) {
    assertThat(GrpcTimeout.parse(value)).isEqualTo(GrpcTimeout.NONE);
  }

  @Test
  void shouldReadNoneWithoutTheField() {
    assertThat(GrpcTimeout.parse(null)).isEqualTo(GrpcTimeout.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0n",
    "-1, 0n",
    "99999999, 99999999n",
    "100000000, 100000u",
    "99999999999, 99999999u",
    "100000000000, 100000m",
    "100000000000000, 100000S",
    "100000000000000000, 1666666M",
    "9223372036854775806, 2562047H"
  })
  void shouldWriteTheFinestUnitThatHasRoom(long nanos, String value) {
    assertThat(GrpcTimeout.format(nanos)).isEqualTo(value);
  }
}
