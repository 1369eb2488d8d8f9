package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.BRANCH;
import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.handfast.tx.resource.DatabaseResource;
import io.handfast.tx.resource.ReadOnlyResource;
import io.handfast.tx.resource.Resource;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A duplicate of a call gets the first one's answer up to 64 KiB, in every mode and however that
 * was framed.
 */
class DuplicateAnswersTest {
  private static final int MOST = 64 * 1024;

  @TempDir private Path directory;
  private final Neighbours peers = new Neighbours();
  private final List<AutoCloseable> closing = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable it : closing.reversed()) {
      it.close();
    }
  }

  private SidecarRig rig(SidecarRig.Service service) throws Exception {
    SidecarRig rig = new SidecarRig("bank", directory, peers, service);
    closing.add(rig);
    return rig;
  }

  static Stream<Arguments> answers() {
    return Stream.of(callback(), ReadOnlyResource.INSTANCE, DatabaseResource.INSTANCE)
        .flatMap(mode ->
            Stream.of(true, false)
                .flatMap(known ->
                    Stream.of(0, 10, MOST, MOST + 1)
                        .map(length -> Arguments.of(mode.mode(), known, length, mode))));
  }

  @ParameterizedTest(name = "{0}, length known {1}: {2} bytes")
  @MethodSource("answers")
  void shouldGiveADuplicateTheWholeAnswerOrRefuseIt409(
      String name, boolean known, int length, Resource mode) throws Exception {
    // Given
    SidecarRig bank = rig(exchange -> answer(exchange, known, length));
    int port = bank.inbound(participant(mode), true);

    // When
    HttpResponse<String> first = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);
    HttpResponse<String> second = SidecarRig.send(port, "POST", "{}", "tx-context", CONTEXT);

    // Then
    assertThat(bank.seen).as(name).hasSize(1);
    assertThat(first.body()).hasSize(length);
    if (length > MOST) {
      assertThat(second.statusCode()).isEqualTo(409);
      assertThat(second.body()).contains("urn:handfast:problem:duplicate-call");
    } else {
      assertThat(second.statusCode()).isEqualTo(201);
      assertThat(second.body()).isEqualTo(first.body());
      assertThat(second.headers().firstValue("x-count")).hasValue("1");
      assertThat(second.headers().firstValue("tx-vote").orElse("")).startsWith(BRANCH + ";v=");
    }
  }

  private static void answer(HttpExchange exchange, boolean known, int length) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("x-count", "1");
    // As the JDK's server has it: 0 is chunked, -1 nothing.
    exchange.sendResponseHeaders(201, known ? (length == 0 ? -1 : length) : 0);
    for (int sent = 0; sent < length; sent += 1_000) {
      exchange.getResponseBody().write("x".repeat(Math.min(1_000, length - sent)).getBytes(UTF_8));
    }
  }

  @Test
  void shouldGiveADuplicateTheMessagesAndTheStatusOfACallOfGrpc() throws Exception {
    // Given: nothing of the answer is needed to confirm it
    GrpcService service = new GrpcService(head -> GrpcService.ends("grpc-status: 0", "x-after: 1"));
    closing.add(service);
    int port = rig(exchange -> {}).inbound(participant(callback()), service.port(), true);

    // When
    call(port);
    String second = call(port);

    // Then
    assertThat(service.seen).hasSize(1);
    assertThat(second).contains("hello", "grpc-status: 0", "x-after: 1", BRANCH + ";v=prepared;");
  }

  private static String call(int port) throws IOException {
    return RawHttp.post(
        port,
        "/bank.Bank/Reserve",
        "{}",
        "content-type: application/grpc",
        "te: trailers",
        "tx-context: " + CONTEXT,
        "connection: close");
  }
}
