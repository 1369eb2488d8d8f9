package io.handfast.proxy.filter.awaited;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.extension.AwaitedFilterConfig;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseFlag;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AwaitedFilterTest {
  private final List<LocalReply> replies = new ArrayList<>();

  @Test
  void shouldAnswerAsEnvoyWhoseFilterHasNotCome() {
    // Given
    RequestHead head =
        new RequestHead(HttpProtocol.HTTP_1_1, "GET", "http", "a", "/", new Headers());
    HttpFilter filter = AwaitedFilter.factory(new AwaitedFilterConfig("f")).create(context());

    // When
    FilterStatus status = filter.onRequestHead(head, true);

    // Then
    assertThat(status).isEqualTo(FilterStatus.PAUSE);
    assertThat(replies)
        .singleElement()
        .satisfies(reply -> {
          assertThat(reply.status()).isEqualTo(500);
          assertThat(reply.body()).isEmpty();
          assertThat(reply.details()).isEmpty();
          assertThat(reply.flag()).isEqualTo(ResponseFlag.NO_FILTER_CONFIG_FOUND);
        });
  }

  /** Of the context the filter asks for a reply only. */
  private HttpFilterContext context() {
    return (HttpFilterContext)
        Proxy.newProxyInstance(
            AwaitedFilterTest.class.getClassLoader(),
            new Class<?>[] {HttpFilterContext.class},
            (proxy, method, arguments) -> {
              assertThat(method.getName()).isEqualTo("sendLocalReply");
              replies.add((LocalReply) arguments[0]);
              return null;
            });
  }
}
