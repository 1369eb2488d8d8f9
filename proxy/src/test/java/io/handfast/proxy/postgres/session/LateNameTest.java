package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A block that was named after its statements is asked for at its COMMIT. */
final class LateNameTest {
  private static final String NAMES = "SET LOCAL handfast.tx = '" + BRANCH + "'";

  /** Begins a block that writes, and names it then. */
  private static Talk named(Talk talk, String names) {
    talk.query("BEGIN").query("UPDATE a").query(names);
    talk.heard();
    talk.ran();
    return talk;
  }

  @ParameterizedTest
  @ValueSource(strings = {"Query", "Execute", "text", "pipeline"})
  void T4_shouldAskAtCommitForABlockThatWasNamedBehindItsStatements(String how) {
    try (Talk talk = new Talk()) {
      // When
      switch (how) {
        case "Query" -> talk.query("BEGIN").query("UPDATE a").query(NAMES).query("COMMIT");
        case "Execute" -> talk.query("BEGIN").query("UPDATE a").query(NAMES).run("COMMIT").sync();
        case "text" -> talk.query("BEGIN; UPDATE a; " + NAMES + "; COMMIT");
        default -> {
          talk.serving = false;
          talk.run("BEGIN").run("UPDATE a").run(NAMES).run("COMMIT").sync().serve();
        }
      }

      // Then
      assertThat(talk.heard()).endsWith("C(COMMIT) ZI");
      assertThat(talk.calls).containsExactly(BRANCH + " COMMIT");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T4_shouldAskAtCommitForABlockThatDatadogNamedBehindItsStatements() {
    try (Talk talk =
        named(
            new Talk(), "SET application_name = '_DD_00-" + Talk.TRACE + "-00f067aa0ba902b7-01'")) {
      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.calls).containsExactly("trace " + Talk.TRACE + " COMMIT");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T4_shouldRefuseTheServicesOwnPrepareOfABlockThatWasNamedBehindItsStatements() {
    try (Talk talk = named(new Talk(), NAMES)) {
      // When
      talk.query("PREPARE TRANSACTION 'mine'").query("ROLLBACK");

      // Then
      assertThat(talk.heard()).isEqualTo("E0A000 ZE C(ROLLBACK) ZI");
      assertThat(talk.server.prepared).isEmpty();
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).singleElement().asString().startsWith("failed");
    }
  }

  @Test
  void T5_shouldRefuseTheCommitOfABranchThatIsNotInFlight() {
    try (Talk talk = named(new Talk(), NAMES)) {
      // Given
      talk.engine = Talk.Engine.REFUSES;

      // When
      talk.query("COMMIT").query("SELECT 1");
      named(talk, NAMES).run("COMMIT").sync().query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("1 2 n E25000 ZI D C(SELECT 1) ZI");
      assertThat(talk.refusals).hasSize(2);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "COMMIT AND CHAIN"})
  void shouldLeaveTheCommitToABranchOfAnotherMode(String commit) {
    try (Talk talk = named(new Talk(), NAMES)) {
      // Given
      talk.engine = Talk.Engine.PASSES;

      // When
      talk.query(commit);

      // Then
      assertThat(talk.ran()).isEqualTo(commit);
      assertThat(talk.server.committed).containsExactly("UPDATE a");
    }
  }

  @Test
  void shouldRefuseTheCommitWhereTheNameCannotBeRead() {
    try (Talk talk = named(new Talk(), "SET LOCAL handfast.tx = 'nothing of ours'")) {
      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldAskNobodyForABlockThatRanNothingThatCouldWrite() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SHOW x").query(NAMES).query("COMMIT");

      // Then
      assertThat(talk.calls).isEmpty();
      assertThat(talk.ran()).endsWith("COMMIT");
    }
  }

  /** Begins a block that a branch of another mode writes in, and names another one then. */
  private static Talk otherWay(Talk talk, String sets) {
    talk.engine = Talk.Engine.PASSES;
    talk.query("BEGIN").query("UPDATE a" + Talk.HF).query("UPDATE b").query(sets);
    talk.heard();
    return talk;
  }

  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "COMMIT AND CHAIN", "PREPARE TRANSACTION 'mine'"})
  void T4_shouldRefuseASecondBranchThatIsNamedBehindAllStatements(String end) {
    try (Talk talk = otherWay(new Talk(), "SET LOCAL handfast.tx = '" + Talk.OTHER + "'")) {
      // When
      talk.query(end);

      // Then
      assertThat(talk.heard()).startsWith("E25000 Z");
      assertThat(talk.refusals.getFirst().message()).contains(BRANCH).contains(Talk.OTHER);
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.server.prepared).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        NAMES,
        "SET LOCAL handfast.tx = 'x'",
        "SET application_name = '_DD_00-" + Talk.OTHER_TRACE + "-00f067aa0ba902b7-01'"
      })
  void shouldLeaveTheCommitToItsBranchWhereNoOtherIsNamedForTheBlock(String sets) {
    try (Talk talk = otherWay(new Talk(), sets)) {
      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(COMMIT) ZI");
      assertThat(talk.server.committed).containsExactly("UPDATE a", "UPDATE b");
      assertThat(talk.calls).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SET LOCAL handfast.tx = '" + Talk.OTHER + "'", "SET LOCAL handfast.tx = 'x'"})
  void T4_shouldPrepareForTheBranchThatTheStatementsHaveNamed(String sets) {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + Talk.HF).query(sets).query("COMMIT");

      // Then
      assertThat(talk.calls).containsExactly(BRANCH + " UPDATE a");
      assertThat(talk.heard()).endsWith("C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }
}
