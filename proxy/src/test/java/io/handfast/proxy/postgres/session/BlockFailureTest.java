package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static io.handfast.proxy.postgres.session.Talk.OTHER;
import static io.handfast.proxy.postgres.session.Talk.named;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks that do not end well, and what their clients and the engine are told of it. */
final class BlockFailureTest {
  @Test
  void shouldAnswerAnEmptyQueryInABlockThatWasRefused() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + named(OTHER));
      talk.heard();

      // When
      talk.query("").query("/* x */").query(HF).query("ROLLBACK").query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("I ZE I ZE I ZE C(ROLLBACK) ZI D C(SELECT 1) ZI");
    }
  }

  @Test
  void shouldEndAWrappedPipelineAtAnEmptyQuery() {
    try (Talk talk = new Talk()) {
      // When
      talk.run("UPDATE a" + HF).query("").query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n C(UPDATE 1) I ZI D C(SELECT 1) ZI");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T12_shouldVoteNoWherePrepareIsAnsweredRollback() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.breaking = "PREPARE TRANSACTION";

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(ROLLBACK) ZI D C(SELECT 1) ZI");
      assertThat(talk.blocks)
          .containsExactly(
              "preparing hf1_700", "failed the block had failed: the database answered ROLLBACK");
      assertThat(talk.server.prepared).isEmpty();
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T12_shouldVoteNoWhereThePrepareOfAPipelineIsAnsweredRollback() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.breaking = "PREPARE TRANSACTION";

      // When
      talk.run("BEGIN").run("UPDATE a" + HF).sync().run("COMMIT AND CHAIN").sync();

      // Then
      assertThat(talk.heard()).endsWith("1 2 n C(ROLLBACK) ZT");
      assertThat(talk.blocks).hasSize(2).last().asString().startsWith("failed ");
      assertThat(talk.server.prepared).isEmpty();
    }
  }

  /** Nobody sees the tag of a COMMIT that is not the client's. */
  @Test
  void T12_shouldTellAnErrorWhereThePrepareOfAStatementOutsideOfBlocksIsAnsweredRollback() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.breaking = "PREPARE TRANSACTION";

      // When
      talk.query("UPDATE a" + HF).run("UPDATE a" + HF).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("C(UPDATE 1) E25P02 ZI 1 2 n C(UPDATE 1) E25P02 ZI");
      assertThat(talk.blocks).hasSize(4).last().asString().startsWith("failed ");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T4_shouldHaveTheDatabasePrepareWhatWroteWithoutAnId() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("PREPARE TRANSACTION", "0A000");

      // When
      talk.query("BEGIN").query("UPDATE foreign_a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT E0A000 ZI");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).hasSize(2).last().asString().startsWith("failed PREPARE");
    }
  }

  /** No tag tells of a write whose portal is left with rows in it. */
  @Test
  void T4_shouldHaveTheDatabasePrepareAWriteWhoseRowsAreNotAllRead() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.suspending = "RETURNING";
      talk.server.failing.put("PREPARE TRANSACTION", "0A000");

      // When
      talk.query("BEGIN").parse("", "UPDATE foreign_a SET x = 1 RETURNING x" + HF).bind("");
      talk.execute(1).sync().query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT 1 2 s ZT E0A000 ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldPrepareNothingWhereAReadsRowsAreNotAllRead() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.suspending = "FROM";

      // When
      talk.query("BEGIN").parse("", "SELECT f(x) FROM a" + HF).bind("").execute(1).sync();
      talk.query("COMMIT").parse("", "SELECT x FROM a" + HF).bind("").execute(1).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT 1 2 D s ZT C(COMMIT) ZI 1 2 D s ZI");
      assertThat(talk.blocks).containsExactly("readOnly", "readOnly");
    }
  }

  @Test
  void shouldTellAnErrorBehindAnswersThatNobodyFlushed() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // Given
      talk.server.buffering = true;

      // When
      talk.parse("", "UPDATE a").bind("").describe().execute();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n E25000");

      // When
      talk.bind("").flush().sync();

      // Then
      assertThat(talk.heard()).isEqualTo("ZI");
    }
  }

  @Test
  void shouldForwardTheFlushOfAClientThatIsSkipped() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // Given
      talk.parse("", "UPDATE a").bind("").execute();
      int before = talk.reached.readableBytes();

      // When
      talk.flush();

      // Then
      assertThat(talk.reached.readableBytes() - before).isEqualTo(5);
    }
  }

  @Test
  void shouldTellALongErrorOfAStatementOfItsOwnInShort() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("COMMIT", "53100");
      talk.server.padding = 70_000;

      // When
      talk.query("BEGIN").query("SELECT x FROM a" + HF).query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT D C(SELECT 1) ZT E53100 ZI D C(SELECT 1) ZI");
    }
  }

  @Test
  void shouldKeepANameThatAFailedPrepareWouldHaveTaken() {
    try (Talk talk = new Talk()) {
      // Given
      talk.parse("S_1", "COMMIT").sync();
      talk.server.failing.put("PREPARE \"S_1\"", "42P05");
      talk.query("PREPARE \"S_1\" AS SELECT 1").run("PREPARE \"S_1\" AS SELECT 1").sync();
      talk.heard();

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).bind("S_1").execute().sync();

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT 2 C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldNeverSendTheCommitOfABlockThatIsBelievedToHaveFailed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE broken");
      talk.heard();
      talk.ran();

      // When
      talk.query("COMMIT AND CHAIN");

      // Then
      assertThat(talk.ran()).isEqualTo("ROLLBACK AND CHAIN");
      assertThat(talk.heard()).isEqualTo("C(ROLLBACK) ZT");
    }
  }

  @Test
  void shouldRollBackAgainWhereACancelHitsItsRollback() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.server.failsOnce = true;
      talk.server.failing.put("ROLLBACK", "57014");
      talk.ran();
      talk.heard();

      // When
      talk.query("UPDATE b" + named(OTHER)).query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.ran()).isEqualTo("ROLLBACK; ROLLBACK; SELECT 1");
      assertThat(talk.heard()).isEqualTo("E25000 ZE C(ROLLBACK) ZI D C(SELECT 1) ZI");
    }
  }

  @Test
  void shouldEndTheConnectionOfADatabaseThatDoesNotRollBack() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.server.failing.put("ROLLBACK", "57014");
      talk.heard();

      // When
      talk.query("UPDATE b" + named(OTHER));

      // Then
      assertThat(talk.heard()).isEqualTo("E08P01");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void shouldSkipAQueryInAPipelineWithoutSyncThatFails() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");

      // When
      talk.serving = false;
      talk.run("UPDATE broken").query("UPDATE a" + HF).sync().query("SELECT 1").serve();

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n E23505 ZI D C(SELECT 1) ZI");
      assertThat(talk.calls).isEmpty();
    }
  }

  @Test
  void shouldForgetWhatAFailedBlockNamedWhereATextEndsIt() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SET LOCAL handfast.tx = '" + BRANCH + "'").query("SHOW broken");

      // When
      talk.query("ROLLBACK; BEGIN; UPDATE a; COMMIT");

      // Then
      assertThat(talk.calls).isEmpty();
      assertThat(talk.server.committed).containsExactly("UPDATE a");
    }
  }

  /** A cancel request that comes late: the service is in a block that it believes to be sound. */
  @Test
  void T12_shouldTellTheNextRequestWhyAStatementOfItsOwnHasFailed() {
    for (String next : new String[] {"UPDATE b", "COMMIT"}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.server.failsOnce = true;
        talk.server.failing.put("xact_id_if_assigned", "57014");

        // When
        talk.query("BEGIN").query("UPDATE a" + HF).query(next);

        // Then
        String status = next.equals("COMMIT") ? "I" : "E";
        assertThat(talk.heard()).as(next).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT E57014 Z" + status);
        assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed told to fail at");
        assertThat(talk.server.committed).isEmpty();
      }
    }
  }

  @Test
  void T12_shouldTellWhyWhereTheLimitOfLocksCouldNotBeSetAgain() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF).query("UPDATE broken");
      talk.heard();
      talk.server.failing.put("SET LOCAL lock_timeout", "57014");

      // When
      talk.query("ROLLBACK TO s").query("UPDATE b").query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(ROLLBACK) ZT E57014 ZE C(ROLLBACK) ZI D C(SELECT 1) ZI");
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed told to fail at");
    }
  }

  /** It is on its way when the service's own COMMIT comes. */
  @Test
  void T12_shouldTellCommitWhyAStatementOfItsOwnBeforeItHasFailed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failsOnce = true;
      talk.server.failing.put("xact_id_if_assigned", "57014");
      talk.query("BEGIN").query("SELECT x FROM a" + HF);

      // When
      talk.serving = false;
      talk.query("UPDATE b").serveFirst().query("COMMIT").serve();

      // Then
      assertThat(talk.heard()).endsWith("C(UPDATE 1) ZT E57014 ZI");
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed told to fail at");
      assertThat(talk.server.prepared).isEmpty();
    }
  }

  @Test
  void shouldAnswerCommitAndChainWhereOnlyTheNextBlockIsNotBegun() {
    for (boolean extended : new boolean[] {false, true}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.server.failing.put("BEGIN ISOLATION", "57014");
        talk.query("BEGIN").query("UPDATE a" + HF);
        talk.heard();

        // When
        if (extended) {
          talk.run("COMMIT AND CHAIN").sync();
        } else {
          talk.query("COMMIT AND CHAIN");
        }

        // Then
        assertThat(talk.heard()).endsWith("C(COMMIT) ZE");
        assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");

        // When
        talk.query("UPDATE b").query("COMMIT").query("SELECT 1");

        // Then
        assertThat(talk.heard()).isEqualTo("E57014 ZE C(ROLLBACK) ZI D C(SELECT 1) ZI");
        assertThat(talk.server.committed).isEmpty();
      }
    }
  }

  @Test
  void shouldAnswerTheCommitOfABlockThatWasNotBegunWithWhy() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("BEGIN ISOLATION", "57014");
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT AND CHAIN");
      talk.heard();

      // When
      talk.query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("E57014 ZI D C(SELECT 1) ZI");
      assertThat(talk.refusals.getLast().message())
          .isEqualTo("the block behind AND CHAIN was not begun: told to fail at BEGIN ISOLATION");
    }
  }

  /** A Sync of the sidecar's would end the skipping: the client has not read the error yet. */
  @ParameterizedTest
  @ValueSource(strings = {"Query", "Execute"})
  void shouldPutNothingIntoAPipelineThatTheServerSkips(String rolledBack) {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.parse("S_1", "ROLLBACK").parse("S_2", "UPDATE b").sync().heard();
      talk.bind("nothing").flush();

      // When
      talk.doom();
      talk.bind("S_2").execute().bind("S_2").execute().sync();

      // Then
      assertThat(talk.heard()).isEqualTo("E26000 ZE");
      assertThat(talk.blocks).containsExactly("failed the branch was aborted");

      // When
      if (rolledBack.equals("Query")) {
        talk.query("ROLLBACK");
      } else {
        talk.bind("S_1").execute().sync();
      }

      // Then
      assertThat(talk.heard()).endsWith("C(ROLLBACK) ZI");
      assertThat(talk.server.ran).doesNotContain("UPDATE b");
    }
  }
}
