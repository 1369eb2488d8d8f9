package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.BRANCH;
import static io.handfast.proxy.postgres.session.Talk.HF;
import static io.handfast.proxy.postgres.session.Talk.OTHER;
import static io.handfast.proxy.postgres.session.Talk.named;
import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.postgres.sql.SqlScript;
import io.handfast.tx.interceptor.SqlRefusal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * The session's refusals as a service reads them: SQLSTATE, message, hint. PARTICIPATION.md names
 * each with its test.
 */
final class RefusalTest {

  private static void assertRefused(Talk talk, String state, String message, String hint) {
    SqlRefusal refusal = talk.refusals.getFirst();
    assertThat(refusal.sqlState()).isEqualTo(state);
    assertThat(refusal.message()).isEqualTo(message);
    assertThat(refusal.hint()).contains(hint);
    assertThat(received(talk)).contains(message, refusal.hint());
  }

  private static String received(Talk talk) {
    return talk.received.toString(StandardCharsets.UTF_8);
  }

  private static Talk mandatory() {
    return new Talk(true, Integer.MAX_VALUE);
  }

  @Test
  void shouldSayWhatToSetWhenNothingNamesABranchT5() {
    try (Talk talk = mandatory().query("UPDATE a SET x = 1")) {
      assertRefused(
          talk,
          "25000",
          "a transaction of the mesh is required here, and nothing names one: UPDATE a",
          "SET LOCAL handfast.tx = '<tx-id>-<branch-id>'");
      assertThat(talk.missing).isEqualTo(1);
    }
  }

  @Test
  void shouldSayThatTheServerIsTooOld() {
    try (Talk talk = new Talk().parameter("server_version", "12.22").query("UPDATE a" + HF)) {
      assertRefused(
          talk,
          "0A000",
          "PostgreSQL 12 takes no part in transactions of the mesh",
          "PostgreSQL 13 or newer.");
      assertThat(talk.blocks).hasSize(1).first().asString().startsWith("failed PostgreSQL 12");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldSayWhatWasFoundWhereANameCannotBeTakenT4() {
    try (Talk talk = new Talk().query("UPDATE a" + HF + named(OTHER))) {
      assertRefused(
          talk,
          "25000",
          "what names the branch cannot be taken: "
              + "comments name two branches, 00-"
              + BRANCH
              + "-00 and 00-"
              + OTHER
              + "-00",
          "sqlcommenter");
    }
    try (Talk talk = new Talk()) {
      talk.query("BEGIN").query("SET LOCAL handfast.tx = 'x'").query("UPDATE a");
      assertThat(talk.refusals.getFirst().sqlState()).isEqualTo("25000");
      assertThat(talk.refusals.getFirst().message())
          .startsWith("what names the branch cannot be taken: handfast.tx: ");
    }
    try (Talk talk = new Talk().query("UPDATE a" + named("x"))) {
      assertThat(talk.refusals.getFirst().sqlState()).isEqualTo("25000");
      assertThat(talk.refusals.getFirst().message())
          .startsWith("what names the branch cannot be taken: in an SQL comment, ");
    }
  }

  @Test
  void shouldNameBothBranchesOfABlock() {
    try (Talk talk =
        new Talk().query("BEGIN").query("UPDATE a" + HF).query("DELETE FROM b" + named(OTHER))) {
      assertRefused(
          talk,
          "25000",
          "two branches are named in one block: "
              + BRANCH
              + " by a statement before, "
              + OTHER
              + " by DELETE FROM b",
          "A block belongs to one branch.");
    }
  }

  @Test
  void shouldSayThatTheDatabaseDidNotBegin() {
    try (Talk talk = new Talk()) {
      talk.server.failing.put("BEGIN", "57P01");
      talk.query("UPDATE a" + HF);
      assertRefused(talk, "25000", "the database did not begin the block", "");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldNameWhatCannotBePrepared() {
    try (Talk talk =
        new Talk().query("BEGIN").query("UPDATE a" + HF).query("CREATE TEMP TABLE t (x int)")) {
      assertRefused(
          talk,
          "0A000",
          "the block cannot be prepared, because PostgreSQL prepares none with temporary objects:"
              + " CREATE TABLE t",
          "or use mode callback");
    }
  }

  @Test
  void shouldNameWhoMayNotCompleteIt() {
    try (Talk talk =
        new Talk()
            .query("BEGIN")
            .query("SET LOCAL ROLE stranger")
            .query("UPDATE a" + HF)
            .query("COMMIT")) {
      assertRefused(
          talk,
          "0A000",
          "the block cannot be prepared, because the role stranger would own it, and the"
              + " sidecar's, app, may not complete it",
          "RESET ROLE");
    }
  }

  @Test
  void shouldSayWhatAHeldCursorMayDoBehindASavepoint() {
    try (Talk talk =
        new Talk()
            .query("BEGIN")
            .query("DECLARE c CURSOR WITH HOLD FOR SELECT x FROM a" + HF)
            .query("SAVEPOINT s")
            .query("COMMIT")) {
      assertRefused(
          talk,
          "0A000",
          "the block cannot be committed, because COMMIT would run a cursor WITH HOLD to its end,"
              + " and behind a savepoint nothing keeps that from writing",
          "without savepoints");
    }
  }

  @Test
  void shouldSayThatAPortalOfTheEndIsGone() {
    try (Talk talk = new Talk().query("BEGIN").query("UPDATE a" + HF)) {
      talk.parse("", "COMMIT").bindPortal("C_1", "").closePortal("C_1");
      talk.executePortal("C_1", 0).sync();
      assertRefused(talk, "34000", "portal C_1 does not exist", "");
    }
  }

  @Test
  void shouldNameTheServersThatAreNotOne() {
    try (Talk talk = new Talk()) {
      talk.identifier = "8";
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");
      assertRefused(
          talk,
          "0A000",
          "the block cannot be prepared, because the sidecar could not find it: this connection is"
              + " to the server with the system identifier "
              + talk.server.identifier
              + ", and those of database "
              + "bank"
              + " are to "
              + "8",
          "the same server");
    }
  }

  @Test
  void shouldSayWhoPreparesABlock() {
    try (Talk talk =
        new Talk().query("BEGIN").query("UPDATE a" + HF).query("PREPARE TRANSACTION 'mine'")) {
      assertRefused(
          talk,
          "0A000",
          "the block belongs to branch "
              + BRANCH
              + ", whose COMMIT the sidecar prepares: the service cannot prepare it itself",
          "COMMIT it.");
    }
  }

  @Test
  void shouldSayWhoseNamesBeginSo() {
    try (Talk talk = new Talk().query("ROLLBACK PREPARED 'hf1_x'")) {
      assertRefused(
          talk,
          "0A000",
          "a global id that begins with hf1_ is made by the sidecar alone",
          "in another way");
    }
  }

  @Test
  void shouldSayWhyATextCannotBeRead() {
    try (Talk talk = mandatory().query("SELECT 1;".repeat(SqlScript.MAX_STATEMENTS + 1))) {
      assertRefused(
          talk,
          "0A000",
          "it cannot be told which transaction of the mesh this statement belongs to: more than "
              + SqlScript.MAX_STATEMENTS
              + " statements in one text",
          "as UTF-8 and shorter");
    }
  }

  @Test
  void shouldRepeatTheReasonUntilTheBlockIsEnded() {
    try (Talk talk =
        mandatory().query("BEGIN").query("UPDATE a").query("SELECT 1").query("COMMIT")) {
      assertThat(talk.heard()).isEqualTo("C(BEGIN) ZT E25000 ZE E25P02 ZE C(ROLLBACK) ZI");
      assertThat(received(talk))
          .contains(
              "current transaction is aborted, commands ignored until end of transaction block: a"
                  + " transaction of the mesh is required here, and nothing names one: UPDATE a");
    }
  }

  @Test
  void shouldSayThatAnErrorIsTooLong() {
    try (Talk talk = new Talk()) {
      talk.server.failing.put("COMMIT", "53100");
      talk.server.padding = 70_000;
      talk.query("BEGIN").query("SELECT x FROM a" + HF).query("COMMIT");
      assertThat(talk.heard()).endsWith("E53100 ZI");
      assertThat(received(talk))
          .contains("the database's error is longer than the sidecar looks at")
          .contains("The database's log has it.");
    }
  }
}
