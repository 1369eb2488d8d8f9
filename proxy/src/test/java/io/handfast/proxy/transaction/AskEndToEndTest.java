package io.handfast.proxy.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.proxy.transaction.MeshRig.Participant;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Explicit prepare, through whole sidecars: a service is asked when all others have voted. */
class AskEndToEndTest {
  private static final String BOUNDARY = "timeout: 30s";

  @TempDir private Path directory;

  @Test
  void shouldCommitWhenAllThatAreAskedHavePrepared() throws Exception {
    try (MeshRig mesh =
        new MeshRig(
            directory, BOUNDARY, Participant.asked("a", 200), Participant.asked("b", 200))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("a b");
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      awaitSeen(mesh, "a", "/work", "/prepare", "/confirm");
      awaitSeen(mesh, "b", "/work", "/prepare", "/confirm");
    }
  }

  @Test
  void shouldAbortAndCancelWhenOneThatIsAskedRefusesT14() throws Exception {
    try (MeshRig mesh =
        new MeshRig(
            directory, BOUNDARY, Participant.asked("a", 200), Participant.asked("b", 409))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.statusCode()).isEqualTo(409);
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("aborted");
      assertThat(answer.body()).contains("transaction-aborted").contains("\"service\":\"b\"");
      awaitSeen(mesh, "a", "/work", "/prepare", "/cancel");
      awaitSeen(mesh, "b", "/work", "/prepare", "/cancel");
    }
  }

  @Test
  void shouldTellNothingToWhoHasNothingToCommitWhenItIsAsked() throws Exception {
    try (MeshRig mesh =
        new MeshRig(
            directory, BOUNDARY, Participant.asked("a", 200), Participant.asked("b", 204))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      awaitSeen(mesh, "a", "/work", "/prepare", "/confirm");
      await()
          .atMost(30, TimeUnit.SECONDS)
          .untilAsserted(() ->
              assertThat(mesh.transactions("front"))
                  .containsPattern("\"inFlight\"\\s*:\\s*\\[\\s*\\]"));
      assertThat(mesh.seen("b")).containsExactly("/work", "/prepare");
    }
  }

  @Test
  void shouldAskNobodyElseWhenSomeHavePreparedByThemselves() throws Exception {
    try (MeshRig mesh =
        new MeshRig(directory, BOUNDARY, Participant.plain("a"), Participant.asked("b", 200))) {
      // When
      HttpResponse<String> answer = mesh.send();

      // Then
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      awaitSeen(mesh, "a", "/work", "/confirm");
      awaitSeen(mesh, "b", "/work", "/prepare", "/confirm");
    }
  }

  static void awaitSeen(MeshRig mesh, String name, String... paths) {
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(mesh.seen(name)).containsExactly(paths));
  }
}
