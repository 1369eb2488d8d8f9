package io.handfast.proxy.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A coordinator dies for good, as it seems, and an operator decides for the branch that is in doubt
 * with the command line of {@code handfast tx}: then the coordinator comes back (T21).
 */
final class OperatorIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @RegisterExtension final MeshLease lease = new MeshLease();

  @Test
  void shouldShowResolveFindMixedAndForgetT21() throws Exception {
    Mesh mesh = lease.mesh();
    SidecarProcess back = mesh.backSidecar();
    // Given: in doubt
    Order order = lease.order(Order.Kind.RESERVATIONS);
    mesh.frontSidecar().arm(Scenario.AFTER_DECISION, 0);
    Future<Told> answer = mesh.place(order);
    mesh.frontSidecar().awaitCrash();
    Settlement.await(answer);
    String tx = only(back, "in-doubt").path("txId").asText();
    assertThat(tx(back, "show", tx).output()).contains("in-doubt", "the outcome, from j.");

    // When: somebody who cannot read the token tries, and then nobody answers the question
    assertThat(post(back, tx)).contains("operator token: missing");
    SidecarProcess.Ended asked = tx(back, "resolve", tx, "--abort", "--reason", "lost");
    assertThat(asked.exitCode()).isEqualTo(2);
    assertThat(asked.output()).contains("no terminal to ask on");
    assertThat(mesh.back().state(order.key())).isEqualTo(Books.State.RESERVED);

    // When: the operator
    SidecarProcess.Ended resolved =
        tx(
            back,
            "resolve",
            tx,
            "--abort",
            "--yes",
            "--by",
            "anna",
            "--reason",
            "the front's disk is lost");

    // Then
    assertThat(resolved.output()).contains("decided to abort");
    assertThat(resolved.exitCode()).isZero();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> mesh.back().state(order.key()) == Books.State.CANCELLED);
    assertThat(only(back, "heuristic-rollback").path("detail").asText())
        .contains("aborted by anna: the front's disk is lost");

    // When: the truth arrives
    mesh.frontSidecar().restart();

    // Then
    assertThat(only(back, "heuristic-mixed").path("txId").asText()).isEqualTo(tx);
    assertThat(mesh.back().state(order.key())).isEqualTo(Books.State.CANCELLED);
    assertThat(get(back, "/stats/prometheus"))
        .contains("handfast_tx_heuristic_total{kind=\"mixed\"} 1");
    assertThat(tx(back, "forget", tx, "--yes").exitCode()).isZero();
    assertThat(list(back, "kept")).isEmpty();
  }

  private static SidecarProcess.Ended tx(SidecarProcess at, String command, String... more)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of("tx", command));
    arguments.addAll(List.of(more));
    arguments.addAll(List.of("--admin", at.adminAddress()));
    return at.run(arguments.toArray(String[]::new));
  }

  /** Waits until exactly one transaction is in that state. */
  private static JsonNode only(SidecarProcess at, String state) {
    return Awaitility.await(state)
        .atMost(PATIENCE)
        .until(() -> list(at, state), found -> found.size() == 1)
        .get(0);
  }

  private static JsonNode list(SidecarProcess at, String state) throws Exception {
    SidecarProcess.Ended ended = tx(at, "list", "--state", state, "-o", "json");
    assertThat(ended.exitCode()).as(ended.output()).isZero();
    return JSON.readTree(ended.output().substring(ended.output().indexOf('{'))).path("inFlight");
  }

  private static String get(SidecarProcess at, String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create("http://" + at.adminAddress() + path)).build());
  }

  private static String post(SidecarProcess at, String tx) throws Exception {
    String query = "?decision=abort&by=eve&reason=why&id=" + tx;
    return send(
        HttpRequest.newBuilder(
                URI.create("http://" + at.adminAddress() + "/transaction_resolve" + query))
            .POST(HttpRequest.BodyPublishers.noBody())
            .build());
  }

  private static String send(HttpRequest request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
