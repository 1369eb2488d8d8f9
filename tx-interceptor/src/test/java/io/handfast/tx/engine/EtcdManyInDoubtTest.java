package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.DecidedBranch;
import io.handfast.transaction.v1.Decision;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.engine.base.Bounds;
import io.handfast.tx.engine.base.Messages;
import io.handfast.tx.port.TransactionStore;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A restart that finds thousands of branches in doubt in a store that is shared (T15, T19). */
class EtcdManyInDoubtTest {
  private static final int BRANCHES = 3_000;
  private static final long START_MS = 1_749_000_000_000L;

  /** Batches that are written, a look at what lost sidecars left. */
  private static final int BESIDE = 4;

  private final SharedMesh mesh = new SharedMesh();
  private final SharedPod front = mesh.pod("front", "front-1");
  private final SharedPod bank = mesh.pod("bank", "bank-1");

  private static TxId tx(int n) {
    return TxId.of(START_MS + n, n & 0xfff, n);
  }

  private static Completion completion(String path) {
    return Completion.newBuilder().setMethod("POST").setPath(path).build();
  }

  private Record begun(int n) {
    return Record.newBuilder()
        .setTimeMs(START_MS + n)
        .setBegun(
            BranchBegun.newBuilder()
                .setComplete(true)
                .setTryTimeoutMs(100)
                .setConfirm(completion("/confirm/" + n))
                .setCancel(completion("/cancel/" + n))
                .setBranch(
                    BranchRef.newBuilder()
                        .setTxId(Messages.bytes(tx(n)))
                        .setBranchId(n + 1)
                        .setDecider(bank.store().storeId())
                        .setCoordinator("front-1:15014")
                        .setService("bank")
                        .setMode("callback")
                        .setParticipant("bank-1:15014")))
        .build();
  }

  private Record decision(int n) {
    return Record.newBuilder()
        .setTimeMs(START_MS + n)
        .setDecision(
            Decision.newBuilder()
                .setTxId(Messages.bytes(tx(n)))
                .setIncarnation(front.store().incarnation())
                .setService("front")
                .addBranches(
                    DecidedBranch.newBuilder()
                        .setBranchId(n + 1)
                        .setParticipant("bank-1:15014")
                        .setStoreId(bank.store().storeId())
                        .setService("bank")
                        .setMode("callback")))
        .build();
  }

  private static void write(SharedPod pod, Record record) {
    pod.loop()
        .execute(() ->
            pod.store()
                .append(
                    record,
                    TransactionStore.Durability.FORCED,
                    TransactionStore.Need.ESSENTIAL,
                    new TransactionStore.WriteCallback() {
                      @Override
                      public void onDurable() {}

                      @Override
                      public void onRefused(String reason) {
                        throw new AssertionError(reason);
                      }

                      @Override
                      public void onInDoubt(String reason) {
                        throw new AssertionError(reason);
                      }
                    }));
  }

  @Test
  void shouldResolveThousandsInASharedStoreWithABoundT15() {
    // Given: every other one is decided
    for (int n = 0; n < BRANCHES; n++) {
      write(bank, begun(n));
      if (n % 2 == 0) {
        write(front, decision(n));
      }
    }
    mesh.pass(Duration.ofSeconds(1));
    assertThat(mesh.etcd.records()).hasSize(BRANCHES + BRANCHES / 2);

    // When
    bank.etcdNanos = 1_000_000;
    bank.restart();
    mesh.pass(Duration.ofSeconds(20));

    // Then
    assertThat(bank.list().inDoubt()).isZero();
    assertThat(bank.completions).hasSize(BRANCHES);
    assertThat(bank.completions.stream().filter(it -> it.contains("/confirm/")).count())
        .isEqualTo(BRANCHES / 2);
    assertThat(bank.mostAsking).isBetween(Bounds.MAX_INQUIRIES, Bounds.MAX_INQUIRIES + BESIDE);
  }
}
