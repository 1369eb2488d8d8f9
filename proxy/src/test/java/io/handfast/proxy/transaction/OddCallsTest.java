package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.OddCallsRig.BRANCH;
import static io.handfast.proxy.transaction.OddCallsRig.TX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.transaction.v1.Acknowledgement;
import io.handfast.transaction.v1.Answer;
import io.handfast.transaction.v1.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a person might send to a sidecar by hand: a whole one, with its journal and its control
 * service.
 */
class OddCallsTest {
  private static final long DEADLINE_MS = 60_000;

  @TempDir private Path directory;
  private OddCallsRig sidecar;

  @BeforeEach
  void start() throws Exception {
    sidecar = new OddCallsRig(directory.resolve("journal"));
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello",
        "01-" + TX + "-" + BRANCH + "-00;d=j.x@a:1;v=a:1;t=1",
        "00-" + TX + "-0000000000000000-00;d=j.x@a:1;v=a:1;t=1",
        "00-" + TX + "-" + BRANCH + "-00;d=j.x@a:1;v=a:1;t=-5",
        "00-" + TX + "-" + BRANCH + "-00",
      })
  void shouldAnswer400WhenTheContextIsMalformedT1(String context) throws Exception {
    // When
    String answer = sidecar.inbound("tx-context: " + context);

    // Then
    assertThat(answer)
        .startsWith("HTTP/1.1 400 ")
        .contains("application/problem+json")
        .contains("urn:handfast:problem:malformed-context")
        .contains("tx-context")
        .contains("expected: ");
    assertThat(sidecar.seen).isEmpty();
  }

  @Test
  void shouldAnswer400WhenACallsContextIsMalformedT1() throws Exception {
    // When
    String answer = sidecar.outbound("tx-context: hello");

    // Then
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("malformed-context");
    assertThat(sidecar.seen).isEmpty();
  }

  @Test
  void shouldAnswer409WhenACallNamesAnUnknownTransactionT5() throws Exception {
    // When
    String answer = sidecar.outbound("tracestate: hf=" + TX + "-" + BRANCH);

    // Then
    assertThat(answer)
        .startsWith("HTTP/1.1 409 ")
        .contains("urn:handfast:problem:branch-not-in-flight")
        .contains("\"branch\":\"" + BRANCH + "\"");
    assertThat(sidecar.seen).isEmpty();
  }

  @Test
  void shouldUndoABranchOfATransactionThatItsDeciderDoesNotKnowT13() throws Exception {
    // When
    String answer = sidecar.inbound(sidecar.context(300));

    // Then
    assertThat(answer).startsWith("HTTP/1.1 200 ").contains("tx-vote: " + BRANCH + ";v=prepared");
    await()
        .atMost(20, TimeUnit.SECONDS)
        .untilAsserted(() ->
            assertThat(sidecar.seen)
                .containsExactly("POST /reservations", "POST /cancel/" + BRANCH));
  }

  @Test
  void shouldSayAbortedOfAnUnknownTransactionOnlyAsItsDeciderT13() throws Exception {
    // When / Then
    assertThat(sidecar.inquire(sidecar.storeId())).isEqualTo(Answer.ABORTED);
    assertThat(sidecar.inquire("j.another")).isEqualTo(Answer.NOT_MINE);
  }

  @Test
  void shouldNotKnowAnUnknownTransactionWhenAnOperatorAsks() throws Exception {
    // When
    String answer = sidecar.admin("/transactions/" + TX);

    // Then
    assertThat(answer).contains("is not known here").doesNotContain("aborted");
  }

  @Test
  void shouldGiveASecondIdenticalCallTheSameAnswer() throws Exception {
    // When
    String first = sidecar.inbound(sidecar.context(DEADLINE_MS));
    String second = sidecar.inbound(sidecar.context(DEADLINE_MS));

    // Then
    assertThat(first).startsWith("HTTP/1.1 200 ").contains("tx-vote: " + BRANCH + ";v=prepared");
    assertThat(second)
        .startsWith("HTTP/1.1 200 ")
        .contains("tx-vote: " + BRANCH + ";v=prepared")
        .endsWith("served 1");
    assertThat(sidecar.seen).containsExactly("POST /reservations");
  }

  @Test
  void shouldLetASecondIdenticalCallWaitForTheFirst() throws Exception {
    // Given
    CountDownLatch gate = sidecar.holdService();
    CompletableFuture<String> first = sidecar.inboundLater(sidecar.context(DEADLINE_MS));
    await().until(() -> !sidecar.seen.isEmpty());

    // When
    CompletableFuture<String> second = sidecar.inboundLater(sidecar.context(DEADLINE_MS));
    await().until(() -> sidecar.count("handfast.tx.duplicates") == 1);
    assertThat(second).isNotDone();
    gate.countDown();

    // Then
    assertThat(List.of(first.get(10, TimeUnit.SECONDS), second.get(10, TimeUnit.SECONDS)))
        .allMatch(it -> it.startsWith("HTTP/1.1 200 ") && it.endsWith("served 1"));
    assertThat(sidecar.seen).containsExactly("POST /reservations");
  }

  @Test
  void shouldRefuseASecondIdenticalCallWhenTheFirstWasAborted() throws Exception {
    // Given
    sidecar.inbound(sidecar.context(DEADLINE_MS));
    await().until(() -> sidecar.tell(Outcome.ABORT) == Acknowledgement.DONE);

    // When
    String answer = sidecar.inbound(sidecar.context(DEADLINE_MS));

    // Then
    assertThat(answer).startsWith("HTTP/1.1 409 ").contains("urn:handfast:problem:branch-ended");
    assertThat(sidecar.seen).containsExactly("POST /reservations", "POST /cancel/" + BRANCH);
  }

  @Test
  void shouldAcknowledgeAbortOfABranchThatNeverRanAndRefuseItsCallT16() throws Exception {
    // When
    Acknowledgement acknowledgement = sidecar.tell(Outcome.ABORT);
    String late = sidecar.inbound(sidecar.context(DEADLINE_MS));

    // Then
    assertThat(acknowledgement).isEqualTo(Acknowledgement.DONE);
    assertThat(late).startsWith("HTTP/1.1 409 ").contains("urn:handfast:problem:branch-ended");
    assertThat(sidecar.seen).as("neither the call nor an undo").isEmpty();
  }

  @Test
  void shouldAcknowledgeCommitOfABranchThatItDoesNotKnowT16() throws Exception {
    // When / Then
    assertThat(sidecar.tell(Outcome.COMMIT)).isEqualTo(Acknowledgement.DONE);
    assertThat(sidecar.seen).isEmpty();
  }
}
