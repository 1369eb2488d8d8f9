package io.handfast.tx.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.auth.Permission;
import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Found;
import io.handfast.tx.port.TransactionStore.Health;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster that fails in part does to decisions (T18), and who may reach it. */
class EtcdClusterTest {
  @TempDir private Path directory;

  private static EtcdOptions options(EtcdCluster etcd) {
    return new EtcdOptions(
        etcd.endpoints(),
        "/cluster",
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(30),
        EtcdOptions.DEFAULT_MAX_TXN_OPS);
  }

  @Test
  void shouldDecideWhenTheLeaderOrOneOfThreeIsLost() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(directory, 3);
        Life one = Life.open(options(etcd), "a", "a:1")) {
      // Given
      assertThat(one.write(one.decision(Life.tx(1)))).isEqualTo("durable");

      // When
      int leader = etcd.leader();
      etcd.kill(leader);

      // Then: an election may take longer than anybody waits
      assertThat(one.write(one.decision(Life.tx(2))))
          .matches("durable|in doubt: etcd: no answer within .*");
      awaitLeader(etcd);
      assertThat(one.write(one.decision(Life.tx(3)))).isEqualTo("durable");
      etcd.restart(leader);
      awaitLeader(etcd);
      etcd.pause((etcd.leader() + 1) % 3);
      for (int i = 4; i < 10; i++) {
        assertThat(one.write(one.decision(Life.tx(i)))).isEqualTo("durable");
      }
    }
  }

  private static void awaitLeader(EtcdCluster etcd) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .ignoreExceptions()
        .until(() -> etcd.leader() >= 0);
  }

  @Test
  void shouldDecideNothingWithoutAMajorityAndEndTheDoubtWithItT18() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(directory, 3);
        Life one = Life.open(options(etcd), "a", "a:1")) {
      // Given
      TxId tx = Life.tx(1);
      long began = one.store.incarnation();
      Record decision = one.decision(tx);
      etcd.pause(0);
      etcd.pause(1);

      // When
      String told = one.write(decision);

      // Then: nobody knows, and nobody says anything
      assertThat(told).startsWith("in doubt: etcd:");
      assertThat(one.store.health()).isInstanceOf(Health.Failed.class);
      assertThat(one.abortAsCoordinator(tx, began)).isInstanceOf(Found.Unanswered.class);

      // And: the store says it when it can, once and for all
      etcd.resume(0);
      etcd.resume(1);
      Found found =
          Awaitility.await()
              .atMost(Duration.ofSeconds(20))
              .until(
                  () -> one.abortAsCoordinator(tx, began),
                  it -> it instanceof Found.Committed || it instanceof Found.Aborted);
      assertThat(one.read(tx)).hasSameClassAs(found);
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> one.store.health() instanceof Health.Ready);
    }
  }

  @Test
  void shouldNeedTheRightUserWhereEtcdAsksForOne() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(directory, 1)) {
      // Given
      try (Client root =
          Client.builder().endpoints(etcd.endpoints().toArray(String[]::new)).build()) {
        var auth = root.getAuthClient();
        auth.userAdd(Keys.bytes("root"), Keys.bytes("secret")).get(5, TimeUnit.SECONDS);
        auth.roleAdd(Keys.bytes("root")).get(5, TimeUnit.SECONDS);
        auth.userGrantRole(Keys.bytes("root"), Keys.bytes("root")).get(5, TimeUnit.SECONDS);
        auth.userAdd(Keys.bytes("mesh"), Keys.bytes("word")).get(5, TimeUnit.SECONDS);
        auth.roleAdd(Keys.bytes("mesh")).get(5, TimeUnit.SECONDS);
        auth.roleGrantPermission(
                Keys.bytes("mesh"),
                Keys.bytes("/cluster/"),
                Keys.bytes("/cluster0"),
                Permission.Type.READWRITE)
            .get(5, TimeUnit.SECONDS);
        auth.userGrantRole(Keys.bytes("mesh"), Keys.bytes("mesh")).get(5, TimeUnit.SECONDS);
        auth.authEnable().get(5, TimeUnit.SECONDS);
      }

      // When, Then
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> Life.open(options(etcd), "a", "a:1"))
          .isInstanceOf(EtcdOpenException.class)
          .hasMessageContaining("etcd")
          .hasMessageNotContaining("word");
      try (Life one = Life.open(as(etcd, "word"), "a", "a:1")) {
        assertThat(one.write(one.decision(Life.tx(1)))).isEqualTo("durable");

        // And: a server that has forgotten who was logged in
        etcd.kill(0);
        etcd.restart(0);
        AtomicInteger tries = new AtomicInteger(1);
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> one.write(one.decision(Life.tx(tries.incrementAndGet()))).equals("durable"));
      }
    }
  }

  private static EtcdOptions as(EtcdCluster etcd, String password) {
    EtcdOptions plain = options(etcd);
    return new EtcdOptions(
        List.copyOf(plain.endpoints()),
        plain.prefix(),
        Optional.of(new EtcdOptions.Credentials("mesh", password)),
        Optional.empty(),
        plain.lease(),
        plain.maxTxnOps());
  }
}
