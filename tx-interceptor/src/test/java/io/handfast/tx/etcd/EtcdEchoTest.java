package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.handfast.transaction.v1.BranchOutcome;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Carried;
import io.handfast.tx.port.SharedStore.Found;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What arrives late, and who wakes up late, changes nothing that was settled meanwhile (T19). */
class EtcdEchoTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final AtomicInteger PREFIXES = new AtomicInteger();
  @TempDir private static Path directory;
  private static EtcdCluster etcd;

  private final List<Life> lives = new ArrayList<>();
  private final TxId tx = Life.tx(1);
  private EtcdOptions options;
  private Client client;

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

  @BeforeEach
  void connect() {
    options = EtcdOptions.of(etcd.endpoints(), "/echo/" + PREFIXES.incrementAndGet());
    client = Client.builder().endpoints(etcd.endpoints().toArray(String[]::new)).build();
  }

  @AfterEach
  void close() {
    lives.forEach(Life::close);
    client.close();
  }

  private Life life(String service, String authority) throws Exception {
    return life(Opening.client(options), service, authority);
  }

  private Life life(Client over, String service, String authority) throws Exception {
    Life life = Life.open(over, options, service, authority);
    lives.add(life);
    return life;
  }

  private List<KeyValue> all(String part) throws Exception {
    return client
        .getKVClient()
        .get(Keys.bytes(options.prefix() + part), GetOption.builder().isPrefix(true).build())
        .get(5, TimeUnit.SECONDS)
        .getKvs();
  }

  private KeyValue key(Life life) throws Exception {
    return all("/incarnations/").stream()
        .filter(kv -> kv.getCreateRevision() == life.store.incarnation())
        .findFirst()
        .orElseThrow();
  }

  /** Its lease ends though it lives: as if it had been stopped for that long. */
  private void expire(Life life) throws Exception {
    client.getLeaseClient().revoke(key(life).getLease()).get(5, TimeUnit.SECONDS);
  }

  @Test
  void shouldNotLetBegunRiseAgainWhenAnAttemptArrivesAfterItsEndT19() throws Exception {
    // Given: the first attempt is stuck, the second is written, the branch ends
    LateClient late = new LateClient(Opening.client(options));
    Life one = life(late.client(), "a", "a:1");
    Life other = life("b", "b:1");
    late.keepNext();
    assertThat(one.write(one.begun(tx, 1, true))).isEqualTo("durable");
    assertThat(one.write(one.branchEnded(tx, 1, BranchOutcome.BRANCH_COMMITTED)))
        .isEqualTo("durable");

    // When
    late.deliver();

    // Then
    Carried carried =
        other.loop.<Carried>ask(told -> other.store.carried(tx, new BranchId(1), "a", "a:1", told));
    assertThat(carried).isEqualTo(Carried.ENDED);

    // And: nothing is left to be claimed when nothing can arrive any more
    Life replica = life("a", "a:2").takingOver();
    one.die();
    expire(one);
    Awaitility.await().atMost(SOON).until(() -> all("/branches/").isEmpty());
    assertThat(replica.claimed).isEmpty();
  }

  @Test
  void shouldKeepAbortWhileAnAttemptToCommitMayArriveT19() throws Exception {
    // Given: the first attempt is stuck, ABORT is written, the second loses
    LateClient late = new LateClient(Opening.client(options));
    Life coordinator = life(late.client(), "a", "a:1");
    Life participant = life("b", "b:1");
    late.keepNext();
    CompletableFuture<String> told =
        CompletableFuture.supplyAsync(() -> {
          try {
            return coordinator.write(coordinator.decision(tx));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    assertThat(participant.abortAsParticipant(tx)).isInstanceOf(Found.Aborted.class);
    assertThat(told.get(20, TimeUnit.SECONDS)).startsWith("lost");

    // When: the coordinator owes nothing any more, and then the first arrives
    assertThat(coordinator.write(Life.ended(tx))).isEqualTo("durable");
    late.deliver();

    // Then
    assertThat(participant.read(tx)).isInstanceOf(Found.Aborted.class);
  }

  @Test
  void shouldForgetAbortWhenItsCoordinatorHasEndedAndNoCommitCanArriveT19() throws Exception {
    // Given
    Life coordinator = life("a", "a:1");
    Life participant = life("b", "b:1");
    assertThat(participant.abortAsParticipant(tx)).isInstanceOf(Found.Aborted.class);
    assertThat(coordinator.write(coordinator.decision(tx))).startsWith("lost");

    // When
    assertThat(coordinator.write(Life.ended(tx))).isEqualTo("durable");

    // Then
    assertThat(all("/decisions/")).isEmpty();
  }

  @Test
  void shouldNotAbortForABranchThatAReplicaHasEndedT19() throws Exception {
    // Given: a replica has carried COMMIT out, and the coordinator has forgotten it
    Life paused = life("a", "a:1");
    paused.write(paused.begun(tx, 1, true));
    paused.write(paused.begun(tx, 2, true));
    expire(paused);
    Life replica = life("a", "a:2").takingOver();
    replica.nextClaim();
    replica.nextClaim();
    for (long branch = 1; branch <= 2; branch++) {
      replica.write(paused.branchEnded(tx, branch, BranchOutcome.BRANCH_COMMITTED));
    }

    // When
    Found expired = paused.inquire(tx, 1, true);

    // Then
    assertThat(expired).isInstanceOf(Found.TakenOver.class);
    assertThat(all("/decisions/")).isEmpty();

    // And: an ABORT that another wrote after it is none of its own either
    assertThat(replica.abortAsParticipant(tx)).isInstanceOf(Found.Aborted.class);
    assertThat(paused.inquire(tx, 2, false)).isInstanceOf(Found.TakenOver.class);
  }

  @Test
  void shouldAbortForABranchThatIsStillItsOwnT19() throws Exception {
    // Given
    Life one = life("a", "a:1");
    one.write(one.begun(tx, 1, true));
    one.write(one.prepared(tx, 1, true));
    assertThat(one.inquire(tx, 1, false)).isInstanceOf(Found.Nothing.class);

    // When, Then
    assertThat(one.inquire(tx, 1, true)).isInstanceOf(Found.Aborted.class);
    assertThat(one.inquire(tx, 1, false)).isInstanceOf(Found.Aborted.class);
  }

  @Test
  void shouldKeepApartABranchIdThatReachedTwoPodsT10() throws Exception {
    // Given
    Life first = life("a", "a:1");
    Life second = life("a", "a:2");
    first.write(first.begun(tx, 1, true));
    second.write(second.begun(tx, 1, true));
    Life replica = life("a", "a:3").takingOver();
    for (Life lost : List.of(first, second)) {
      lost.die();
      expire(lost);
    }
    replica.nextClaim();
    replica.nextClaim();

    // When
    replica.write(first.branchEnded(tx, 1, BranchOutcome.BRANCH_ABORTED));

    // Then
    assertThat(open()).singleElement().asString().endsWith("/a:2");
    replica.write(second.branchEnded(tx, 1, BranchOutcome.BRANCH_ABORTED));
    assertThat(open()).isEmpty();
  }

  /** Keys of branches that have not ended. */
  private List<String> open() throws Exception {
    return all("/branches/").stream()
        .filter(it -> !Records.parse(it).hasBranchEnded())
        .map(it -> Keys.text(it.getKey()))
        .toList();
  }

  @Test
  void shouldTakeUpItsOwnRecordsOfWhichItKnowsNothingT19() throws Exception {
    // Given: what a claim or a BEGUN leaves that was in doubt and written all the same
    Life one = life("a", "a:1");
    String owner = new Keys(options.prefix()).incarnationName(key(one).getKey());
    Record begun = one.begun(tx, 1, false).toBuilder().setOwner(owner).build();
    Record decision = one.decision(tx).toBuilder().setOwner(owner).build();
    put("/branches/a/" + tx + "/0000000000000001/a:1", begun);
    put("/decisions/" + tx, decision);
    TxId running = Life.tx(2);
    one.write(one.begun(running, 1, false));
    one.write(one.decision(running));

    // When: it looks, and not before all of it stands
    one.takingOver();

    // Then
    assertThat(List.of(one.nextClaim(), one.nextClaim())).containsExactly(begun, decision);
    assertThat(one.write(one.branchEnded(tx, 1, BranchOutcome.BRANCH_COMMITTED)))
        .isEqualTo("durable");
    one.write(Life.ended(tx));
    assertThat(one.claimed).isEmpty();
    assertThat(all("/branches/")).hasSize(1);
    assertThat(all("/decisions/")).hasSize(1);
  }

  private void put(String key, Record record) throws Exception {
    client
        .getKVClient()
        .put(Keys.bytes(options.prefix() + key), Records.value(record))
        .get(5, TimeUnit.SECONDS);
  }
}
