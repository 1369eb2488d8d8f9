package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.operator.TransactionSummary;
import org.junit.jupiter.api.Test;

/** Two sidecars, one transaction. */
class CommitTest {
  private final Mesh mesh = new Mesh();
  private final Sidecar transfers = mesh.sidecar("transfers");
  private final Sidecar bank = mesh.sidecar("bank");

  @Test
  void shouldCommitBothBranchesWhenAllVoteYes() {
    // Given
    InboundProbe client = begin();
    OutboundProbe call = transfers.outbound(RoutePolicy.NONE, client.service());
    InboundProbe served =
        bank.inbound(Policies.participant(Policies.callback()), "POST", "/", call.wire());
    mesh.pass(2);
    assertThat(served.forwarded).isNotNull();
    served.answered(200);
    mesh.pass(2);
    String votes = served.releasedField("tx-vote");

    // When
    call.exchange().answered(OutboundProbe.status(200), java.util.List.of(votes));
    client.answered(201);
    mesh.pass(20);

    // Then
    assertThat(votes).contains(";v=prepared;");
    assertThat(client.releasedField("tx-outcome")).isEqualTo("committed");
    assertThat(client.releasedField("tx-id")).hasSize(32);
    assertThat(transfers.completions).hasSize(1).allMatch(it -> it.startsWith("POST /confirm/"));
    assertThat(bank.completions).hasSize(1).allMatch(it -> it.startsWith("POST /confirm/"));
    assertThat(transfers.gauge("handfast.tx.in.doubt")).isZero();
    assertThat(bank.gauge("handfast.tx.in.doubt")).isZero();
    assertThat(transfers.list().inFlight()).isEmpty();
    assertThat(bank.list().recent())
        .extracting(TransactionSummary::outcome)
        .containsExactly("committed");
  }

  @Test
  void shouldAbortBothBranchesWhenOneVotesNo() {
    // Given
    InboundProbe client = begin();
    OutboundProbe call = transfers.outbound(RoutePolicy.NONE, client.service());
    InboundProbe served =
        bank.inbound(Policies.participant(Policies.callback()), "POST", "/", call.wire());
    mesh.pass(2);
    served.answered(422);
    mesh.pass(2);

    // When
    call.exchange()
        .answered(OutboundProbe.status(422), java.util.List.of(served.releasedField("tx-vote")));
    client.answered(200);
    mesh.pass(50);

    // Then
    assertThat(client.released).isNull();
    assertThat(client.replaced).isNotNull();
    assertThat(client.replaced.status()).isEqualTo(409);
    assertThat(client.replaced.service()).isEqualTo("bank");
    assertThat(bank.completions).isEmpty();
    assertThat(transfers.completions).hasSize(1).allMatch(it -> it.startsWith("POST /cancel/"));
    assertThat(transfers.list().inFlight()).isEmpty();
    assertThat(bank.list().inFlight()).isEmpty();
  }

  private InboundProbe begin() {
    InboundProbe client =
        transfers.inbound(
            Policies.boundary(Policies.callback()), false, "POST", "/transfers", TestFields.of());
    mesh.pass(2);
    assertThat(client.forwarded).isNotNull();
    return client;
  }
}
