package io.handfast.proxy.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.config.ClusterConfig.UpstreamProtocol;
import io.handfast.proxy.http.FilterStatus;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.RequestHead;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC frame by frame: what a client of gRPC does not show, or is too quick to see. */
final class GrpcFramesTest {
  private static final int CANCEL = 8;

  /** Enough to be kept from it in time, however busy the machine. */
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  private final LinkedBlockingQueue<HttpFilterContext> streams = new LinkedBlockingQueue<>();
  private ServerSocket endpoint;
  private InProcessProxy proxy;
  private RawHttp2 client;

  @BeforeEach
  void start() throws IOException {
    endpoint = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy =
        InProcessProxy.running(
            Configs.forward(1),
            List.of(
                Configs.speaking(Configs.cluster(endpoint.getLocalPort()), UpstreamProtocol.HTTP2)),
            this::note);
    client = RawHttp2.client(proxy.port());
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    proxy.close();
    endpoint.close();
  }

  private HttpFilter note(HttpFilterContext context) {
    return new HttpFilter() {
      @Override
      public FilterStatus onRequestHead(RequestHead head, boolean endStream) {
        streams.add(context);
        return FilterStatus.CONTINUE;
      }
    };
  }

  private RawHttp2 accept() throws IOException {
    return RawHttp2.server(endpoint.accept());
  }

  private void call(String... fields) {
    client.post(1, fields).flush();
  }

  /** Trailers-only: a client that knows gRPC takes a head that is not the end for no answer yet. */
  @Test
  void shouldLeaveAHeadThatIsTheEndTheEnd() throws IOException {
    // Given
    call("content-type", "application/grpc", "te", "trailers");
    try (RawHttp2 service = accept()) {
      RawHttp2.Frame asked = service.expect(RawHttp2.HEADERS);

      // When
      service
          .headers(
              asked.stream(),
              true,
              ":status",
              "200",
              "content-type",
              "application/grpc",
              "grpc-status",
              "5")
          .flush();

      // Then
      assertThat(service.fields(asked)).contains("te: trailers");
      RawHttp2.Frame answer = client.expectMessage();
      assertThat(client.fields(answer)).contains(":status: 200", "grpc-status: 5");
      assertThat(answer.endsStream()).isTrue();
    }
  }

  @Test
  void shouldAnswerByAHeadThatIsTheEndWhenTheEndpointIsGone() throws IOException {
    // Given
    endpoint.close();

    // When
    call("content-type", "application/grpc", "te", "trailers");

    // Then
    RawHttp2.Frame answer = client.expectMessage();
    assertThat(client.fields(answer))
        .contains(":status: 200", "content-type: application/grpc", "grpc-status: 14");
    assertThat(answer.endsStream()).isTrue();
  }

  /**
   * The endpoint has a timer for the same deadline. Its reset is read before our own timer comes to
   * it, for the loop was busy.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldSayThatTheDeadlineHasPassedWhenTheEndpointResetsForIt(boolean begun) throws Exception {
    // Given
    long before = System.nanoTime();
    call("content-type", "application/grpc", "grpc-timeout", DEADLINE.toMillis() + "m");
    try (RawHttp2 service = accept()) {
      int stream = service.expect(RawHttp2.HEADERS).stream();
      if (begun) {
        service
            .headers(stream, false, ":status", "200", "content-type", "application/grpc")
            .flush();
        client.fields(client.expectMessage());
      }
      CountDownLatch busy = new CountDownLatch(1);
      CountDownLatch free = new CountDownLatch(1);
      streams
          .take()
          .execute(() -> {
            busy.countDown();
            awaitQuietly(free);
          });
      busy.await();

      // When
      service.number(RawHttp2.RST_STREAM, stream, CANCEL).flush();
      await().until(() -> System.nanoTime() - before > DEADLINE.toNanos());
      free.countDown();

      // Then
      RawHttp2.Frame answer = client.expectMessage();
      assertThat(client.fields(answer)).contains("grpc-status: 4");
      assertThat(answer.endsStream()).isTrue();
      assertThat(proxy.nextEnded().flagsText()).isEqualTo("DT");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
