package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.AskEndToEndTest.awaitSeen;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.transaction.MeshRig.Participant;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONE_PHASE through whole sidecars: the only branch that updates decides itself. */
class OnePhaseEndToEndTest {
  @TempDir private Path directory;

  @Test
  void shouldLeaveTheDecisionToTheOnlyBranchThatUpdates() throws Exception {
    try (MeshRig mesh =
        new MeshRig(directory, "protocol: ONE_PHASE, timeout: 30s", Participant.plain("a"))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("a");
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      awaitSeen(mesh, "a", "/work", "/confirm");
      assertThat(mesh.records("front")).as("nothing is written at the coordinator").isZero();
      assertThat(mesh.records("a")).as("BEGUN and its decision").isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void shouldAskTheOnlyBranchThatUpdatesBeforeItDecides() throws Exception {
    try (MeshRig mesh =
        new MeshRig(directory, "protocol: ONE_PHASE, timeout: 30s", Participant.asked("a", 409))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("aborted");
      awaitSeen(mesh, "a", "/work", "/prepare", "/cancel");
    }
  }

  @Test
  void shouldBecomeTwoPhaseWhenASecondBranchUpdates() throws Exception {
    try (MeshRig mesh =
        new MeshRig(
            directory,
            "protocol: ONE_PHASE, timeout: 30s",
            Participant.plain("a"),
            Participant.plain("b"))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      awaitSeen(mesh, "a", "/work", "/confirm");
      awaitSeen(mesh, "b", "/work", "/confirm");
      assertThat(mesh.records("front")).as("the decision").isPositive();
    }
  }

  @Test
  void shouldTellUnknownAndNever504WhenTheBranchThatDecidesIsDead() throws Exception {
    try (MeshRig mesh =
        new MeshRig(directory, "protocol: ONE_PHASE, timeout: 2s", Participant.unreachable("a"))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("unknown");
      assertThat(answer.body()).contains("outcome-unknown");
      assertThat(mesh.seen("a")).doesNotContain("/confirm");
    }
  }
}
