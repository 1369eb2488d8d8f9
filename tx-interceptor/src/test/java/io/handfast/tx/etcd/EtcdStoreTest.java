package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.GetOption;
import io.handfast.transaction.v1.BranchEnded;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Forgotten;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Carried;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.port.TransactionStore.Durability;
import io.handfast.tx.port.TransactionStore.Health;
import io.handfast.tx.port.TransactionStore.Need;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in a real etcd, and who may change it (T18, T19). */
class EtcdStoreTest {
  @TempDir private static Path directory;
  private static EtcdCluster etcd;
  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private final String prefix = "/test/" + PREFIXES.incrementAndGet();
  private final List<Life> lives = new ArrayList<>();
  private final TxId tx = Life.tx(1);

  @BeforeAll
  static void start() throws Exception {
    etcd = EtcdCluster.start(directory, 1);
  }

  @AfterAll
  static void stop() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @AfterEach
  void close() {
    lives.forEach(Life::close);
  }

  private Life life(String service, String authority) throws Exception {
    Life life = Life.open(options(), service, authority);
    lives.add(life);
    return life;
  }

  private EtcdOptions options() {
    return new EtcdOptions(
        etcd.endpoints(), prefix, Optional.empty(), Optional.empty(), Duration.ofSeconds(10), 128);
  }

  /** etcd takes the key away, as when the lease has ended. */
  private void lose(Life life) throws Exception {
    life.die();
    try (Client client = client()) {
      client.getLeaseClient().revoke(lease(client, life)).get(5, TimeUnit.SECONDS);
    }
  }

  private long lease(Client client, Life life) throws Exception {
    return client
        .getKVClient()
        .get(Keys.bytes(prefix + "/incarnations/"), GetOption.builder().isPrefix(true).build())
        .get(5, TimeUnit.SECONDS)
        .getKvs()
        .stream()
        .filter(kv -> kv.getCreateRevision() == life.store.incarnation())
        .findFirst()
        .orElseThrow()
        .getLease();
  }

  private static Client client() {
    return Client.builder().endpoints(etcd.endpoints().toArray(String[]::new)).build();
  }

  private static long count(String prefix) throws Exception {
    try (Client client = client()) {
      return client
          .getKVClient()
          .get(Keys.bytes(prefix), GetOption.builder().isPrefix(true).withCountOnly(true).build())
          .get(5, TimeUnit.SECONDS)
          .getCount();
    }
  }

  @Test
  void shouldBeOneStoreForAllOfAPrefixAndEachLifeAnotherIncarnation() throws Exception {
    // When
    Life one = life("a", "a:1");
    Life two = life("b", "b:1");

    // Then
    assertThat(one.store.storeId()).startsWith("e.").isEqualTo(two.store.storeId());
    assertThat(two.store.incarnation()).isGreaterThan(one.store.incarnation());
    assertThat(one.store.health()).isEqualTo(new Health.Ready());
  }

  @Test
  void shouldRefuseAPrefixThatAnotherVersionWrote() throws Exception {
    // Given
    try (Client client = client()) {
      client
          .getKVClient()
          .put(Keys.bytes(prefix + "/store"), Keys.bytes("handfast-etcd 2 x"))
          .get(5, TimeUnit.SECONDS);
    }

    // When, Then
    assertThatThrownBy(() -> life("a", "a:1"))
        .isInstanceOf(EtcdOpenException.class)
        .hasMessageContaining("handfast-etcd 2 x")
        .hasMessageContaining("expected");
  }

  @Test
  void shouldTellParticipantsTheDecisionThatStandsT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1");
    assertThat(participant.read(tx)).isInstanceOf(Found.Nothing.class);

    // When
    assertThat(coordinator.write(coordinator.decision(tx))).isEqualTo("durable");

    // Then
    assertThat(participant.read(tx)).isInstanceOf(Found.Committed.class);
    assertThat(participant.abortAsParticipant(tx)).isInstanceOf(Found.Committed.class);
  }

  @Test
  void shouldLoseToAnAbortThatWasFirstT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1");
    assertThat(participant.abortAsParticipant(tx)).isInstanceOf(Found.Aborted.class);

    // When
    String told = coordinator.write(coordinator.decision(tx));

    // Then
    assertThat(told).startsWith("lost: ABORT stands: b at b:1");
    assertThat(coordinator.read(tx)).isInstanceOf(Found.Aborted.class);
    assertThat(coordinator.abortAsCoordinator(tx, coordinator.store.incarnation()))
        .isInstanceOf(Found.Aborted.class);
  }

  @Test
  void shouldLetExactlyOneOfCommitAndAbortWinWhenTheyRaceT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1");
    int committed = 0;

    // When
    for (int i = 0; i < 100; i++) {
      TxId raced = Life.tx(1000 + i);
      var aborting = new java.util.concurrent.CompletableFuture<Found>();
      participant.loop.execute(
          () -> participant.store.inquire(raced, Life.ELSEWHERE, true, aborting::complete));
      String told = coordinator.write(coordinator.decision(raced));
      Found found = aborting.get(10, TimeUnit.SECONDS);

      // Then
      boolean won = told.equals("durable");
      assertThat(found).isInstanceOf(won ? Found.Committed.class : Found.Aborted.class);
      committed += won ? 1 : 0;
    }
    assertThat(committed).isBetween(0, 100);
  }

  @Test
  void shouldNotCommitWhenTheIncarnationIsGoneT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    long began = coordinator.store.incarnation();
    Record decision = coordinator.decision(tx);
    try (Client client = client()) {
      client.getLeaseClient().revoke(lease(client, coordinator)).get(5, TimeUnit.SECONDS);
    }

    // When
    String told = coordinator.write(decision);

    // Then
    assertThat(told).startsWith("refused: etcd: this sidecar's lease was lost");
    assertThat(coordinator.read(tx)).isInstanceOf(Found.Nothing.class);
    assertThat(coordinator.abortAsCoordinator(tx, began)).isInstanceOf(Found.Nothing.class);
  }

  @Test
  void shouldBeginAnotherLifeAndKeepItsBranchesWhenItsLeaseWasLost() throws Exception {
    // Given
    Life one = life("a", "a:1");
    long first = one.store.incarnation();
    assertThat(one.write(one.begun(tx, 1, false))).isEqualTo("durable");

    // When
    try (Client client = client()) {
      client.getLeaseClient().revoke(lease(client, one)).get(5, TimeUnit.SECONDS);
    }
    Awaitility.await().until(() -> one.store.incarnation() > first);

    // Then
    assertThat(one.write(one.prepared(tx, 1, false))).isEqualTo("durable");
    assertThat(one.write(one.decision(Life.tx(2)))).isEqualTo("durable");
    assertThat(one.store.stats().incarnationsLost()).isEqualTo(1);
  }

  @Test
  void shouldWriteTheBoundarysRecordWithTheDecision() throws Exception {
    // Given
    Life one = life("a", "a:1");
    assertThat(one.write(one.begun(tx, 1, false))).isEqualTo("durable");

    // When
    assertThat(one.write(one.decisionWithOwn(tx, 1))).isEqualTo("durable");

    // Then
    assertThat(one.write(one.branchEnded(tx, 1, BranchOutcome.BRANCH_COMMITTED)))
        .isEqualTo("durable");
    assertThat(count(prefix + "/branches/")).isZero();
    assertThat(one.write(Life.ended(tx), Durability.LAZY)).isEqualTo("durable");
    assertThat(count(prefix + "/decisions/")).isZero();
  }

  @Test
  void shouldTellWhoOwesAnOutcomeThatItWasCarriedOutT16() throws Exception {
    // Given
    Life one = life("a", "a:1");
    Life other = life("b", "b:1");
    one.write(one.begun(tx, 1, false));
    one.write(one.begun(tx, 2, false));
    assertThat(carried(other, 1)).isEqualTo(Carried.OPEN);

    // When
    one.write(one.branchEnded(tx, 1, BranchOutcome.BRANCH_COMMITTED));
    one.write(one.branchEnded(tx, 2, BranchOutcome.HEURISTIC_HAZARD));

    // Then
    assertThat(carried(other, 1)).isEqualTo(Carried.ENDED);
    assertThat(carried(other, 2)).isEqualTo(Carried.HAZARD);
  }

  @Test
  void shouldRemoveTheRecordOfAHazardThatSomebodyHasForgottenT21() throws Exception {
    // Given
    Life one = life("a", "a:1");
    one.write(one.begun(tx, 1, false));
    Record hazard = one.branchEnded(tx, 1, BranchOutcome.HEURISTIC_HAZARD);
    one.write(hazard);
    assertThat(count(prefix + "/branches/")).isEqualTo(1);
    Record forgotten =
        Record.newBuilder()
            .setForgotten(
                Forgotten.newBuilder()
                    .setBranch(hazard.getBranchEnded().toBuilder().setService("a")))
            .build();

    // When
    assertThat(one.write(forgotten)).isEqualTo("durable");

    // Then
    assertThat(count(prefix + "/branches/")).isZero();
    assertThat(one.write(forgotten)).as("twice is once").isEqualTo("durable");
  }

  private Carried carried(Life asker, long branch) throws Exception {
    return asker.loop.<Carried>ask(
        told -> asker.store.carried(tx, new BranchId(branch), "a", "a:1", told));
  }

  @Test
  void shouldTakeOverWhatALostReplicaLeftT19() throws Exception {
    // Given
    Life lost = life("a", "a:1");
    lost.write(lost.decision(tx));
    lost.write(lost.begun(tx, 1, true));
    lost.write(lost.begun(tx, 2, false));
    Life stranger = life("b", "b:1").takingOver();
    Life replica = life("a", "a:2").takingOver();

    // When
    lose(lost);

    // Then: the decision, and the branch whose replicas are equivalent
    List<Record> claimed = List.of(replica.nextClaim(), replica.nextClaim());
    assertThat(claimed).anyMatch(Record::hasDecision).anyMatch(Record::hasBegun);
    assertThat(
            claimed.stream()
                .filter(Record::hasBegun)
                .toList()
                .getFirst()
                .getBegun()
                .getBranch()
                .getBranchId())
        .isEqualTo(1);
    assertThat(replica.store.stats().claims()).isEqualTo(2);
    assertThat(stranger.claimed).isEmpty();
    assertThat(replica.write(lost.branchEnded(tx, 1, BranchOutcome.BRANCH_COMMITTED)))
        .isEqualTo("durable");

    // And: the other one by the same pod, come back
    Life back = life("a", "a:1").takingOver();
    assertThat(back.nextClaim().getBegun().getBranch().getBranchId()).isEqualTo(2);
  }

  @Test
  void shouldClaimARecordOnceHoweverOftenItLooksT19() throws Exception {
    // Given
    int count = 200;
    Life lost = life("a", "a:1");
    for (int i = 0; i < count; i++) {
      lost.write(lost.begun(Life.tx(i), 1, true), Durability.LAZY);
    }
    List<Life> others = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      others.add(life("a", "b:" + i));
    }
    Life replica = life("a", "a:2").takingOver();

    // When: every incarnation that vanishes makes it look
    lose(lost);
    for (Life other : others) {
      lose(other);
    }

    // Then
    for (int i = 0; i < count; i++) {
      replica.nextClaim();
    }
    Life last = life("a", "a:3");
    last.write(last.decision(Life.tx(count)));
    lose(last);
    assertThat(replica.nextClaim().hasDecision()).isTrue(); // it has looked again
    assertThat(replica.claimed).isEmpty();
    assertThat(replica.store.stats().claims()).isEqualTo(count + 1);
  }

  @Test
  void shouldLeaveAloneWhatANewerVersionWrote() throws Exception {
    // Given
    Life lost = life("a", "a:1");
    lost.write(lost.begun(tx, 2, true));
    try (Client client = client()) {
      for (String key : List.of("/branches/a/x/1/a:1", "/decisions/" + Life.tx(7))) {
        client
            .getKVClient()
            .put(Keys.bytes(prefix + key), Keys.bytes("no record"))
            .get(5, TimeUnit.SECONDS);
      }
    }
    Life replica = life("a", "a:2").takingOver();

    // When
    lose(lost);

    // Then
    assertThat(replica.nextClaim().getBegun().getBranch().getBranchId()).isEqualTo(2);
    assertThat(replica.read(Life.tx(7))).isInstanceOf(Found.Unanswered.class);
  }

  @Test
  void shouldLetTheLoserStopWhenItsBranchWasTakenOverT19() throws Exception {
    // Given
    Life paused = life("a", "a:1");
    paused.write(paused.begun(tx, 1, true));
    try (Client client = client()) {
      client.getLeaseClient().revoke(lease(client, paused)).get(5, TimeUnit.SECONDS);
    }
    Life replica = life("a", "a:2").takingOver();
    assertThat(replica.nextClaim().hasBegun()).isTrue();

    // When
    String told = paused.write(paused.prepared(tx, 1, true));

    // Then
    assertThat(told).startsWith("refused").contains("taken over by another replica");
    assertThat(paused.write(paused.branchEnded(tx, 1, BranchOutcome.BRANCH_ABORTED)))
        .startsWith("refused");
    assertThat(replica.write(paused.branchEnded(tx, 1, BranchOutcome.BRANCH_ABORTED)))
        .isEqualTo("durable");
    assertThat(paused.write(paused.branchEnded(tx, 1, BranchOutcome.BRANCH_ABORTED)))
        .isEqualTo("durable");
  }

  @Test
  void shouldLetAClaimLapseWithItsClaimersKeyT19() throws Exception {
    // Given
    Life lost = life("a", "a:1");
    lost.write(lost.decision(tx));
    lose(lost);
    Life first = life("a", "a:2").takingOver();
    assertThat(first.nextClaim().hasDecision()).isTrue();
    Life second = life("a", "a:3").takingOver();

    // When
    lose(first);

    // Then
    assertThat(second.nextClaim().hasDecision()).isTrue();
  }

  @Test
  void shouldKeepAbortUntilNobodyIsLeftWhoCouldCommitT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1").takingOver();
    participant.abortAsParticipant(tx);
    Life late = life("c", "c:1").takingOver();
    Life witness = life("a", "a:9");
    witness.write(witness.decision(Life.tx(99)));
    lose(witness);
    Life replica = life("a", "a:2").takingOver();
    assertThat(replica.nextClaim().hasDecision()).isTrue(); // it has looked
    assertThat(coordinator.read(tx)).isInstanceOf(Found.Aborted.class);

    // When: all go that lived before the ABORT
    lose(participant);
    lose(coordinator);

    // Then
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> late.read(tx) instanceof Found.Nothing);
  }

  @Test
  void shouldRefuseARecordThatIsTooLarge() throws Exception {
    // Given
    Life one = life("a", "a:1");
    Record large =
        Record.newBuilder()
            .setBranchEnded(
                BranchEnded.newBuilder().setDetail("x".repeat(EtcdStore.MAX_RECORD_BYTES)))
            .build();

    // When, Then
    assertThat(one.write(large)).startsWith("refused").contains("expected: at most");
  }

  @Test
  void shouldBatchDecisionsOfWhichOneFailsAlone() throws Exception {
    // Given
    int count = 500;
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1");
    participant.abortAsParticipant(Life.tx(250));
    long before = coordinator.store.stats().batches();
    ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    CountDownLatch all = new CountDownLatch(count);

    // When
    coordinator.loop.execute(() -> {
      for (int i = 0; i < count; i++) {
        coordinator.store.append(
            coordinator.decision(Life.tx(i)),
            Durability.FORCED,
            Need.ESSENTIAL,
            new WriteCallback() {
              @Override
              public void onDurable() {
                told("durable");
              }

              @Override
              public void onRefused(String reason) {
                told("refused");
              }

              @Override
              public void onInDoubt(String reason) {
                told("in doubt");
              }

              @Override
              public void onLost(String reason) {
                told("lost");
              }

              private void told(String word) {
                told.add(word);
                all.countDown();
              }
            });
      }
    });

    // Then
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(told.stream().filter("durable"::equals)).hasSize(count - 1);
    assertThat(told.stream().filter("lost"::equals)).hasSize(1);
    // 125 in one: what 128 operations of one transaction of etcd have room for.
    assertThat(coordinator.store.stats().batches() - before).isEqualTo(count / 125);
  }
}
