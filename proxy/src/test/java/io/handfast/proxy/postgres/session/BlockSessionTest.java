package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of a transaction of the mesh, as drivers send them: the service's COMMIT is its vote. */
final class BlockSessionTest {
  private static final String LIMIT = "SET LOCAL lock_timeout = 9000";

  private static final String XID =
      "SELECT pg_catalog.pg_current_xact_id_if_assigned(),"
          + " pg_catalog.encode(pg_catalog.convert_to(current_user::pg_catalog.text, 'UTF8'),"
          + " 'hex'), NULL, NULL";

  @Test
  void T4_shouldPrepareInThePlaceOfCommitInTheSimpleProtocol() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a SET x = 1" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(COMMIT) ZI");
      assertThat(talk.ran())
          .isEqualTo(
              "BEGIN; SHOW lock_timeout; "
                  + LIMIT
                  + "; UPDATE a SET x = 1; "
                  + XID
                  + "; PREPARE TRANSACTION 'hf1_700'");
      assertThat(talk.calls).containsExactly(BRANCH + " UPDATE a");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldPrepareInThePlaceOfABareBindOfAStatementThatIsCommit() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").run("SELECT 1").sync();
      talk.parse("S_1", "COMMIT").bind("S_1").describe().execute().sync();
      talk.heard();
      talk.ran();

      // When
      talk.query("BEGIN").run("UPDATE a SET x = 1" + HF).sync();
      talk.bind("S_1").execute().sync();

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT 1 2 n C(UPDATE 1) ZT 2 C(COMMIT) ZI");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void shouldPrepareWhereBeginAndCommitShareAPipelineWithTheStatements() {
    try (Talk talk = new Talk()) {
      // When
      talk.serving = false;
      talk.run("BEGIN").run("UPDATE a SET x = 1" + HF).run("COMMIT").sync();
      talk.serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(BEGIN) 1 2 n C(UPDATE 1) 1 2 n C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void shouldSkipTheCommitOfAPipelineInWhichAStatementFailed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.serving = false;
      talk.run("BEGIN").run("UPDATE broken" + HF).run("COMMIT").sync();
      talk.serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(BEGIN) 1 2 n E23505 ZE");
      assertThat(talk.blocks).isEmpty();

      // When
      talk.serving = true;
      talk.query("ROLLBACK");

      // Then
      assertThat(talk.heard()).isEqualTo("C(ROLLBACK) ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }

  @Test
  void shouldCommitWhatWroteNothingAndVoteReadOnly() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SELECT x FROM a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT D C(SELECT 1) ZT C(COMMIT) ZI");
      assertThat(talk.ran()).endsWith(XID + "; COMMIT");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldVoteNoWhereAFailedBlockIsCommitted() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE broken").query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT E23505 ZE C(ROLLBACK) ZI");
      assertThat(talk.blocks)
          .containsExactly("failed COMMIT was asked for of a block that had failed");
    }
  }

  @Test
  void shouldTellOfARollback() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("SAVEPOINT s").query("ROLLBACK TO s");

      // Then
      assertThat(talk.blocks).isEmpty();

      // When
      talk.query("ROLLBACK");

      // Then
      assertThat(talk.blocks).containsExactly("rolledBack");
      assertThat(talk.heard()).endsWith("C(ROLLBACK) ZI");
    }
  }

  @Test
  void shouldAddTheReasonWhereTheDatabaseRefusesToPrepare() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("PREPARE TRANSACTION", "55000");

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("E55000 ZI");
      assertThat(talk.blocks).hasSize(2).last().asString().startsWith("failed PREPARE");
      assertThat(talk.received.toString(java.nio.charset.StandardCharsets.US_ASCII))
          .contains("belongs to a transaction of the mesh");
    }
  }

  @Test
  void T5_shouldRefuseABranchThatIsNotInFlight() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.REFUSES;

      // When
      talk.query("BEGIN").run("UPDATE a" + HF).sync().query("ROLLBACK");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT 1 2 n E25000 ZE C(ROLLBACK) ZI");
      assertThat(talk.ran()).isEqualTo("BEGIN; ROLLBACK");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldHoldTheStatementUntilTheEngineHasSpoken() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.WAITS;

      // When
      talk.query("BEGIN").run("UPDATE a" + HF).sync();

      // Then
      assertThat(talk.ran()).isEqualTo("BEGIN");
      assertThat(talk.paused).isTrue();

      // When
      talk.enlists();

      // Then
      assertThat(talk.ran()).startsWith("SHOW lock_timeout; " + LIMIT + "; UPDATE a");
      assertThat(talk.paused).isFalse();
    }
  }

  @Test
  void shouldLeaveABlockOfAnotherModeAlone() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.PASSES;

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + HF).query("COMMIT");

      // Then
      assertThat(talk.ran()).isEqualTo("BEGIN; UPDATE a; UPDATE b; COMMIT");
      assertThat(talk.calls).hasSize(1);
      assertThat(talk.server.committed).hasSize(2);
    }
  }

  @Test
  void shouldRollBackAtOnceWhatWasDoomed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.ran();
      talk.heard();

      // When
      talk.doom();

      // Then
      assertThat(talk.ran()).isEqualTo("ROLLBACK");
      assertThat(talk.blocks).containsExactly("failed the branch was aborted");

      // When
      talk.query("SELECT 1").query("SELECT 1").query("ROLLBACK");

      // Then
      assertThat(talk.heard()).isEqualTo("E40000 ZE E25P02 ZE C(ROLLBACK) ZI");
    }
  }

  @Test
  void shouldAnswerTheCommitOfADoomedBlockWithAnError() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).parse("S_1", "COMMIT").sync().doom();
      talk.heard();

      // When
      talk.bind("S_1").execute().sync().query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("2 E40000 ZI D C(SELECT 1) ZI");
    }
  }

  @Test
  void shouldRefuseWhatCannotBePrepared() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("CREATE TEMP TABLE t (x int)");

      // Then
      assertThat(talk.heard()).endsWith("E0A000 ZE");
      assertThat(talk.refusals.getFirst().message()).contains("temporary").contains("CREATE");
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed");
    }
  }

  @Test
  void shouldRefuseAtCommitWhatListensAndWrote() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN")
          .query("SELECT x FROM a" + HF)
          .query("LISTEN c")
          .query("UPDATE a")
          .query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("C(LISTEN) ZT C(UPDATE 1) ZT E0A000 ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldRefuseTheServicesOwnPrepareInABlockOfTheMesh() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("PREPARE TRANSACTION 'mine'");

      // Then
      assertThat(talk.heard()).endsWith("E0A000 ZE");
    }
  }

  @Test
  void shouldRefuseAGlobalIdOfOurs() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("COMMIT PREPARED 'hf1_x'").run("ROLLBACK PREPARED 'hf1_x'").sync();

      // Then
      assertThat(talk.heard()).isEqualTo("E0A000 ZI 1 2 n E0A000 ZI");
      assertThat(talk.ran()).isEmpty();
    }
  }

  @Test
  void shouldChainTheNextBlockBehindAPreparedOne() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT AND CHAIN").query("UPDATE b");

      // Then
      assertThat(talk.heard()).endsWith("C(COMMIT) ZT C(UPDATE 1) ZT");
      assertThat(talk.ran())
          .contains(
              "; PREPARE TRANSACTION 'hf1_700'; BEGIN ISOLATION LEVEL serializable READ WRITE");
      assertThat(talk.calls).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"55P03", "40P01"})
  void shouldNameTheConflictBehindALockThatIsNotGot(String state) {
    try (Talk talk = new Talk()) {
      // Given
      talk.conflict = "block 1 of branch x";
      talk.server.failing.put("UPDATE b", state);

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b");

      // Then
      assertThat(talk.heard()).endsWith("E" + state + " ZE");
      assertThat(talk.received.toString(java.nio.charset.StandardCharsets.US_ASCII))
          .contains(
              "HSelf-conflict: branch "
                  + BRANCH
                  + " waits for what block 1 of branch x of the same")
          .contains("use mode callback.");
    }
  }

  @ParameterizedTest
  @CsvSource({"55P03, ''", "40P01, ''", "40001, block 1 of branch x"})
  void shouldSpeakOfNoConflictWhereThereIsNone(String state, String conflict) {
    try (Talk talk = new Talk()) {
      // Given
      talk.conflict = conflict.isEmpty() ? null : conflict;
      talk.server.failing.put("UPDATE b", state);

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b");

      // Then
      assertThat(talk.heard()).endsWith("E" + state + " ZE");
      assertThat(talk.received.toString(java.nio.charset.StandardCharsets.US_ASCII))
          .doesNotContain("Self-conflict");
    }
  }
}
