package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a session asks whether the client's transaction wrote, and what that costs. */
final class XidQuestionTest {
  private static final String ID = "xact_id_if_assigned";

  /** What reached the server since, as text. */
  private static String reached(Talk talk, int since) {
    return talk.reached.toString(
        since, talk.reached.readableBytes() - since, StandardCharsets.US_ASCII);
  }

  private static int count(String text, String what) {
    return text.split(what, -1).length - 1;
  }

  /** Sends it in a pipeline with BEGIN, as pgjdbc does. */
  private static Talk begun(String sql) {
    Talk talk = new Talk();
    talk.run("BEGIN").run(sql).sync();
    assertThat(talk.heard()).endsWith(" ZT");
    talk.ran();
    return talk;
  }

  @Test
  void T4_shouldPrepareAtOnceWhereTheStatementBroughtTheAnswer() {
    try (Talk talk = begun("UPDATE a SET x = 1" + HF)) {
      // When
      talk.run("COMMIT").sync();

      // Then
      assertThat(talk.ran()).isEqualTo("PREPARE TRANSACTION 'hf1_700'");
      assertThat(talk.heard()).isEqualTo("1 2 n C(COMMIT) ZI");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T12_shouldCommitAtOnceWhereTheStatementBroughtTheAnswerThatNothingWasWritten() {
    try (Talk talk = begun("SELECT x FROM a" + HF)) {
      // When
      talk.run("COMMIT").sync();

      // Then
      assertThat(talk.ran()).isEqualTo("COMMIT");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldAnswerTheSyncOfTheClientsCommitWithItsOwn() {
    try (Talk talk = begun("UPDATE a" + HF)) {
      int before = talk.reached.readableBytes();

      // When
      talk.serving = false;
      talk.run("COMMIT").sync().serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(COMMIT) ZI");
      assertThat(count(reached(talk, before), "S\0\0\0\u0004")).isEqualTo(1);
    }
  }

  @Test
  void shouldForwardASyncBehindWhatCameAfterTheCommit() {
    try (Talk talk = begun("UPDATE a" + HF)) {
      // When
      talk.run("COMMIT").run("UPDATE plain").flush();
      assertThat(talk.server.committed).isEmpty();
      talk.sync();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(COMMIT) 1 2 n C(UPDATE 1) ZI");
      assertThat(talk.server.committed).containsExactly("UPDATE plain");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Query", "pipeline", "with COMMIT"})
  void T12_shouldNotTrustAnAnswerThatIsOlderThanAWrite(String how) {
    try (Talk talk = begun("SELECT x FROM a" + HF)) {
      // When
      switch (how) {
        case "Query" -> talk.query("SELECT writes(1)").run("COMMIT").sync();
        case "pipeline" -> talk.run("SELECT writes(1)").sync().run("COMMIT").sync();
        default -> talk.run("SELECT writes(1)").run("COMMIT").sync();
      }

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T12_shouldNotTrustAnAnswerThatCameBehindTheNextStatement() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN");
      talk.serving = false;
      talk.run("SELECT x FROM a" + HF).sync();

      // When
      talk.run("SELECT writes(1)").sync().run("COMMIT").sync().serve();

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldAskNoMoreThanFourTimesOfABlockThatReads() {
    try (Talk talk = begun("SELECT x FROM a" + HF)) {
      // Given
      for (int i = 0; i < 9; i++) {
        talk.run("SELECT x FROM a").sync();
      }
      assertThat(count(talk.ran(), ID)).isEqualTo(3);

      // When
      talk.run("COMMIT").sync();

      // Then
      assertThat(count(talk.ran(), ID)).isEqualTo(1);
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldNotAskAgainOfABlockThatIsKnownToHaveWritten() {
    try (Talk talk = begun("UPDATE a" + HF)) {
      // When
      talk.run("UPDATE b").sync().query("UPDATE c").run("COMMIT").sync();

      // Then
      assertThat(talk.ran())
          .doesNotContain(ID)
          .startsWith("UPDATE b; UPDATE c; SELECT 1 OPERATOR")
          .endsWith("PREPARE TRANSACTION 'hf1_700'");
    }
  }

  @Test
  void shouldNotAskWhereTheServerMayReadData() {
    try (Talk talk = begun("SELECT x FROM a" + HF)) {
      // When
      talk.run("COPY a FROM STDIN").sync();
      assertThat(talk.ran()).doesNotContain(ID);
      talk.copyData("1").copyDone().sync();
      talk.run("COMMIT").sync();

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldLeaveTheFirstSnapshotToTheClient() {
    try (Talk talk = begun("LOCK TABLE a" + HF)) {
      // Given
      talk.run("LOCK TABLE b").sync().run("SET TRANSACTION READ ONLY").sync();
      assertThat(talk.ran()).isEqualTo("LOCK TABLE b; SET TRANSACTION READ ONLY");

      // When
      talk.run("SELECT x FROM b").sync();

      // Then
      assertThat(talk.ran()).contains(ID);
    }
  }

  @Test
  void T12_shouldNotTrustAnAnswerThatIsOlderThanABind() {
    try (Talk talk = begun("SELECT x FROM a" + HF)) {
      // Given
      talk.parse("", "SELECT $1").bind("", "x").sync();
      assertThat(talk.ran()).isEmpty();

      // When
      talk.run("COMMIT").sync();

      // Then
      assertThat(talk.ran()).contains(ID).endsWith("; COMMIT");
    }
  }

  @Test
  void shouldTellTheErrorOfTheQuestionAsTheTransactionFails() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put(ID, "57014");

      // When
      talk.run("BEGIN").run("UPDATE a" + HF).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(BEGIN) 1 2 n C(UPDATE 1) E57014 ZE");

      // When
      talk.run("COMMIT").sync();

      // Then
      assertThat(talk.heard()).endsWith("C(ROLLBACK) ZI");
      assertThat(talk.blocks)
          .containsExactly(
              "failed the database did not tell whether the block wrote: told to fail at " + ID);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldNotBlameTheQuestionForWhatFailsBehindARollbackTo() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put(ID, "57014");
      talk.server.failsOnce = true;
      talk.run("BEGIN").run("SAVEPOINT s").run("UPDATE a" + HF).sync();
      talk.query("ROLLBACK TO s");
      assertThat(talk.heard()).endsWith("E57014 ZE C(ROLLBACK) ZT");

      // When
      talk.server.failing.put("broken", "23505");
      talk.query("UPDATE broken").query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("E23505 ZE C(ROLLBACK) ZI");
      assertThat(talk.blocks)
          .containsExactly("failed COMMIT was asked for of a block that had failed");
    }
  }

  private static void transact(Talk talk) {
    talk.bind("S_1").execute().bind("S_2").execute().sync().bind("S_3").execute().sync();
    assertThat(talk.heard()).endsWith("C(COMMIT) ZI");
  }

  /** A client that keeps its statements by name. */
  private static Talk keeping() {
    Talk talk = new Talk();
    talk.parse("S_1", "BEGIN").parse("S_2", "UPDATE a" + HF).parse("S_3", "COMMIT").sync();
    transact(talk);
    return talk;
  }

  @Test
  void shouldParseTheQuestionOnceForAClientThatKeepsStatementsItself() {
    try (Talk talk = keeping()) {
      transact(talk);
      int before = talk.reached.readableBytes();

      // When
      transact(talk);
      transact(talk);

      // Then
      assertThat(reached(talk, before)).doesNotContain(ID).contains("PREPARE TRANSACTION");
      assertThat(talk.server.prepared).hasSize(4);
    }
  }

  @Test
  void shouldParseTheQuestionEachTimeForAClientThatKeepsNothing() {
    try (Talk talk = begun("UPDATE a" + HF)) {
      talk.run("COMMIT").sync();
      int before = talk.reached.readableBytes();

      // When
      talk.run("BEGIN").run("UPDATE a" + HF).sync().run("COMMIT").sync();

      // Then
      assertThat(count(reached(talk, before), ID)).isEqualTo(1);
      assertThat(talk.server.prepared).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEALLOCATE ALL", "DISCARD ALL"})
  void shouldParseTheQuestionAgainWhereTheClientHasGivenAllBack(String sql) {
    try (Talk talk = keeping()) {
      // Given
      transact(talk);
      talk.query(sql);
      talk.parse("S_1", "BEGIN").parse("S_2", "UPDATE a" + HF).parse("S_3", "COMMIT").sync();

      // When
      transact(talk);

      // Then
      assertThat(talk.server.prepared).hasSize(3);
    }
  }

  @Test
  void shouldLoseOneTransactionWhereTheQuestionIsGoneUnseen() {
    try (Talk talk = keeping()) {
      // Given
      transact(talk);
      talk.server.forget("_hf_kept_");

      // When
      talk.bind("S_1").execute().bind("S_2").execute().sync().bind("S_3").execute().sync();

      // Then
      assertThat(talk.heard()).contains(" E26000 ZE ").endsWith("C(ROLLBACK) ZI");
      assertThat(talk.blocks).last().asString().startsWith("failed");

      // When
      transact(talk);

      // Then
      assertThat(talk.server.prepared).hasSize(3);
    }
  }
}
