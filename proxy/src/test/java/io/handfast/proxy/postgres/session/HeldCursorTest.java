package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cursors WITH HOLD, which COMMIT runs to their ends: what they write then is of their block. */
final class HeldCursorTest {
  private static final String WRITER = "DECLARE c CURSOR WITH HOLD FOR SELECT writes(1)";
  private static final String READER = "DECLARE c CURSOR WITH HOLD FOR SELECT x FROM a";

  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "COMMIT AND CHAIN"})
  void T12_shouldNotCommitWhatAHeldCursorWritesAtCommit(String commit) {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SELECT x FROM a" + HF).query(WRITER).query(commit);

      // Then
      assertThat(talk.heard()).contains(" E0A000 Z");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks)
          .last()
          .asString()
          .startsWith("failed PREPARE TRANSACTION was refused")
          .endsWith("(it ran DECLARE)");
    }
  }

  @Test
  void T12_shouldNotCommitItInAPipelineNorBehindAnotherObstacle() {
    try (Talk talk = new Talk()) {
      // When
      talk.run("BEGIN").run("SELECT pg_advisory_lock(1) FROM a" + HF).sync();
      talk.run(WRITER).run("COMMIT").sync();

      // Then
      assertThat(talk.heard()).endsWith(" E0A000 ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T12_shouldNotCommitItOutsideOfBlocks() {
    try (Talk talk = new Talk()) {
      // When
      talk.query(WRITER + HF);

      // Then
      assertThat(talk.heard()).isEqualTo("C(DECLARE) E0A000 ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldCommitABlockWhoseHeldCursorReads() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query(READER + HF).query("COMMIT");

      // Then
      assertThat(talk.ran()).endsWith("COMMIT");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void T5_shouldRefuseAHeldCursorThatMayWriteWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query(WRITER).query("BEGIN").run(WRITER).sync().query("ROLLBACK").query(READER);

      // Then
      assertThat(talk.heard())
          .isEqualTo("E25000 ZI C(BEGIN) ZT 1 2 n E25000 ZE C(ROLLBACK) ZI C(DECLARE) ZI");
      assertThat(talk.missing).isEqualTo(2);
      assertThat(talk.server.committed).isEmpty();
    }
  }
}
