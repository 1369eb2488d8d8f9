package io.handfast.proxy.http.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.config.ListenerConfig.TrafficDirection;
import io.handfast.proxy.config.RouteTable;
import io.handfast.proxy.http.Body;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.ManualDispatcher;
import io.handfast.proxy.stats.Stats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One stream between a client and a filter that both are played here, in a time that is, too. */
final class ManagedStreamTest {
  private static final int BUFFER_LIMIT = 1000;
  private static final InetSocketAddress ADDRESS =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final ManualDispatcher dispatcher = new ManualDispatcher();
  private final Client client = new Client();
  private FilterStatus answer = FilterStatus.CONTINUE;
  private @Nullable HttpFilterContext filter;

  /** What the client was told. */
  private static final class Client implements HttpStream.Server {
    final List<String> told = new ArrayList<>();

    @Override
    public void sendInformational(ResponseHead head) {
      told.add("informational " + head.status());
    }

    @Override
    public void sendHead(ResponseHead head, boolean endStream) {
      told.add("head " + head.status());
    }

    @Override
    public void sendData(Body data, boolean endStream) {
      told.add("data " + data.readableBytes());
      data.clear();
    }

    @Override
    public void sendTrailers(Headers trailers) {
      told.add("trailers");
    }

    @Override
    public void reset(ResetReason reason) {
      told.add("reset " + reason);
    }

    @Override
    public void stopReading() {
      told.add("stop");
    }

    @Override
    public void resumeReading() {
      told.add("resume");
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void drainConnection() {
      told.add("drain");
    }

    @Override
    public boolean canSendTrailers(ResponseHead head) {
      return true;
    }

    @Override
    public void whenDelivered(Consumer<Boolean> delivered) {
      delivered.accept(true);
    }
  }

  private HttpFilter filter(HttpFilterContext context) {
    filter = context;
    return new HttpFilter() {
      @Override
      public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
        return answer;
      }
    };
  }

  private HttpStream.ServerEvents begin() {
    ConnectionManager manager =
        new ConnectionManager(
            HttpConnectionManagerConfig.of(
                "test",
                new RouteTable(List.of()),
                List.of(new HttpFilterConfig("f", "f", "", false))),
            name -> null,
            List.of(this::filter),
            new Stats().http("test"),
            List.of(),
            BUFFER_LIMIT,
            text -> {
              throw new IllegalStateException("no header is added here");
            },
            new OverloadState(),
            bound -> 0);
    return ConnectionManager.handler(
            () -> manager,
            new ConnectionInfo(1, ADDRESS, ADDRESS, "l", TrafficDirection.INBOUND),
            dispatcher)
        .onRequest(client, RequestHead.of("POST", "h", "/"), false);
  }

  private static Body body(int bytes) {
    return Body.of(new byte[bytes]);
  }

  private HttpFilterContext filter() {
    return Objects.requireNonNull(filter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"request", "response", "head"})
  void shouldBeIdleOnlySinceTheLastByteHasMoved(String direction) {
    // Given
    HttpStream.ServerEvents events = begin();
    if (direction.equals("response")) {
      filter().responseSink().head(ResponseHead.of(200), false);
    }
    for (int i = 0; i < 3; i++) {
      dispatcher.advance(Duration.ofMinutes(4));
      switch (direction) {
        case "request" -> events.onData(body(1), false);
        case "response" -> filter().responseSink().data(body(1), false);
        default -> filter().responseSink().head(ResponseHead.of(200), false);
      }
    }
    client.told.clear();

    // When
    dispatcher.advance(Duration.ofMinutes(4));
    List<String> before = List.copyOf(client.told);
    dispatcher.advance(Duration.ofMinutes(1));

    // Then
    assertThat(before).isEmpty();
    assertThat(client.told)
        .first()
        .isEqualTo(direction.equals("request") ? "head 408" : "reset IDLE_TIMEOUT");
  }

  /** From the limit on; and again once half of it has gone. */
  @Test
  void shouldReadNoMoreOfARequestThatAFilterKeepsWaiting() {
    // Given
    answer = FilterStatus.PAUSE;
    HttpStream.ServerEvents events = begin();
    events.onData(body(BUFFER_LIMIT - 1), false);
    assertThat(client.told).isEmpty();

    // When
    events.onData(body(1), false);

    // Then
    assertThat(client.told).containsExactly("stop");
    filter().resumeRequest();
    assertThat(client.told).containsExactly("stop", "resume");
  }
}
