package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Statements outside of blocks that name a branch, and texts of many statements. */
final class AutocommitSessionTest {
  @Test
  void shouldWrapASimpleStatement() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("UPDATE a" + HF);

      // Then
      assertThat(talk.heard()).isEqualTo("C(UPDATE 1) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void shouldWrapAPipelineUpToItsSync() {
    try (Talk talk = new Talk()) {
      // When
      talk.serving = false;
      talk.run("UPDATE a" + HF).run("UPDATE b" + HF).sync().run("UPDATE c" + HF).sync();
      talk.serve();

      // Then
      assertThat(talk.heard())
          .isEqualTo("1 2 n C(UPDATE 1) 1 2 n C(UPDATE 1) ZI 1 2 n C(UPDATE 1) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700", "hf1_701");
    }
  }

  @Test
  void shouldTakeInWhatTheSamePipelineDidBefore() {
    try (Talk talk = new Talk()) {
      // When
      talk.run("UPDATE a").run("UPDATE b" + HF).sync();

      // Then
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a", "UPDATE b");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldEndAWrappedPipelineThatFailed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.run("UPDATE a" + HF).run("UPDATE broken" + HF).run("UPDATE c" + HF).sync();
      talk.query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(UPDATE 1) 1 2 n E23505 ZI D C(SELECT 1) ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
      assertThat(talk.server.prepared).isEmpty();
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldEndAWrappedPipelineThatFailedBeforeAnybodyKnew() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.serving = false;
      talk.run("UPDATE a" + HF).run("UPDATE broken" + HF).run("UPDATE c" + HF).sync();
      talk.query("SELECT 1");
      talk.serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(UPDATE 1) 1 2 n E23505 ZI D C(SELECT 1) ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
      assertThat(talk.server.prepared).isEmpty();
    }
  }

  @Test
  void shouldEndASimpleStatementThatFailed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.query("UPDATE a; UPDATE broken" + HF);

      // Then
      assertThat(talk.heard()).isEqualTo("C(UPDATE 1) E23505 ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldCutATextAtItsBlocks() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN; UPDATE a; UPDATE b" + HF + "; COMMIT; UPDATE c");

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(BEGIN) C(UPDATE 1) C(UPDATE 1) C(COMMIT) C(UPDATE 1) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700", "hf1_701");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a", "UPDATE b");
    }
  }

  @Test
  void shouldFollowANameThatATextSets() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN; SET LOCAL handfast.tx = '" + BRANCH + "'; UPDATE a; COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) C(SET) C(UPDATE 1) C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldEndTheRestOfATextAtAnError() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.query("BEGIN; UPDATE broken" + HF + "; COMMIT; UPDATE c").query("ROLLBACK");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) E23505 ZE C(ROLLBACK) ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }

  @Test
  void shouldCommitTheRestOfAText() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.heard();

      // When
      talk.query("UPDATE b; END");

      // Then
      assertThat(talk.heard()).isEqualTo("C(UPDATE 1) C(COMMIT) ZI");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a", "UPDATE b");
    }
  }

  @Test
  void shouldWrapCopy() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("COPY a FROM STDIN" + HF).copyData("1").copyData("2").copyDone();

      // Then
      assertThat(talk.heard()).isEqualTo("G C(COPY 2) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldWrapCopyInThePipelineOfLibpq() {
    try (Talk talk = new Talk()) {
      // When
      talk.run("COPY a FROM STDIN" + HF).sync().copyData("1").copyDone().sync();
      talk.query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n G C(COPY 1) ZI D C(SELECT 1) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldTellTheServerOnceToAnswerWhereASyncWaits() {
    try (Talk talk = new Talk()) {
      // Given: a client that is fed by COPY sends Sync behind it
      talk.query("SELECT x FROM a" + HF);
      talk.serving = false;
      talk.run("COPY a FROM STDIN" + HF).sync();
      int before = talk.reached.readableBytes();

      // When
      talk.says(Talk.message('N', body -> body.writeByte(0)));
      talk.says(Talk.message('N', body -> body.writeByte(0)));

      // Then
      assertThat(talk.reached.readableBytes()).isEqualTo(before);
    }
  }

  @Test
  void shouldNotBeMisledByASyncThatCopyIgnores() {
    try (Talk talk = new Talk()) {
      // When
      talk.run("COPY a FROM STDIN").sync().copyData("1").copyDone().sync();
      talk.query("UPDATE a" + HF);

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n G C(COPY 1) ZI C(UPDATE 1) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_701");
    }
  }

  @Test
  void T5_shouldRequireATransactionOfWhatWritesAndOfNothingElse() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("").query("SET x = 1").query("SHOW x").query("SELECT 1").query("BEGIN");
      talk.query("SELECT set_config('TimeZone', 'UTC', false)");

      // Then
      assertThat(talk.missing).isZero();
      assertThat(talk.heard()).doesNotContain("E2");

      // When
      talk.query("INSERT INTO a VALUES (1)").query("ROLLBACK").run("UPDATE a").sync();

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZE C(ROLLBACK) ZI 1 2 n E25000 ZI");
      assertThat(talk.missing).isEqualTo(2);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T5_shouldRefuseTheCommitOfWhatAFunctionWroteWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("BEGIN").query("SELECT reads(1)").query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT D C(SELECT 1) ZT C(COMMIT) ZI");
      assertThat(talk.ran()).contains("xact_id");
      assertThat(talk.missing).isZero();
    }
  }

  @Test
  void shouldTakeInWhatATextDidBeforeItSetsTheName() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("INSERT a; SET LOCAL handfast.tx = '" + BRANCH + "'; UPDATE b");

      // Then
      assertThat(talk.heard()).isEqualTo("C(INSERT 0 1) C(SET) C(UPDATE 1) ZI");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("INSERT a", "UPDATE b");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldUndoWhatATextDidBeforeItSetsTheNameAndFails() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.query("INSERT a; SET LOCAL handfast.tx = '" + BRANCH + "'; UPDATE broken");

      // Then
      assertThat(talk.heard()).isEqualTo("C(INSERT 0 1) C(SET) E23505 ZI");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }

  @Test
  void shouldTakeInWhatATextDidBeforeDatadogNamesIt() {
    try (Talk talk = new Talk()) {
      // When
      talk.query(
          "INSERT a; SET application_name ="
              + " '_DD_00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'; UPDATE b");

      // Then
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("INSERT a", "UPDATE b");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T5_shouldRunNothingOfATextOfWhichAStatementIsRefused() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("SELECT writes(1); INSERT INTO a VALUES (1)");

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZI");
      assertThat(talk.ran()).isEmpty();
    }
  }

  @Test
  void T5_shouldUndoWhatACallWroteOutsideOfBlocksWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("CALL writes()").query("SELECT writes(1)").query("SELECT 1; DO 'writes()'");

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(CALL) E25000 ZI D C(SELECT 1) E25000 ZI D C(SELECT 1) C(DO) E25000 ZI");
      assertThat(talk.missing).isEqualTo(3);
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.ran()).contains("ROLLBACK").doesNotContain("COMMIT");
    }
  }

  @Test
  void T5_shouldUndoWhatAFunctionWroteInAPipelineWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // Given
      talk.parse("S_1", "SELECT writes($1)").sync();
      talk.heard();

      // When
      talk.bind("S_1", "1").execute().sync().query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("2 D C(SELECT 1) E25000 ZI D C(SELECT 1) ZI");
      assertThat(talk.missing).isEqualTo(1);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldLetAFunctionThatOnlyReadsPassWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("SELECT reads(1)").run("SELECT reads(1)").run("SELECT reads(2)").sync();
      talk.query("SELECT 1");

      // Then
      assertThat(talk.heard())
          .isEqualTo(
              "D C(SELECT 1) ZI 1 2 n D C(SELECT 1) 1 2 n D C(SELECT 1) ZI D C(SELECT 1) ZI");
      assertThat(talk.missing).isZero();
    }
  }

  @Test
  void shouldLeaveErrorsOfAFunctionToTheClientWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.query("SELECT broken(1)").run("SELECT broken(1)").sync().query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("E23505 ZI 1 2 n E23505 ZI D C(SELECT 1) ZI");
    }
  }

  @Test
  void shouldTakeInAWatchedFunctionWhereALaterStatementNamesTheBranch() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.run("SELECT writes(1)").run("UPDATE b" + HF).sync();

      // Then
      assertThat(talk.server.prepared.get("hf1_700"))
          .containsExactly("SELECT writes(1)", "UPDATE b");
      assertThat(talk.missing).isZero();
    }
  }

  @Test
  void shouldNotRunAnEmptyTextForOneThatWasNotRead() {
    try (Talk talk = new Talk(false, 1_000)) {
      // Given
      talk.inFlightFirst.addAll(List.of(false, true));
      talk.inFlight = false;

      // When
      talk.query("UPDATE a SET x = '" + "x".repeat(1 << 20) + "'").query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("E0A000 ZI D C(SELECT 1) ZI");
      assertThat(talk.ran()).isEqualTo("SELECT 1");
    }
  }

  @Test
  void shouldWrapWhatFollowsTheServicesOwnPrepareInAPipeline() {
    try (Talk talk = new Talk()) {
      // When
      talk.serving = false;
      talk.run("BEGIN").run("UPDATE a").run("PREPARE TRANSACTION 'mine'");
      talk.run("UPDATE b" + HF).sync();
      talk.serve();

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("mine", "hf1_701");
      assertThat(talk.server.prepared.get("hf1_701")).containsExactly("UPDATE b");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T4_shouldKeepANameThatAPipelineSetsWhileTheOneBeforeIsAnswered() {
    try (Talk talk = new Talk()) {
      // When
      talk.serving = false;
      talk.run("SELECT 1").sync();
      talk.run("SELECT set_config('handfast.tx', '" + BRANCH + "', true)").run("UPDATE a").sync();
      talk.serve();

      // Then
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldLeaveAWatchedPipelineToABranchOfAnotherMode() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // Given
      talk.engine = Talk.Engine.PASSES;

      // When
      talk.run("SELECT writes(1)").run("UPDATE b" + HF).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n D C(SELECT 1) 1 2 n C(UPDATE 1) ZI");
      assertThat(talk.server.committed).containsExactly("SELECT writes(1)", "UPDATE b");
      assertThat(talk.missing).isZero();
    }
  }

  @Test
  void shouldAskTheDatabaseNothingWhereATraceIsTheServicesOwn() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.NO_BRANCH;

      // When
      talk.query("BEGIN").run("UPDATE a" + HF).sync().query("COMMIT").query("UPDATE b" + HF);

      // Then
      assertThat(talk.ran()).isEqualTo("BEGIN; UPDATE a; COMMIT; UPDATE b");
    }
  }
}
