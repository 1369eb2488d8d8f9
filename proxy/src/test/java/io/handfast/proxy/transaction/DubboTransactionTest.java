package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.handfast.tx.interceptor.RoutePolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.dubbo.rpc.RpcContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dubbo's Triple in a transaction: a client calls a service, which calls another, each behind its
 * sidecar, and none of the three knows of it.
 */
class DubboTransactionTest {
  @TempDir private static Path directory;
  private static final Neighbours PEERS = new Neighbours();
  private static final List<AutoCloseable> CLOSING = new ArrayList<>();
  private static final List<String> TRANSFERS = new CopyOnWriteArrayList<>();
  private static final List<String> RESERVATIONS = new CopyOnWriteArrayList<>();
  private static SidecarRig front;
  private static SidecarRig bank;
  private static DubboPeer.Transfers client;

  @BeforeAll
  static void start() throws Exception {
    front = rig("front");
    bank = rig("bank");
    DubboPeer bankPeer = closing(new DubboPeer("bank"));
    int bankService = bankPeer.serve(DubboPeer.Bank.class, DubboTransactionTest::reserve);
    int bankSidecar = bank.inbound(participant(callback()), bankService, true);
    int outbound = front.outbound(RoutePolicy.NONE, bankSidecar, MESH);
    DubboPeer frontPeer = closing(new DubboPeer("front"));
    DubboPeer.Bank remote = frontPeer.reference(DubboPeer.Bank.class, outbound);
    int frontService =
        frontPeer.serve(DubboPeer.Transfers.class, amount -> transfer(remote, amount));
    int boundary = front.inbound(boundary(callback(), 1 << 20), frontService, false);
    client = closing(new DubboPeer("client")).reference(DubboPeer.Transfers.class, boundary);
  }

  @AfterAll
  static void close() throws Exception {
    for (AutoCloseable each : CLOSING.reversed()) {
      each.close();
    }
  }

  private static <T extends AutoCloseable> T closing(T resource) {
    CLOSING.add(resource);
    return resource;
  }

  private static SidecarRig rig(String name) throws Exception {
    return closing(
        new SidecarRig(name, directory, PEERS, exchange -> SidecarRig.answer(exchange, 200, "")));
  }

  /** Carries its trace headers on, as an instrumented service does. */
  private static String transfer(DubboPeer.Bank remote, int amount) {
    TRANSFERS.add("transfer " + amount);
    for (String name : List.of("traceparent", "tracestate", "baggage")) {
      String value = RpcContext.getServerAttachment().getAttachment(name);
      RpcContext.getClientAttachment().setAttachment(name, value);
    }
    return "transferred: " + remote.reserve(amount);
  }

  private static String reserve(int amount) {
    RESERVATIONS.add("reserve " + amount);
    if (amount > 100) {
      throw new IllegalStateException("more than there is");
    }
    return "reserved " + amount;
  }

  @BeforeEach
  void forget() {
    TRANSFERS.clear();
    RESERVATIONS.clear();
    front.completions.clear();
    bank.completions.clear();
  }

  @Test
  void shouldCommitACallOfTripleThroughTwoSidecars() {
    // When
    String answer = client.transfer(7);

    // Then
    assertThat(answer).isEqualTo("transferred: reserved 7");
    assertThat(RESERVATIONS).containsExactly("reserve 7");
    await()
        .untilAsserted(() -> {
          assertThat(front.completions).containsExactly("POST /confirm");
          assertThat(bank.completions).containsExactly("POST /confirm");
        });
  }

  /** An exception is UNKNOWN in Triple: what it left behind is undone. */
  @Test
  void shouldAbortAndUndoWhenTheServiceBelowThrows() {
    // When, Then
    assertThatThrownBy(() -> client.transfer(700)).isInstanceOf(Exception.class);
    assertThat(TRANSFERS).hasSize(1);
    assertThat(RESERVATIONS).as("no retry of a branch").hasSize(1);
    await()
        .untilAsserted(() -> {
          assertThat(bank.completions).containsExactly("POST /cancel");
          assertThat(front.completions).containsExactly("POST /cancel");
        });
  }
}
