package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.GrpcService.ends;
import static io.handfast.proxy.transaction.GrpcService.trailersOnly;
import static io.handfast.proxy.transaction.Policies.BRANCH;
import static io.handfast.proxy.transaction.Policies.CONTEXT;
import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.interceptor.RoutePolicy.Propagation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls of gRPC through the filter on both listeners, with real engines, journals and sockets. The
 * filter sees no version of HTTP, so they come by the one whose bytes can be read here.
 */
class GrpcCallsTest {
  private static final String GRPC = "content-type: application/grpc+proto";
  private static final String[] ONE = {GRPC, "te: trailers", "connection: close"};

  @TempDir private Path directory;
  private final Neighbours peers = new Neighbours();
  private final List<AutoCloseable> closing = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : closing.reversed()) {
      each.close();
    }
  }

  private SidecarRig rig(String name) throws Exception {
    SidecarRig rig =
        new SidecarRig(name, directory, peers, exchange -> SidecarRig.answer(exchange, 200, ""));
    closing.add(rig);
    return rig;
  }

  private GrpcService service(GrpcService.Work work) throws IOException {
    GrpcService service = new GrpcService(work);
    closing.add(service);
    return service;
  }

  /** A boundary whose service answers that. */
  private int boundaryOf(SidecarRig rig, String answer) throws Exception {
    return rig.inbound(boundary(callback(), 1 << 20), service(head -> answer).port(), false);
  }

  private static String call(int port, String... more) throws IOException {
    List<String> headers = new ArrayList<>(List.of(ONE));
    headers.addAll(List.of(more));
    return RawHttp.post(port, "/bank.Bank/Transfer", "{}", headers.toArray(String[]::new));
  }

  private static String head(String wire) {
    return wire.substring(0, wire.indexOf("\r\n\r\n"));
  }

  private static String trailers(String wire) {
    int last = wire.lastIndexOf("\r\n0\r\n");
    assertThat(last).as("trailers in %s", wire).isPositive();
    return wire.substring(last);
  }

  @Test
  void shouldCommitWhenTheStatusIsZeroAndSayItInTheTrailers() throws Exception {
    // Given
    SidecarRig front = rig("front");
    int port = boundaryOf(front, ends("grpc-status: 0"));

    // When
    String wire = call(port);

    // Then
    assertThat(wire).startsWith("HTTP/1.1 200 ").contains("hello");
    assertThat(trailers(wire)).contains("grpc-status: 0", "tx-outcome: committed", "tx-id: ");
    assertThat(head(wire)).doesNotContain("tx-outcome");
    assertThat(front.completions).containsExactly("POST /confirm");
  }

  @ParameterizedTest
  @CsvSource({"3,false", "9,false", "10,false", "16,false", "2,true", "4,true", "14,true"})
  void shouldAbortWhenTheStatusIsAnError(int status, boolean undone) throws Exception {
    // Given
    SidecarRig front = rig("front");
    int port = boundaryOf(front, ends("grpc-status: " + status, "grpc-message: no"));

    // When
    String wire = call(port);

    // Then
    assertThat(wire).startsWith("HTTP/1.1 200 ").contains("hello");
    assertThat(trailers(wire))
        .contains("grpc-status: " + status, "grpc-message: no", "tx-outcome: aborted");
    List<String> expected = undone ? List.of("POST /cancel") : List.of();
    await().untilAsserted(() -> assertThat(inFlight(front)).isZero());
    assertThat(front.completions).isEqualTo(expected);
  }

  private static long inFlight(SidecarRig rig) {
    return rig.engine.list().toCompletableFuture().join().inFlight().size();
  }

  @ParameterizedTest
  @CsvSource({
    "x-other: 1,x-more: 1",
    "grpc-status: 17,x-more: 1",
    "grpc-status: ok,x-more: 1",
    "grpc-status: 0,grpc-status: 0"
  })
  void shouldAbortAndUndoWhenThereIsNoStatus(String first, String second) throws Exception {
    // Given
    SidecarRig front = rig("front");
    int port = boundaryOf(front, ends(first, second));

    // When
    String wire = call(port);

    // Then
    assertThat(trailers(wire)).contains("tx-outcome: aborted");
    await().untilAsserted(() -> assertThat(front.completions).containsExactly("POST /cancel"));
  }

  @ParameterizedTest
  @CsvSource({"2,aborted", "9,aborted", "x,aborted", "0,committed"})
  void shouldTakeAnExceptionOfTripleForNoSuccess(String code, String outcome) throws Exception {
    // Given
    SidecarRig front = rig("front");
    String answer =
        ends("grpc-status: 0")
            .replace("\r\n\r\n5", "\r\ntri-exception-code: " + code + "\r\n\r\n5");
    int port = boundaryOf(front, answer);

    // When
    String wire = call(port);

    // Then
    assertThat(head(wire)).contains("tri-exception-code: " + code);
    assertThat(trailers(wire)).contains("grpc-status: 0", "tx-outcome: " + outcome);
  }

  @Test
  void shouldReadTheStatusOfAHeadThatIsTheEnd() throws Exception {
    // Given
    SidecarRig front = rig("front");
    int port = boundaryOf(front, trailersOnly("grpc-status: 5"));

    // When
    String wire = call(port);

    // Then
    assertThat(head(wire)).contains("grpc-status: 5", "tx-outcome: aborted");
    assertThat(front.completions).isEmpty();
  }

  /** A client, the front's service that calls the bank's, each behind its sidecar. */
  private int twoSidecars(String bankAnswers, RoutePolicy toBank) throws Exception {
    SidecarRig front = rig("front");
    SidecarRig bank = rig("bank");
    CompletableFuture<Integer> outbound = new CompletableFuture<>();
    GrpcService caller =
        service(head -> {
          String wire = call(outbound.join(), GrpcService.carried(head));
          assertThat(wire).doesNotContainIgnoringCase("tx-vote");
          return ends("grpc-status: 0", "x-bank: " + wire.contains("grpc-status: 0"));
        });
    int bankPort = bank.inbound(participant(callback()), service(head -> bankAnswers).port(), true);
    outbound.complete(front.outbound(toBank, bankPort, MESH));
    return front.inbound(boundary(callback(), 1 << 20), caller.port(), false);
  }

  @Test
  void shouldCommitAcrossTwoSidecarsWithVotesInTrailersT8() throws Exception {
    // Given
    int front = twoSidecars(ends("grpc-status: 0"), RoutePolicy.NONE);

    // When
    String wire = call(front);

    // Then
    assertThat(trailers(wire)).contains("x-bank: true", "tx-outcome: committed");
    assertThat(peers.votes).as("votes that had to be messages").isEmpty();
  }

  @Test
  void shouldAnswerAbortedWithErrorInfoWhenACallBelowFailed() throws Exception {
    // Given
    int front = twoSidecars(ends("grpc-status: 9"), RoutePolicy.NONE);

    // When
    String wire = call(front);

    // Then
    assertThat(wire).startsWith("HTTP/1.1 200 ").doesNotContain("problem+json");
    assertThat(head(wire))
        .contains("content-type: application/grpc", "grpc-status: 10", "tx-outcome: aborted")
        // Of the bank's no and the front's own, which follows from it, either may be first.
        .containsPattern("grpc-message: .*bank: the service answered grpc-status 9");
    assertThat(details(wire))
        .contains("type.googleapis.com/google.rpc.ErrorInfo", "TRANSACTION_ABORTED")
        .contains("service", "bank", "tx-outcome", "aborted");
  }

  private static String details(String wire) {
    String line =
        head(wire)
            .lines()
            .filter(it -> it.startsWith("grpc-status-details-bin: "))
            .findFirst()
            .orElse("");
    byte[] bytes = Base64.getDecoder().decode(line.substring(line.indexOf(' ') + 1));
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Test
  void shouldCommitWithoutTheOptionalCallThatFails() throws Exception {
    // Given
    int front =
        twoSidecars(
            ends("grpc-status: 13"), new RoutePolicy(Propagation.SUPPORTS, null, null, true));

    // When
    String wire = call(front);

    // Then
    assertThat(trailers(wire)).contains("x-bank: false", "tx-outcome: committed");
  }

  @Test
  void shouldCommitWithTheOptionalCallThatSucceeds() throws Exception {
    // Given
    int front =
        twoSidecars(
            ends("grpc-status: 0"), new RoutePolicy(Propagation.SUPPORTS, null, null, true));

    // When
    String wire = call(front);

    // Then
    assertThat(trailers(wire)).contains("x-bank: true", "tx-outcome: committed");
  }

  @Test
  void shouldVoteNoInTheTrailersWhenTheStatusIsAnErrorT8() throws Exception {
    // Given
    int port =
        rig("bank")
            .inbound(participant(callback()), service(head -> ends("grpc-status: 9")).port(), true);

    // When
    String wire = call(port, "tx-context: " + CONTEXT);

    // Then
    assertThat(trailers(wire)).contains("grpc-status: 9", "tx-vote: " + BRANCH + ";v=abort;");
    assertThat(trailers(wire)).contains("r=the%20service%20answered%20grpc-status%209");
  }

  @Test
  void shouldGiveASecondCallTheSameTrailers() throws Exception {
    // Given
    GrpcService service = service(head -> ends("grpc-status: 0", "x-after: 1"));
    int port =
        rig("bank")
            .inbound(
                participant(callback("/confirm/{response.header.x-after}", "/cancel")),
                service.port(),
                true);

    // When
    call(port, "tx-context: " + CONTEXT);
    await().untilAsserted(() -> assertThat(peers.votes).isNotEmpty());
    String second = call(port, "tx-context: " + CONTEXT);

    // Then
    assertThat(service.seen).hasSize(1);
    assertThat(second).contains("hello", BRANCH + ";v=prepared;");
    assertThat(trailers(second)).contains("grpc-status: 0", "x-after: 1");
  }

  @Test
  void shouldRefuseByAStatusWhenTheContextIsMalformedT1() throws Exception {
    // Given
    int port = rig("bank").inbound(participant(callback()), true);

    // When
    String wire = call(port, "tx-context: 00-nonsense");

    // Then
    assertThat(wire).startsWith("HTTP/1.1 200 ");
    assertThat(head(wire)).contains("content-type: application/grpc", "grpc-status: 3");
    assertThat(head(wire)).contains("grpc-message: tx-context: 00-nonsense (expected: ");
    assertThat(details(wire)).contains("MALFORMED_CONTEXT");
  }

  @Test
  void shouldRefuseByAStatusWhenTheContextIsMissingT5() throws Exception {
    // Given
    int port = rig("bank").inbound(participant(callback()), true);

    // When
    String wire = call(port);

    // Then
    assertThat(head(wire)).contains("grpc-status: 3");
    assertThat(details(wire)).contains("CONTEXT_MISSING");
  }

  @Test
  void shouldSayUnavailableWhenTheServiceCannotBeReached() throws Exception {
    // Given
    SidecarRig front = rig("front");
    GrpcService gone = new GrpcService(head -> "");
    gone.close();
    int port = front.inbound(boundary(callback(), 1 << 20), gone.port(), false);

    // When
    String wire = call(port);

    // Then
    assertThat(head(wire)).contains("grpc-status: 14", "tx-outcome: aborted");
    assertThat(front.completions).isEmpty();
  }

  /**
   * Padded or not, once or several times, or several in one field: the text is nobody's business.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"x-bin: aq==", "x-bin: aq", "x-bin: aq==,agm", "x-bin: aq\r\nx-bin: ag=="})
  void shouldPassBinaryMetadataByteForByte(String fields) throws Exception {
    // Given
    GrpcService service = service(head -> ends("grpc-status: 0", fields));
    int port = rig("front").inbound(boundary(callback(), 1 << 20), service.port(), false);

    // When
    String wire = call(port, fields);

    // Then
    assertThat(service.seen).singleElement(STRING).contains("\r\n" + fields);
    assertThat(trailers(wire)).contains("\r\n" + fields + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "S", "-5S", "123456789n", "5.0S", "5s"})
  void shouldPassOnWhatIsNoDeadlineAsEnvoyDoes(String timeout) throws Exception {
    // Given
    GrpcService service = service(head -> ends("grpc-status: 0"));
    int port = rig("front").inbound(boundary(callback(), 1 << 20), service.port(), false);

    // When
    String wire = call(port, "grpc-timeout: " + timeout);

    // Then
    assertThat(trailers(wire)).contains("tx-outcome: committed");
    assertThat(service.seen)
        .singleElement(STRING)
        .contains("grpc-timeout: " + timeout.toLowerCase(Locale.ROOT) + "\r\n");
  }

  @Test
  void shouldAbortAtTheClientsDeadlineAndNotUndoWhatMayStillRunT17() throws Exception {
    // Given
    SidecarRig front = rig("front");
    CountDownLatch over = new CountDownLatch(1);
    closing.add(over::countDown);
    GrpcService service =
        service(head -> {
          awaitQuietly(over);
          return ends("grpc-status: 0");
        });
    int port = front.inbound(boundary(callback(), 1 << 20), service.port(), false);

    // When
    String wire = call(port, "grpc-timeout: 300m");

    // Then
    assertThat(wire).startsWith("HTTP/1.1 200 ");
    assertThat(head(wire)).contains("grpc-status: 4", "tx-outcome: aborted");
    assertThat(service.seen).hasSize(1);
    assertThat(inFlight(front)).as("waits for the Try's own timeout").isPositive();
    assertThat(front.completions).isEmpty();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void shouldRefuseGrpcWebWhoseStatusIsInItsBody() throws Exception {
    // Given
    SidecarRig front = rig("front");
    int port = front.inbound(boundary(callback(), 1 << 20), false);

    // When
    String wire =
        RawHttp.post(port, "/", "{}", "content-type: application/grpc-web", "connection: close");

    // Then
    assertThat(wire).startsWith("HTTP/1.1 400 ").contains("gRPC-Web");
    assertThat(front.seen).isEmpty();
  }
}
