package io.handfast.proxy.http.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which messages are gRPC, and what is written into its fields. */
class GrpcTest {
  @ParameterizedTest
  @CsvSource({
    "application/grpc,true",
    "application/grpc+proto,true",
    "Application/GRPC;charset=utf-8,true",
    "application/grpc ;x=y,true",
    "application/grpc-web,false",
    "application/grpcx,false",
    "application/json,false",
    ",false"
  })
  void shouldKnowGrpcByItsContentType(String type, boolean grpc) {
    assertThat(Grpc.is(type)).isEqualTo(grpc);
  }

  @ParameterizedTest
  @EnumSource
  void shouldReadTheNumberThatItWrites(GrpcCode code) {
    assertThat(GrpcCode.parse(Integer.toString(code.number()))).isEqualTo(code);
    assertThat(code.number()).isEqualTo(io.grpc.Status.Code.valueOf(code.name()).value());
  }

  @ParameterizedTest
  @CsvSource({"''", "17", "-1", "x", "1x", "100", "+1"})
  void shouldReadNoCodeWhereThereIsNone(String text) {
    assertThat(GrpcCode.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "400,INTERNAL",
    "401,UNAUTHENTICATED",
    "403,PERMISSION_DENIED",
    "404,UNIMPLEMENTED",
    "429,UNAVAILABLE",
    "502,UNAVAILABLE",
    "503,UNAVAILABLE",
    "504,UNAVAILABLE",
    "408,UNKNOWN",
    "500,UNKNOWN"
  })
  void shouldMapStatusesAsEnvoyDoes(int status, GrpcCode code) {
    assertThat(GrpcCode.ofHttp(status)).isEqualTo(code);
  }

  @Test
  void shouldEncodeWhatAFieldCannotHold() {
    assertThat(Grpc.encodeMessage("50% of ü\n")).isEqualTo("50%25 of %C3%BC%0A");
    assertThat(Grpc.encodeBinary(new byte[] {1, 2})).isEqualTo("AQI");
  }
}
