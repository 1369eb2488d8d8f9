package io.handfast.proxy.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.config.HeaderMutations;
import io.handfast.proxy.config.HeaderMutations.HeaderSet;
import io.handfast.proxy.config.HeaderMutations.IfPresent;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.HeaderChanges;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeaderTemplateTest {
  private final StreamInfo info =
      new StreamInfo(
          new ConnectionInfo(
              7,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 1234),
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 80),
              "in",
              TrafficDirection.INBOUND),
          HttpProtocol.HTTP_1_1,
          0,
          0);
  private final RequestHead request = RequestHead.of("GET", "shop", "/a?b");

  @ParameterizedTest
  @CsvSource({
    "plain,plain",
    "100%%,100%",
    "%REQ(x-a)%,v",
    "%REQ(x-b?x-a):1%,v",
    "<%REQ(x-b)%>,<>",
    "%REQ(:path)% of %REQ(:authority)%,/a?b of shop",
    "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%,127.0.0.1",
    "%START_TIME(%Y)%,1970",
    "%PROTOCOL%,HTTP/1.1",
    "%DURATION%%RESP(x)%%UPSTREAM_HOST%,''",
  })
  void shouldWriteWhatOperatorsSayAndNothingWhereTheyHaveNothing(String text, String expected) {
    // Given
    request.headers().add("x-a", "v");

    // Then
    assertThat(HeaderTemplate.compile(text).value(info, request, null)).isEqualTo(expected);
  }

  @Test
  void shouldRefuseWhatIsNoTemplate() {
    assertThatThrownBy(() -> HeaderTemplate.compile("%NONSENSE%"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("%NONSENSE% (expected: one of ");
  }

  @Test
  void shouldAddNoEmptyHeaderUnlessItIsToBeKept() {
    // Given
    HeaderChanges changes =
        HeaderChanges.of(
            new HeaderMutations(
                List.of("x-gone"),
                List.of(
                    new HeaderSet("x-method", "%REQ(:method)%", IfPresent.APPEND),
                    new HeaderSet("x-none", "%REQ(x)%", IfPresent.APPEND),
                    new HeaderSet("x-empty", "%REQ(x)%", IfPresent.APPEND, true)),
                List.of(),
                List.of(new HeaderSet("x-answer", "%RESP(:status)%", IfPresent.OVERWRITE))),
            HeaderTemplate::compile);
    request.headers().add("x-gone", "1");
    ResponseHead response = ResponseHead.of(204);

    // When
    changes.ofRequest(request, info);
    changes.ofResponse(response, request, info);

    // Then
    assertThat(request.headers().get("x-method")).isEqualTo("GET");
    assertThat(request.headers().contains("x-none")).isFalse();
    assertThat(request.headers().get("x-empty")).isEmpty();
    assertThat(request.headers().contains("x-gone")).isFalse();
    assertThat(response.headers().get("x-answer")).isEqualTo("204");
  }
}
