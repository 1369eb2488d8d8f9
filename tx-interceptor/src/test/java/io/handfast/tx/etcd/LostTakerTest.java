package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.BranchBegun;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.BranchRef;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.EngineLoop;
import io.handfast.tx.port.TransactionStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A branch that was taken over from a sidecar which only slept, by one that is lost as well: found
 * by the simulation.
 */
class LostTakerTest {
  private final SimulatedEtcd etcd = new SimulatedEtcd(record -> {}, key -> true);
  private final Turned loop = new Turned();
  private final List<Record> claimed = new ArrayList<>();
  private final List<String> told = new ArrayList<>();

  @Test
  void shouldEndABranchWhoseTakerIsLostT19() {
    // Given: the first sleeps after BEGUN, for longer than its lease, and another takes over
    SimulatedEtcd.Member sleeper = etcd.process(new Direct());
    EtcdStore first = open(sleeper, "bank-1:1");
    write(first, begun());
    SimulatedEtcd.Member other = etcd.process(new Direct());
    EtcdStore taker = open(other, "bank-2:1");
    sleeper.expire();
    taker.takeOver(claimed::addAll);
    loop.turn();
    assertThat(claimed).hasSize(1);

    // When: it has woken and undone the branch, while the other still lives
    write(first, ended());

    // Then: that one ends it
    assertThat(told).containsExactly("durable", "refused");
    assertThat(etcd.records()).singleElement().matches(Record::hasBegun);

    // When: the other is lost
    other.expire();
    write(first, ended());

    // Then
    assertThat(told).containsExactly("durable", "refused", "durable");
    assertThat(etcd.records()).isEmpty();
  }

  private EtcdStore open(SimulatedEtcd.Member process, String authority) {
    return process.open("bank", authority, new Random(authority.hashCode()), loop);
  }

  private void write(EtcdStore store, Record record) {
    store.append(
        record,
        TransactionStore.Durability.FORCED,
        TransactionStore.Need.ESSENTIAL,
        new TransactionStore.WriteCallback() {
          @Override
          public void onDurable() {
            told.add("durable");
          }

          @Override
          public void onRefused(String reason) {
            told.add("refused");
          }

          @Override
          public void onInDoubt(String reason) {
            told.add("in doubt");
          }
        });
    loop.turn();
  }

  private static Record begun() {
    return Record.newBuilder()
        .setBegun(
            BranchBegun.newBuilder()
                .setBranch(
                    BranchRef.newBuilder()
                        .setTxId(Life.bytes(TxId.of(1, 2, 3)))
                        .setBranchId(7)
                        .setService("bank")
                        .setParticipant("bank-1:1")
                        .setEquivalentReplicas(true)))
        .build();
  }

  private static Record ended() {
    return Record.newBuilder()
        .setBranchEnded(
            BranchEnded.newBuilder()
                .setTxId(Life.bytes(TxId.of(1, 2, 3)))
                .setBranchId(7)
                .setParticipant("bank-1:1")
                .setOutcome(BranchOutcome.BRANCH_ABORTED))
        .build();
  }

  /** Nothing is lost. */
  private static final class Direct implements SimulatedEtcd.Link {
    @Override
    public <T> CompletableFuture<T> send(Supplier<T> request) {
      return CompletableFuture.completedFuture(request.get());
    }

    @Override
    public void tell(Runnable told) {}

    @Override
    public boolean isCut() {
      return false;
    }
  }

  /** Turned by hand; its timers never run out. */
  private static final class Turned implements EngineLoop {
    private final Queue<Runnable> queue = new ArrayDeque<>();

    void turn() {
      for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
        next.run();
      }
    }

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long epochMillis() {
      return 1;
    }

    @Override
    public void execute(Runnable task) {
      queue.add(task);
    }

    @Override
    public Timer schedule(long delayNanos, Runnable task) {
      return () -> {};
    }
  }
}
