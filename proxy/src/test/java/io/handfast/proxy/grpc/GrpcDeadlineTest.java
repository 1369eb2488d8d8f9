package io.handfast.proxy.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.handfast.proxy.http.grpc.GrpcTimeout;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Deadlines through two sidecars. The client has none of its own, and only says so: whoever ends
 * the call is a sidecar.
 */
class GrpcDeadlineTest {
  private final List<AutoCloseable> closing = new ArrayList<>();
  private Echo service;

  @BeforeEach
  void start() throws IOException {
    service = Echo.start();
    closing.add(service);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
  }

  private Hop hop(int port, String action) throws StartException {
    Hop hop = Hop.to(port, action);
    closing.add(hop);
    return hop;
  }

  private Channel client(int port) {
    ManagedChannel channel = Hop.channel(port);
    closing.add(channel::shutdownNow);
    return channel;
  }

  /** A client in front of two sidecars, of which the first has that to say. */
  private Channel through(String action) throws StartException {
    return client(hop(hop(service.port(), "timeout: 0s").port(), action).port());
  }

  private static Channel asking(Channel channel, String timeout) {
    return Echo.with(channel, GrpcTimeout.NAME, timeout);
  }

  private static String call(Channel channel, String message) {
    return ClientCalls.blockingUnaryCall(channel, Echo.UNARY, CallOptions.DEFAULT, message);
  }

  private static StatusRuntimeException failing(Channel channel, String message) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> call(channel, message));
  }

  /** Each connects first, which takes time: within one event of a socket none passes. */
  @Test
  void shouldCarryTheTimeThatIsLeftOn() throws Exception {
    for (String asked : List.of("2H", "90M", "99999999m", "99999999u", "3600S", "00000100S")) {
      // Given
      Channel client = through("timeout: 0s");

      // When
      String answer = call(asking(client, asked), "hello");

      // Then
      assertThat(answer).isEqualTo("hello");
      assertThat(GrpcTimeout.parse(service.nextField(GrpcTimeout.NAME)))
          .as(asked)
          .isPositive()
          .isLessThan(GrpcTimeout.parse(asked));
    }
  }

  /** Each route, what is asked for, and a limit that comes of both. */
  private static final List<String[]> LIMITED =
      List.of(
          limited("timeout: 0s", "1500m"),
          limited("max_stream_duration: { grpc_timeout_header_max: 1.5s }", "1H"),
          limited(
              "max_stream_duration: { grpc_timeout_header_max: 0s, grpc_timeout_header_offset: 3598.5s }",
              "1H"),
          limited("max_stream_duration: { max_stream_duration: 1.5s }", "1H"),
          limited(
              "max_stream_duration: { max_stream_duration: 1.5s, grpc_timeout_header_max: 3600s }",
              "5"),
          limited("max_grpc_timeout: 1.5s", "1H"),
          limited("max_grpc_timeout: 1.5s", "5"),
          limited("max_grpc_timeout: 0s, grpc_timeout_offset: 3598.5s", "1H"));

  private static String[] limited(String action, String asked) {
    return new String[] {action, asked};
  }

  /** All at the same time, for each waits for its limit. */
  @Test
  void shouldEndTheCallOnBothSidesWhenTheTimeIsOver() throws Exception {
    // Given
    int last = hop(service.port(), "timeout: 0s").port();
    List<Channel> clients = new ArrayList<>();
    for (String[] each : LIMITED) {
      Channel client = client(hop(last, each[0]).port());
      call(asking(client, "1H"), "connected");
      service.nextCall();
      clients.add(asking(client, each[1]));
    }

    // When
    List<Answers> answers = new ArrayList<>();
    for (Channel client : clients) {
      Answers came = new Answers();
      answers.add(came);
      ClientCalls.asyncUnaryCall(client.newCall(Echo.UNARY, CallOptions.DEFAULT), "wait", came);
    }

    // Then
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).next()).as(LIMITED.get(i)[0]).startsWith("DEADLINE_EXCEEDED: ");
      assertThat(GrpcTimeout.parse(service.nextField(GrpcTimeout.NAME)))
          .isPositive()
          .isLessThanOrEqualTo(1_500_000_000);
      assertThat(service.nextIsCancelled()).isTrue();
    }
  }

  @Test
  void shouldSendNothingWhenTheTimeIsOverAtOnce() throws Exception {
    // Given
    Channel client = asking(through("timeout: 0s"), "0n");

    // When
    StatusRuntimeException failure = failing(client, "hello");

    // Then
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(failure.getStatus().getDescription()).isEqualTo("downstream duration timeout");
    assertThat(service.hasCalls()).isFalse();
  }

  @Test
  void shouldSayItInTheTrailersWhenTheAnswerHasBegun() throws Exception {
    // Given
    Channel client = through("timeout: 0s");
    call(client, "connected");
    Answers answers = new Answers();
    StreamObserver<String> call =
        ClientCalls.asyncBidiStreamingCall(
            asking(client, "1500m").newCall(Echo.BIDI, CallOptions.DEFAULT), answers);

    // When
    call.onNext("first");
    call.onNext("wait");

    // Then
    assertThat(answers.next()).isEqualTo("first");
    assertThat(answers.next()).isEqualTo("DEADLINE_EXCEEDED: the response did not end in time");
    assertThat(service.nextIsCancelled()).isTrue();
  }

  @Test
  void shouldLimitPlainHttpByMaxStreamDurationToo() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        HttpClient client = HttpClient.newHttpClient()) {
      // Given
      Hop hop = hop(silent.getLocalPort(), "max_stream_duration: { max_stream_duration: 0.2s }");

      // When
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hop.port() + "/")).build(),
              HttpResponse.BodyHandlers.ofString());

      // Then
      assertThat(response.statusCode()).isEqualTo(504);
      assertThat(response.body()).isEqualTo("downstream duration timeout");
      assertThat(hop.sidecar().stats().cluster("next").rqMaxDurationReached.value()).isEqualTo(1);
    }
  }
}
