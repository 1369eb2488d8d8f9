package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Blocks whose service or database goes: what may have been asked to COMMIT votes no (T12). */
final class BlockLossTest {
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
      talk.query("UPDATE b").send(Talk.message('X', body -> {}));
      talk.session.clientGone();

      // Then
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }
}
