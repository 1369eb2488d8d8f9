package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static io.handfast.proxy.postgres.session.Talk.OTHER;
import static io.handfast.proxy.postgres.session.Talk.OTHER_TRACE;
import static io.handfast.proxy.postgres.session.Talk.TRACE;
import static io.handfast.proxy.postgres.session.Talk.named;
import static io.handfast.proxy.postgres.session.Talk.traced;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which branch a block belongs to, and that it is one: by ids, by a trace, by what was set. */
final class BlockNamesTest {
  @Test
  void shouldTakeTheNameFromSetLocal() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SET LOCAL handfast.tx = '" + BRANCH + "'").query("UPDATE a");

      // Then
      assertThat(talk.calls).containsExactly(BRANCH + " UPDATE a");

      // When
      talk.query("COMMIT").query("BEGIN").query("UPDATE a").query("COMMIT");

      // Then
      assertThat(talk.calls).hasSize(1);
    }
  }

  @Test
  void shouldTakeTheNameFromAParameterOfSetConfig() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN");
      talk.parse("", "SELECT set_config('handfast.tx', $1, true)")
          .bind("", BRANCH)
          .execute()
          .sync();
      talk.query("UPDATE a");

      // Then
      assertThat(talk.calls).containsExactly(BRANCH + " UPDATE a");
    }
  }

  @Test
  void T4_shouldTakeDatadogsTraceFromApplicationNameForOneBlock() {
    try (Talk talk = new Talk()) {
      // When
      talk.run(
              "SET application_name = '_DD_00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01'")
          .sync();
      talk.query("BEGIN").query("UPDATE a").query("COMMIT").query("BEGIN").query("UPDATE b");

      // Then
      assertThat(talk.calls).containsExactly("trace 0af7651916cd43dd8448eb211c80319c UPDATE a");
    }
  }

  @Test
  void T4_shouldAskForATraceWhoseBranchIsOverAndRefuseWhenTheEngineDoes() {
    try (Talk talk = new Talk()) {
      // Given: a handler that is late
      talk.inFlight = false;
      talk.knowsTraces = true;
      talk.engine = Talk.Engine.REFUSES;

      // When
      talk.query(
          "UPDATE a /*traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/");

      // Then
      assertThat(talk.calls).containsExactly("trace 0af7651916cd43dd8448eb211c80319c UPDATE a");
      assertThat(talk.refusals).hasSize(1);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldNotTakeTheNameOfAnEmptyStatementOfAPool() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN" + HF).query(HF).query("SHOW x" + HF).query("SET y = 1" + HF);

      // Then
      assertThat(talk.calls).isEmpty();

      // When
      talk.query("UPDATE a" + named(OTHER));

      // Then
      assertThat(talk.calls).containsExactly(OTHER + " UPDATE a");
    }
  }

  @Test
  void shouldRememberWhatAKeptStatementNames() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").parse("S_2", "UPDATE a" + HF).bind("S_2").execute().sync();
      talk.query("COMMIT");
      talk.engine = Talk.Engine.REFUSES;
      talk.heard();

      // When
      talk.query("BEGIN").bind("S_2").execute().sync();

      // Then
      assertThat(talk.calls).hasSize(2);
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT 2 E25000 ZE");
    }
  }

  @Test
  void shouldRefuseASecondBranchInOneBlockAndNameBoth() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + named(OTHER));

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT E25000 ZE");
      assertThat(talk.refusals.getFirst().message()).contains(BRANCH).contains(OTHER);
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed two branches");

      // When
      talk.query("SELECT 1").run("SELECT 1").sync().query("COMMIT").query("SELECT 1");

      // Then
      assertThat(talk.heard())
          .isEqualTo("E25P02 ZE 1 2 n E25P02 ZE C(ROLLBACK) ZI D C(SELECT 1) ZI");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void T12_shouldNotTakeABranchIntoABlockOfAnotherModeThatATraceNamed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.engine = Talk.Engine.PASSES;
      talk.query("BEGIN").query("UPDATE a" + traced(TRACE)).query("UPDATE b" + traced(TRACE));
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(UPDATE 1) ZT");

      // When
      talk.engine = Talk.Engine.ENLISTS;
      talk.query("UPDATE c" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZE C(ROLLBACK) ZI");
      assertThat(talk.refusals.getFirst().message()).contains(TRACE).contains(BRANCH);
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ids,   other, '',  ids",
    "ids,   '',    two, ids",
    "ids,   other, two, ids",
    "trace, other, '',  other",
    "trace, '',    two, trace",
    "trace, other, two, other",
    "'',    other, two, other"
  })
  void T4_shouldTakeTheFirstOfCarriersThatDisagree(
      String comment, String local, String application, String first) {
    try (Talk talk = new Talk()) {
      // Given
      if (!application.isEmpty()) {
        talk.query("SET application_name = '_DD_00-" + OTHER_TRACE + "-00f067aa0ba902b7-01'");
      }
      talk.query("BEGIN");
      if (!local.isEmpty()) {
        talk.query("SET LOCAL handfast.tx = '" + OTHER + "'");
      }

      // When
      talk.query(
          "UPDATE a"
              + switch (comment) {
                case "ids" -> HF;
                case "trace" -> traced(TRACE);
                default -> "";
              });

      // Then
      assertThat(talk.calls)
          .containsExactly(
              switch (first) {
                    case "ids" -> BRANCH;
                    case "trace" -> "trace " + TRACE;
                    default -> OTHER;
                  }
                  + " UPDATE a");
    }
  }

  @Test
  void shouldRefuseTheIdsOfAnotherBranchBehindATrace() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + traced(TRACE)).query("UPDATE b" + HF);

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(UPDATE 1) ZT");

      // When
      talk.query("UPDATE c" + named(OTHER));

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZE");
      assertThat(talk.refusals.getFirst().message()).contains(BRANCH).contains(OTHER);
    }
  }

  @Test
  void shouldRefuseAnotherTraceBehindIds() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + traced(TRACE));

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(UPDATE 1) ZT");

      // When
      talk.query("UPDATE c" + traced(OTHER_TRACE)).query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("E25000 ZE C(ROLLBACK) ZI");
      assertThat(talk.refusals.getFirst().message())
          .isEqualTo(
              "two branches are named in one block: "
                  + BRANCH
                  + " by a statement before, trace "
                  + OTHER_TRACE
                  + " by UPDATE c");
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed two branches");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldRefuseAnotherTraceBehindATrace() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + traced(TRACE)).query("UPDATE b" + traced(OTHER_TRACE));

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT E25000 ZE");
      assertThat(talk.refusals.getFirst().message()).contains(BRANCH).contains(OTHER_TRACE);
    }
  }

  @Test
  void shouldLetATracePassBehindIdsWhereTheBranchHasNone() {
    try (Talk talk = new Talk()) {
      // Given
      talk.trace = "";

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("UPDATE b" + traced(OTHER_TRACE));

      // Then
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT C(UPDATE 1) ZT C(UPDATE 1) ZT");
    }
  }

  @Test
  void T4_shouldKeepANameThatTheNextPipelineHasMadeWhereTheOneBeforeFails() {
    try (Talk talk = new Talk()) {
      // Given
      talk.server.failing.put("broken", "23505");
      talk.query("BEGIN").query("ROLLBACK");

      // When
      talk.serving = false;
      talk.run("SHOW broken").run("SHOW x").sync().run("UPDATE a" + HF).sync().serve();

      // Then
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.server.prepared.get("hf1_700")).containsExactly("UPDATE a");
    }
  }
}
