package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Savepoints of a block: what ROLLBACK TO brings back is in its branch as before. */
final class SavepointTest {
  @Test
  void shouldSetTheLimitOfLocksAgainWhereItsSavepointIsRolledBack() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF).query("UPDATE broken");
      talk.ran();

      // When
      talk.query("ROLLBACK TO s").query("UPDATE b").query("COMMIT");

      // Then
      assertThat(talk.ran())
          .startsWith("ROLLBACK TO s; SET LOCAL lock_timeout = 9000; UPDATE b; ")
          .endsWith("PREPARE TRANSACTION 'hf1_700'");
      assertThat(talk.heard()).endsWith("E23505 ZE C(ROLLBACK) ZT C(UPDATE 1) ZT C(COMMIT) ZI");
    }
  }

  @Test
  void shouldNotRaiseTheServicesOwnLimitOfLocks() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).query("SET LOCAL lock_timeout = 5");
      talk.ran();

      // When
      talk.query("SAVEPOINT s").query("ROLLBACK TO s").query("UPDATE b");

      // Then
      assertThat(talk.ran()).isEqualTo("SAVEPOINT s; ROLLBACK TO s; UPDATE b");
    }
  }

  @Test
  void T4_shouldPrepareBehindARollbackToInThePipelineOfAFailedBlock() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF).query("UPDATE broken");
      talk.heard();

      // When
      talk.run("ROLLBACK TO s").run("COMMIT").sync();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(ROLLBACK) 1 2 n C(COMMIT) ZI");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T4_shouldPrepareBehindARollbackToThatWasSentBeforeTheErrorWasKnown() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF);
      talk.heard();

      // When
      talk.serving = false;
      talk.run("UPDATE broken").sync().run("ROLLBACK TO s").run("COMMIT").sync();
      talk.serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n E23505 ZE 1 2 n C(ROLLBACK) 1 2 n C(COMMIT) ZI");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T12_shouldUndoADoomedBlockBehindARollbackToInThePipeline() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF).query("UPDATE broken");
      talk.heard();

      // When
      talk.server.buffering = true;
      talk.run("ROLLBACK TO s").doom().run("COMMIT").sync();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(ROLLBACK) 1 2 n E40000 ZI");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("failed the branch was aborted");
    }
  }

  @Test
  void T4_shouldTakeInWhatARollbackToLetsABlockDoInItsPipeline() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE broken");

      // When
      talk.run("ROLLBACK TO s").run("UPDATE a" + HF).sync().query("COMMIT");

      // Then
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a");
    }
  }

  @Test
  void T4_shouldKeepWhatABlockNamesWhereItsEndIsSkipped() {
    for (String end : new String[] {"COMMIT", "ROLLBACK"}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.server.failing.put("broken", "23505");
        talk.query("BEGIN").query("SET LOCAL handfast.tx = '" + BRANCH + "'");
        talk.query("SAVEPOINT s").run("SHOW broken").run(end).sync();

        // When
        talk.query("ROLLBACK TO s").query("UPDATE a").query("COMMIT");

        // Then
        assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a");
        assertThat(talk.server.committed).isEmpty();
      }
    }
  }
}
