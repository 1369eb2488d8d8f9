package io.handfast.proxy.filter.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.runtime.ManualDispatcher;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StreamLimitTest {
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final RequestHead head = RequestHead.of("POST", "h", "/");
  private final StreamInfo info =
      new StreamInfo(
          new ConnectionInfo(1, ADDRESS, ADDRESS, "l", TrafficDirection.INBOUND),
          HttpProtocol.HTTP_2,
          0,
          0);
  private final StreamLimit limit = new StreamLimit(context());
  private int passed;

  /** Of the context a limit asks for these only. */
  private HttpFilterContext context() {
    return (HttpFilterContext)
        Proxy.newProxyInstance(
            StreamLimitTest.class.getClassLoader(),
            new Class<?>[] {HttpFilterContext.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "info" -> info;
                  case "dispatcher" -> dispatcher;
                  case "requestHead" -> head;
                  case "schedule" ->
                      dispatcher.schedule((Duration) arguments[0], (Runnable) arguments[1]);
                  case String other -> throw new IllegalStateException(other);
                });
  }

  /** The endpoint is told of less than there is, for its unit is coarse: it may be that early. */
  @ParameterizedTest
  @CsvSource({
    "application/grpc, 150000999999, 150000m, 149999999999, false",
    "application/grpc, 150000999999, 150000m, 150000000000, true",
    "application/grpc, 1000000, 1000000n, 999999, false",
    "application/grpc, 1000000, 1000000n, 1000000, true",
    "text/plain, 150000999999, , 150000000000, false",
    "text/plain, 150000999999, , 150000999999, true"
  })
  void shouldHavePassedForTheEndpointWhenWhatItWasToldIsOver(
      String type, long nanos, String carried, long at, boolean expected) {
    // Given
    head.headers().add("content-type", type);
    info.limitNanos(nanos);
    limit.start(() -> passed++);

    // When
    limit.carryOn();
    dispatcher.advance(Duration.ofNanos(at));

    // Then
    assertThat(head.headers().get("grpc-timeout")).isEqualTo(carried);
    assertThat(limit.hasPassedUpstream()).isEqualTo(expected);
    assertThat(passed).isEqualTo(at >= nanos ? 1 : 0);
  }

  @Test
  void shouldNotPassWhenItHasEnded() {
    // Given
    info.limitNanos(10);
    limit.start(() -> passed++);

    // When
    limit.end();
    dispatcher.advance(Duration.ofNanos(20));

    // Then
    assertThat(limit.hasPassedUpstream()).isFalse();
    assertThat(passed).isZero();
  }

  @Test
  void shouldNeverPassWhenThereIsNone() {
    // Given
    limit.start(() -> passed++);

    // When
    limit.carryOn();
    dispatcher.advance(Duration.ofDays(1000));

    // Then
    assertThat(limit.hasPassedUpstream()).isFalse();
    assertThat(head.headers().contains("grpc-timeout")).isFalse();
  }
}
