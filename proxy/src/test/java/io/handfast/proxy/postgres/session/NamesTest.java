package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statements that the client has given back, portals that have ended, and are used all the same.
 */
final class NamesTest {

  /** A driver that is told so by the server parses it again; one that is refused gives up. */
  @Test
  void shouldLetTheServerSayThatAStatementIsGone() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").parse("S_1", "SELECT x FROM a").sync().query("DEALLOCATE ALL").heard();

      // When
      talk.serving = false;
      talk.bind("S_1").execute().sync();
      talk.serving = true;
      talk.serve();

      // Then
      assertThat(talk.heard()).startsWith("E26000 Z");
      assertThat(talk.refusals).isEmpty();
    }
  }

  @Test
  void shouldPrepareInThePlaceOfCommitWhenTheServerDidNotGiveItBack() {
    try (Talk talk = new Talk()) {
      // Given
      talk.parse("S_1", "COMMIT").sync();
      talk.server.failing.put("DEALLOCATE", "57014");
      talk.query("DEALLOCATE ALL").query("BEGIN").query("UPDATE a" + HF).heard();

      // When
      talk.bind("S_1").execute().sync();

      // Then
      assertThat(talk.heard()).isEqualTo("2 C(COMMIT) ZI");
      assertThat(talk.blocks).last().isEqualTo("prepared");
    }
  }

  /** pgjdbc goes on reading a REFCURSOR behind the COMMIT that has closed it. */
  @ParameterizedTest
  @ValueSource(strings = {"COMMIT", "ROLLBACK"})
  void shouldLetTheServerSayThatAPortalIsGone(String end) {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").parse("", "FETCH ALL IN x").bindPortal("C_1", "");
      talk.executePortal("C_1", 9).sync().query(end).heard();

      // When
      talk.executePortal("C_1", 9).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("E34000 ZI");
      assertThat(talk.refusals).isEmpty();
    }
  }

  @Test
  void shouldLetTheServerSayThatAPortalWasClosed() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").parse("", "FETCH ALL IN x").bindPortal("C_1", "");
      talk.executePortal("C_1", 9).closePortal("C_1").sync().heard();

      // When
      talk.executePortal("C_1", 9).sync();

      // Then
      assertThat(talk.heard()).startsWith("E34000 Z");
      assertThat(talk.refusals).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "COMMIT, Sync",
    "COMMIT, Query",
    "COMMIT, text",
    "COMMIT, pipeline",
    "COMMIT, plain pipeline",
    "COMMIT, Close",
    "ROLLBACK, Sync",
    "ROLLBACK, Query",
    "ROLLBACK, text",
    "ROLLBACK, pipeline",
    "ROLLBACK, plain pipeline",
    "ROLLBACK, Close"
  })
  void T12_shouldEndNoBlockByAPortalThatIsGone(String end, String by) {
    try (Talk talk = new Talk()) {
      // Given
      talk.parse("S_1", end).parse("S_2", "BEGIN").parse("S_3", "UPDATE b" + HF).sync();
      talk.query("BEGIN").query("UPDATE a" + (by.startsWith("plain") ? "" : HF));
      talk.bindPortal("C_1", "S_1");
      switch (by) {
        case "Sync" -> talk.executePortal("C_1", 0).sync();
        case "Query" -> talk.sync().query(end);
        case "text" -> talk.sync().query(end + "; SELECT 1");
        case "Close" -> talk.closePortal("C_1").sync().query(end);
        default -> talk.executePortal("C_1", 0);
      }
      talk.bind("S_2").execute().bind("S_3").execute();
      if (!by.endsWith("pipeline")) {
        talk.sync();
      }
      talk.heard();
      talk.server.committed.clear();
      talk.server.prepared.clear();

      // When
      talk.executePortal("C_1", 0).sync();

      // Then
      assertThat(talk.heard()).endsWith("E34000 ZE");
      assertThat(talk.server.prepared).isEmpty();

      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).isEqualTo("C(ROLLBACK) ZI");
      assertThat(talk.server.prepared).isEmpty();
      assertThat(talk.server.committed).isEmpty();
      assertThat(talk.blocks).last().asString().startsWith("failed");
    }
  }

  @Test
  void shouldEndABlockByAPortalWhoseFirstUseWasSkipped() {
    try (Talk talk = new Talk()) {
      // Given
      talk.parse("S_1", "ROLLBACK").sync();
      talk.query("BEGIN").query("SAVEPOINT s").query("UPDATE a" + HF);
      talk.bindPortal("C_1", "S_1").sync().heard();

      // When
      talk.bind("nothing").closePortal("C_1").executePortal("C_1", 0).sync();
      talk.query("ROLLBACK TO s").executePortal("C_1", 0).sync();

      // Then
      assertThat(talk.heard()).isEqualTo("E26000 ZE C(ROLLBACK) ZT C(ROLLBACK) ZI");
      assertThat(talk.blocks).containsExactly("rolledBack");
    }
  }

  @Test
  void shouldRefuseAPortalThatWasNeverSeen() {
    try (Talk talk = new Talk()) {
      talk.query("BEGIN").query("UPDATE a" + HF).heard();
      talk.executePortal("C_1", 0).sync();
      assertThat(talk.heard()).startsWith("E0A000 Z");
    }
  }

  @Test
  void shouldForgetTheOldestPortalsThatHaveEnded() {
    Names names = new Names();
    for (int i = 0; i < 100; i++) {
      names.bind("C_" + i, Prepared.PLAIN);
      names.endPortals();
    }
    assertThat(names.portal("C_1")).isSameAs(Prepared.UNKNOWN);
    assertThat(names.portal("C_99")).isSameAs(Prepared.PLAIN);
  }

  @Test
  void shouldForgetTheOldestThatWereGivenBack() {
    Names names = new Names();
    for (int i = 0; i < 2_000; i++) {
      names.parse("S_" + i, Prepared.PLAIN);
      names.forget();
    }
    assertThat(names.statement("S_1")).isSameAs(Prepared.UNKNOWN);
    assertThat(names.statement("S_1999")).isSameAs(Prepared.PLAIN);
  }

  @Test
  void shouldNotTakeWhatIsTooMuchToRememberForWhatItsNameWasBefore() {
    // Given
    Names names = new Names();
    names.parse("S", Prepared.PLAIN);
    names.bind("C", Prepared.PLAIN);
    names.closeStatement("S");
    names.closePortal("C");
    for (int i = 0; i < Names.MAX; i++) {
      names.parse("S_" + i, Prepared.EMPTY);
      names.bind("C_" + i, Prepared.EMPTY);
    }

    // When
    names.parse("S", Prepared.EMPTY);
    names.bind("C", Prepared.EMPTY);

    // Then
    assertThat(names.statement("S")).isSameAs(Prepared.UNKNOWN);
    assertThat(names.portal("C")).isSameAs(Prepared.UNKNOWN);
  }
}
