package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Function calls by the fast path, as pgjdbc makes them for large objects. */
final class FastPathTest {
  private static final String NAMES = "SET LOCAL handfast.tx = '" + BRANCH + "'";

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4096, Integer.MAX_VALUE})
  void T4_shouldEnlistAFunctionCallThatHandfastTxNames(int piece) {
    try (Talk talk = new Talk(false, piece)) {
      // When
      talk.query("BEGIN").query(NAMES).function(957, 10_000).function(957, 10_000).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(SET) ZT V ZT V ZT C(COMMIT) ZI");
      assertThat(talk.calls).containsExactly(BRANCH + " a function call");
      assertThat(talk.server.prepared.get("hf1_700"))
          .containsExactly("function 957", "function 957");
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).containsExactly("preparing hf1_700", "prepared");
    }
  }

  @Test
  void T4_shouldEnlistAFunctionCallBehindWhatIsStillUnderWay() {
    try (Talk talk = new Talk()) {
      // When
      talk.serving = false;
      talk.query("BEGIN").run(NAMES).function(957, 1).query("COMMIT").query("SELECT 1").serve();

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(BEGIN) ZT 1 2 n C(SET) V ZT C(COMMIT) ZI D C(SELECT 1) ZI");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("function 957");
      assertThat(talk.server.violations).isEmpty();
    }
  }

  @Test
  void shouldHoldAFunctionCallUntilTheEngineHasSpoken() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.WAITS;

      // When
      talk.query("BEGIN").query(NAMES).function(957, 1);

      // Then
      assertThat(talk.ran()).doesNotContain("function");

      // When
      talk.enlists();

      // Then
      assertThat(talk.ran()).endsWith("SET LOCAL lock_timeout = 9000; function 957");
      assertThat(talk.heard()).endsWith("V ZT");
    }
  }

  @Test
  void T5_shouldRefuseAFunctionCallOfABranchThatIsNotInFlight() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.REFUSES;

      // When
      talk.query("BEGIN").query(NAMES).function(957, 1).function(957, 1).query("ROLLBACK");

      // Then
      assertThat(talk.heard())
          .isEqualTo("C(BEGIN) ZT C(SET) ZT E25000 ZE E25P02 ZE C(ROLLBACK) ZI");
      assertThat(talk.ran()).doesNotContain("function");
    }
  }

  @Test
  void T12_shouldRefuseAFunctionCallOfADoomedBlock() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query(NAMES).function(957, 1);
      talk.serving = false;
      talk.query("SELECT 1").function(957, 1);
      talk.ran();

      // When
      talk.doom();
      talk.serving = true;
      talk.function(957, 1);

      // Then
      assertThat(talk.ran()).isEqualTo("SELECT 1; ROLLBACK");
      assertThat(talk.heard()).endsWith("D C(SELECT 1) ZT E40000 ZE E25P02 ZE");
    }
  }

  @Test
  void shouldLeaveTheErrorOfAFunctionToTheClient() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("function 957", "42704");

      // When
      talk.query("BEGIN").query(NAMES).function(957, 1).function(957, 1).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("E42704 ZE E25P02 ZE C(ROLLBACK) ZI");
      assertThat(talk.blocks)
          .containsExactly("failed COMMIT was asked for of a block that had failed");
    }
  }

  @Test
  void T4_shouldPrepareAFunctionCallOutsideOfBlocksThatDatadogNames() {
    try (Talk talk = new Talk()) {
      // When
      talk.query(
          "SET application_name = '_DD_00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'");
      talk.function(957, 1).query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("C(SET) ZI V ZI D C(SELECT 1) ZI");
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("function 957");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldTakeInAFunctionCallBeforeTheStatementThatNamesItsBranch() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("BEGIN").function(957, 1).query("INSERT INTO a VALUES (1)" + HF).query("COMMIT");

      // Then
      assertThat(talk.server.prepared.get("hf1_700"))
          .containsExactly("function 957", "INSERT INTO a VALUES (1)");
      assertThat(talk.missing).isZero();
    }
  }

  @Test
  void T5_shouldCommitNothingThatAFunctionCallWroteWhereATransactionIsRequired() {
    try (Talk talk = new Talk(true, Integer.MAX_VALUE)) {
      // When
      talk.query("BEGIN").function(957, 1).query("COMMIT").function(957, 1).query("SELECT 1");

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT V ZT E25000 ZI V E25000 ZI D C(SELECT 1) ZI");
      assertThat(talk.missing).isEqualTo(2);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldRefuseAFunctionCallThatIsLongerThanCanBeKept() {
    try (Talk talk = new Talk(false, 1 << 20)) {
      // When
      talk.query("BEGIN").query(NAMES).function(957, ClientSide.MAX_TEXT_THAT_MATTERS);

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(SET) ZT E0A000 ZE");
      assertThat(talk.ran()).doesNotContain("function");
    }
  }

  @Test
  void shouldLetAFunctionCallPassWhereNothingNamesABranch() {
    try (Talk talk = new Talk()) {
      // When
      talk.function(957, 1).query("BEGIN").function(957, 1).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("V ZI C(BEGIN) ZT V ZT C(COMMIT) ZI");
      assertThat(talk.ran()).isEqualTo("function 957; BEGIN; function 957; COMMIT");
    }
  }
}
