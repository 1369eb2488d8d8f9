package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cursors WITH HOLD, which COMMIT runs to their ends: what they write then is of their block. */
final class HeldCursorTest {
  private static final String WRITER = "DECLARE c CURSOR WITH HOLD FOR SELECT writes(1)";
  private static final String VIEW = "DECLARE c CURSOR WITH HOLD FOR SELECT * FROM writing_view";
  private static final String HIDDEN = "DO $$" + VIEW + "$$";
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

  @ParameterizedTest
  @ValueSource(strings = {VIEW, HIDDEN})
  void T12_shouldNotCommitWhatIsWrittenAtCommitBehindAText(String cursor) {
    for (String commit : List.of("COMMIT", "COMMIT AND CHAIN")) {
      try (Talk talk = new Talk()) {
        // When
        talk.query("BEGIN").query(cursor + HF).query(commit).query("SELECT 1");

        // Then
        assertThat(talk.heard()).contains(" E25006 ZI").endsWith("C(SELECT 1) ZI");
        assertThat(talk.received.toString(StandardCharsets.US_ASCII))
            .contains("HCOMMIT runs a cursor WITH HOLD to its end");
        assertThat(talk.server.committed).isEmpty();
        assertThat(talk.blocks).singleElement().asString().startsWith("failed COMMIT was refused");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {VIEW, HIDDEN, READER})
  void T12_shouldRefuseItBehindASavepointWhereNoModeKeepsItFromWriting(String cursor) {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query(cursor + HF).query("SAVEPOINT s").run("COMMIT").sync();

      // Then
      assertThat(talk.heard()).endsWith(" E0A000 ZI");
      assertThat(talk.refusals).singleElement().asString().contains("a cursor WITH HOLD");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).singleElement().asString().startsWith("failed");
    }
  }

  @Test
  void T12_shouldTellWhyItWasNotAskedForHeldCursors() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("READ ONLY", "57014");

      // When
      talk.query("BEGIN").query(READER + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" E57014 ZI");
      assertThat(talk.blocks).singleElement().asString().startsWith("failed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {READER, "DO $$reads$$"})
  void shouldCommitABlockThatWritesNothingAtCommit(String sql) {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query(sql + HF);
      talk.ran();
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("C(COMMIT) ZI");
      assertThat(talk.ran()).endsWith("; SET TRANSACTION READ ONLY; COMMIT");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldCommitABlockWithASavepointThatHoldsNoCursor() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("DO $$reads$$" + HF).query("SAVEPOINT s").query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("C(COMMIT) ZI");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldGiveTheModeBackBehindAndChain() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query(READER + HF).query("COMMIT AND CHAIN");

      // Then
      assertThat(talk.heard()).endsWith("C(COMMIT) ZT");
      assertThat(talk.ran())
          .endsWith(
              "; SET TRANSACTION READ ONLY; COMMIT;"
                  + " BEGIN ISOLATION LEVEL serializable READ WRITE NOT DEFERRABLE");
      assertThat(talk.blocks).containsExactly("readOnly");
    }
  }

  @Test
  void shouldCommitABlockThatReadsAsItIs() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SELECT x FROM a" + HF).query("COMMIT");

      // Then
      assertThat(talk.ran()).endsWith("; COMMIT").doesNotContain("READ ONLY");
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
