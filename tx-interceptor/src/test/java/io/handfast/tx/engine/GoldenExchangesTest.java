package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResponse;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareRequest;
import io.handfast.transaction.v1.PrepareResponse;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.VoteRequest;
import io.handfast.transaction.v1.VoteResponse;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.grpc.Golden;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What version 1 asked, and what it was answered then: the engine answers the same. */
class GoldenExchangesTest {
  private static final Peer TRANSFERS = new Peer.Unproved();

  private final Mesh mesh = new Mesh();
  private final Sidecar bank = mesh.sidecar("bank");
  private final ControlHandler control = bank.engine().control();

  @Test
  void shouldAnswerOutcomesAsVersion1Did() throws Exception {
    // Given
    var request = Golden.parse("outcome-request", OutcomeRequest.getDefaultInstance());
    var expected = Golden.parse("outcome-response", OutcomeResponse.getDefaultInstance());
    List<OutcomeResult> results = new ArrayList<>();

    // When
    request
        .getItemsList()
        .forEach(it -> control.onOutcome(request.getSender(), TRANSFERS, it, results::add));
    mesh.pass(2_000);

    // Then
    assertThat(results).containsExactlyElementsOf(expected.getResultsList());
    assertSelf(expected.getSender());
  }

  @Test
  void shouldAnswerPreparesAsVersion1Did() throws Exception {
    // Given
    var request = Golden.parse("prepare-request", PrepareRequest.getDefaultInstance());
    var expected = Golden.parse("prepare-response", PrepareResponse.getDefaultInstance());
    List<PrepareResult> results = new ArrayList<>();

    // When
    request
        .getItemsList()
        .forEach(it -> control.onPrepare(request.getSender(), TRANSFERS, it, results::add));
    mesh.pass(2_000);

    // Then
    assertThat(results).containsExactlyElementsOf(expected.getResultsList());
    assertSelf(expected.getSender());
  }

  @Test
  void shouldAnswerInquiriesAsVersion1Did() throws Exception {
    // Given
    var request = Golden.parse("inquire-request", InquireRequest.getDefaultInstance());
    var expected = Golden.parse("inquire-response", InquireResponse.getDefaultInstance());
    List<InquireResult> results = new ArrayList<>();

    // When
    request.getItemsList().forEach(it -> control.onInquire(request.getSender(), it, results::add));
    mesh.pass(2_000);

    // Then
    assertThat(results).containsExactlyElementsOf(expected.getResultsList());
    assertSelf(expected.getSender());
  }

  @Test
  void shouldAnswerVotesAsVersion1Did() throws Exception {
    // Given
    var request = Golden.parse("vote-request", VoteRequest.getDefaultInstance());
    var expected = Golden.parse("vote-response", VoteResponse.getDefaultInstance());
    List<VoteResult> results = new ArrayList<>();

    // When
    request
        .getItemsList()
        .forEach(it -> control.onVote(request.getSender(), new Peer.Unproved(), it, results::add));
    mesh.pass(2_000);

    // Then
    assertThat(results).containsExactlyElementsOf(expected.getResultsList());
    assertSelf(expected.getSender());
  }

  private void assertSelf(Sender then) {
    assertThat(control.self()).isEqualTo(then);
  }
}
