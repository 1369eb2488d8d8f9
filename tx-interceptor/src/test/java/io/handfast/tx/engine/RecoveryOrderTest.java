package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What a restart finds is taken up before anything is told to it. */
class RecoveryOrderTest {

  @Test
  void shouldConfirmOwnBranchWhenRestartFindsDecisionAndBranch() {
    // Given
    Mesh mesh = new Mesh();
    Sidecar front = mesh.sidecar("front");
    front.completionStatus = 0;
    InboundProbe client =
        front.inbound(
            Policies.boundary(Policies.callback()), false, "POST", "/orders", TestFields.of());
    mesh.pass(2);
    client.answered(200);
    mesh.pass(20);
    assertThat(front.completions).isNotEmpty();
    front.completions.clear();

    // When
    front.completionStatus = 200;
    front.restart();
    mesh.pass(1_000);

    // Then
    assertThat(front.count("handfast.tx.illegal.transitions")).isZero();
    assertThat(front.completions).hasSize(1).first().asString().contains("confirm");
    assertThat(front.gauge("handfast.tx.in.doubt")).isZero();
    assertThat(front.list().inFlight()).isEmpty();
  }
}
