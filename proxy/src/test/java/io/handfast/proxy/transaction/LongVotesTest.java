package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.interceptor.RoutePolicy;
import io.handfast.tx.resource.ReadOnlyResource;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Votes that are too many for a header, over sockets. */
class LongVotesTest {
  /** Of a list. */
  private static final int MAX_HEADER = 4_096;

  /** Each vote takes some hundred bytes. */
  private static final int CALLS = 60;

  @TempDir private Path directory;

  /** A client, the front, which calls the bank, which calls a leaf many times. */
  @Test
  void shouldSendAListAbove4KibAsAMessageT8() throws Exception {
    Neighbours peers = new Neighbours();
    CompletableFuture<Integer> toBank = new CompletableFuture<>();
    CompletableFuture<Integer> toLeaf = new CompletableFuture<>();
    try (SidecarRig leaf =
            new SidecarRig(
                "leaf", directory, peers, exchange -> SidecarRig.answer(exchange, 200, "leaf"));
        SidecarRig bank =
            new SidecarRig(
                "bank",
                directory,
                peers,
                exchange -> {
                  for (int i = 0; i < CALLS; i++) {
                    SidecarRig.send(toLeaf.join(), "POST", "{}", SidecarRig.carried(exchange));
                  }
                  SidecarRig.answer(exchange, 200, "bank");
                });
        SidecarRig front =
            new SidecarRig(
                "front",
                directory,
                peers,
                exchange -> {
                  HttpResponse<String> answer =
                      SidecarRig.send(toBank.join(), "POST", "{}", SidecarRig.carried(exchange));
                  SidecarRig.answer(exchange, answer.statusCode(), answer.body());
                })) {
      // Given
      int leafPort = leaf.inbound(participant(ReadOnlyResource.INSTANCE), true);
      toLeaf.complete(bank.outbound(RoutePolicy.NONE, leafPort, MESH));
      int bankPort = bank.inbound(participant(callback()), true);
      toBank.complete(front.outbound(RoutePolicy.NONE, bankPort, MESH));
      int port = front.inbound(boundary(callback(), 1 << 20), false);

      // When
      HttpResponse<String> answer = SidecarRig.send(port, "POST", "{}");

      // Then: one message has them all, the call's own too, and they count
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("tx-outcome")).hasValue("committed");
      assertThat(peers.votes)
          .anySatisfy(message -> {
            assertThat(message.getVotesCount()).isEqualTo(CALLS + 1);
            assertThat(message.getSerializedSize()).isGreaterThan(MAX_HEADER / 2);
            assertThat(message.getVotesList())
                .anyMatch(vote -> vote.getBranchId() == message.getCallBranchId());
          });
      await().untilAsserted(() -> assertThat(bank.completions).containsExactly("POST /confirm"));
    }
  }
}
