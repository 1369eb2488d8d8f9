package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Statements that the client has given back, and uses all the same. */
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
}
