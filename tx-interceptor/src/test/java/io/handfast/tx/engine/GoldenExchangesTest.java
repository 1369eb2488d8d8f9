package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.InquireRequest;
import io.handfast.transaction.v1.InquireResponse;
import io.handfast.transaction.v1.InquireResult;
import io.handfast.transaction.v1.Member;
import io.handfast.transaction.v1.OutcomeRequest;
import io.handfast.transaction.v1.OutcomeResponse;
import io.handfast.transaction.v1.OutcomeResult;
import io.handfast.transaction.v1.PrepareItem;
import io.handfast.transaction.v1.PrepareRequest;
import io.handfast.transaction.v1.PrepareResponse;
import io.handfast.transaction.v1.PrepareResult;
import io.handfast.transaction.v1.Sender;
import io.handfast.transaction.v1.TerminateItem;
import io.handfast.transaction.v1.TerminateRequest;
import io.handfast.transaction.v1.TerminateResponse;
import io.handfast.transaction.v1.TerminateResult;
import io.handfast.transaction.v1.Vote;
import io.handfast.transaction.v1.VoteRequest;
import io.handfast.transaction.v1.VoteResponse;
import io.handfast.transaction.v1.VoteResult;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.grpc.Golden;
import io.handfast.tx.port.ControlHandler;
import io.handfast.tx.port.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

  @Test
  void shouldAnswerTerminationsAsVersion1Did() throws Exception {
    // Given: both branches have promised
    var request = Golden.parse("terminate-request", TerminateRequest.getDefaultInstance());
    var expected = Golden.parse("terminate-response", TerminateResponse.getDefaultInstance());
    List<TerminateResult> results = new ArrayList<>();
    request.getItemsList().forEach(it -> promise(request, it));

    // When
    request
        .getItemsList()
        .forEach(it -> control.onTerminate(request.getSender(), it, results::add));
    mesh.pass(2_000);

    // Then
    assertThat(results).containsExactlyElementsOf(expected.getResultsList());
    assertSelf(expected.getSender());
  }

  /** The branch of an item works, votes {@code ask}, and promises when it is asked. */
  private void promise(TerminateRequest request, TerminateItem item) {
    String authority = request.getSender().getAuthority();
    String context =
        "00-%s-%016x-00;d=%s@%s;i=%s;v=%s;t=10000;c=three-phase"
            .formatted(
                Messages.txId(item.getTxId()),
                item.getBranchId(),
                item.getDecider(),
                authority,
                Mesh.identity("transfers").name(),
                authority);
    InboundProbe served =
        bank.inbound(
            Policies.participant(Policies.callback()),
            "POST",
            "/",
            TestFields.of("tx-context", context));
    mesh.pass(5);
    served.answered(200);
    mesh.pass(5);
    PrepareItem.Builder prepare =
        PrepareItem.newBuilder()
            .setTxId(item.getTxId())
            .setBranchId(item.getBranchId())
            .setDecider(item.getDecider())
            .setStoreId(item.getStoreId());
    for (TerminateItem member : request.getItemsList()) {
      prepare.addMembers(
          Member.newBuilder()
              .setBranchId(member.getBranchId())
              .setParticipant("bank:15014")
              .setStoreId(member.getStoreId()));
    }
    List<PrepareResult> promises = new ArrayList<>();
    control.onPrepare(
        request.getSender(),
        new Peer.Proved(Set.of(Mesh.identity("transfers"))),
        prepare.build(),
        promises::add);
    mesh.pass(20);
    assertThat(promises)
        .singleElement()
        .satisfies(it -> assertThat(it.getVote()).isEqualTo(Vote.PREPARED));
  }

  private void assertSelf(Sender then) {
    assertThat(control.self()).isEqualTo(then);
  }
}
