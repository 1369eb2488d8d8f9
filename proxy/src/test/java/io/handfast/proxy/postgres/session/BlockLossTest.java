package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.tx.interceptor.SqlRefusal;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks whose service or database goes: what may have been asked to COMMIT votes no (T12). */
final class BlockLossTest {
  private static ByteBuf terminate() {
    return Talk.message('X', body -> {});
  }

  @Test
  void shouldTellThatABlockIsLostOnlyOncePrepareWasSent() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.serving = false;

      // When
      talk.query("COMMIT");
      talk.session.serverGone();

      // Then
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "lost");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void shouldTellThatABlockIsRolledBackWhenTheClientGoes() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);

      // When
      talk.session.clientGone();

      // Then
      assertThat(talk.blocks).containsExactly("rolledBack");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void shouldWaitForPrepareWhenTheClientGoes() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.serving = false;
      talk.query("COMMIT");

      // When
      talk.session.clientGone();

      // Then
      assertThat(talk.closed).isFalse();

      // When
      talk.serve();

      // Then
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheDatabaseGoesBetweenCommitAndPrepare() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("SELECT writes(1)" + HF);
      talk.serving = false;

      // When
      talk.query("COMMIT");
      talk.session.serverGone();

      // Then
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed not all that");
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheServiceGoesBetweenCommitAndPrepare() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("SELECT writes(1)" + HF);
      talk.serving = false;

      // When
      talk.query("COMMIT");
      talk.session.clientGone();

      // Then
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed not all that");
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheDatabaseGoesWithinAStatementOutsideOfBlocks() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("SELECT x FROM a" + HF);
      talk.blocks.clear();
      talk.serving = false;

      // When
      talk.query("UPDATE a" + HF);
      talk.session.serverGone();

      // Then
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed not all that");
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheServiceGoesAndItsCommitWasNotReadYet() {
    for (boolean text : new boolean[] {false, true}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.query("BEGIN").query("SELECT x FROM a" + HF);
        talk.serving = false;

        // When
        if (text) {
          talk.query("UPDATE a" + HF + "; COMMIT");
        } else {
          talk.query("UPDATE a" + HF).query("COMMIT");
        }
        talk.session.clientGone();

        // Then
        assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed not all that");
      }
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheServiceGoesAndItsStatementWaitsForTheEngine() {
    for (boolean extended : new boolean[] {false, true}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.engine = Talk.Engine.WAITS;

        // When
        if (extended) {
          talk.run("UPDATE a" + HF).sync();
        } else {
          talk.query("UPDATE a" + HF);
        }
        talk.session.clientGone();

        // Then
        assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed not all that");
      }
    }
  }

  @Test
  void shouldTellOfARollbackWhereTheServiceSaysGoodbyeWithinABlock() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.serving = false;

      // When
      talk.query("UPDATE b").send(terminate());
      talk.session.clientGone();

      // Then
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheDatabaseGoesUnderAnOpenBlock() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);

      // When: a COMMIT may stand in the socket, or come and be answered by nobody
      talk.session.serverGone();
      talk.query("COMMIT");

      // Then
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed the connection to");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void T12_shouldVoteNoWhereTheSidecarClosesTheConnectionUnderAnOpenBlock() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);

      // When
      talk.session.close();

      // Then
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed the sidecar closed");
    }
  }

  /** The service closes a connection of which it has read that it is over. */
  @Test
  void T12_shouldVoteNoWhereTheServiceGoesBecauseTheDatabaseHasSaidThatItDoes() {
    for (boolean terminate : new boolean[] {false, true}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.query("BEGIN").query("UPDATE a" + HF);
        talk.says(Wire.error("FATAL", new SqlRefusal("57P01", "terminated by an operator", "")));
        assertThat(talk.heard()).endsWith("E57P01");

        // When
        if (terminate) {
          talk.send(terminate());
        }
        talk.session.clientGone();

        // Then
        assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed ");
      }
    }
  }

  /** Pools, and who tries again, look at its SQLSTATE. */
  @ParameterizedTest
  @CsvSource({
    "SHOW lock_timeout, UPDATE a, failed",
    "SET LOCAL lock_timeout, UPDATE a, failed",
    "xact_id_if_assigned, UPDATE a, failed",
    "xact_id_if_assigned, SELECT x FROM a, failed",
    "PREPARE TRANSACTION, UPDATE a, lost",
    "SET TRANSACTION READ ONLY, SELECT f(x) FROM a, failed",
    "COMMIT, SELECT x FROM a, failed"
  })
  void T12_shouldTellWhyTheDatabaseEndsWithinAStatementOfItsOwn(
      String own, String sql, String told) {
    for (boolean pipeline : new boolean[] {false, true}) {
      try (Talk talk = new Talk()) {
        // Given
        talk.server.fatal = true;
        talk.server.failing.put(own, "57P01");

        // When
        if (pipeline) {
          talk.run("BEGIN").run(sql + HF).sync().run("SHOW x");
          talk.run("COMMIT").sync();
        } else {
          talk.query("BEGIN").query(sql + HF).query("COMMIT");
        }
        talk.session.serverGone();

        // Then
        assertThat(talk.heard()).containsOnlyOnce("E57P01").endsWith("E57P01");
        assertThat(talk.blocks).last().asString().startsWith(told);
      }
    }
  }

  @Test
  void shouldNotWaitForAPrepareThatWasSkipped() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.serving = false;
      talk.run("SAVEPOINT s").sync().run("UPDATE broken").run("COMMIT").sync().serve();
      talk.serving = true;
      assertThat(talk.heard()).endsWith("E23505 ZE");
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "notPrepared");

      // When
      talk.query("ROLLBACK TO s").query("UPDATE c");
      talk.session.clientGone();

      // Then
      assertThat(talk.closed).isTrue();
      assertThat(talk.blocks).last().isEqualTo("rolledBack");
    }
  }

  /** Nobody hears that it was skipped. */
  @Test
  void T12_shouldVoteNoWhereTheServiceGoesAndItsCommitIsSkipped() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.serving = false;
      talk.run("UPDATE broken").run("COMMIT").sync();

      // When
      talk.session.clientGone();
      talk.serve();

      // Then
      assertThat(talk.blocks).hasSize(3).last().asString().startsWith("failed ");
      assertThat(talk.closed).isTrue();
    }
  }

  @Test
  void shouldTellOfARollbackWhereTheDatabaseGoesBecauseTheServiceHasSaidGoodbye() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).send(terminate());

      // When
      talk.session.serverGone();

      // Then
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }
}
