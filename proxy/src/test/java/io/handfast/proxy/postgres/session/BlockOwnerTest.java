package io.handfast.proxy.postgres.session;

import static io.handfast.proxy.postgres.session.Talk.HF;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing is prepared that the sidecar could not complete (T16): else it stays, with its locks. */
final class BlockOwnerTest {
  private static final PgRules NO_ROLES = new PgRules("bank", false, "app", Set.of());

  private static Talk talk(PgRules rules) {
    return new Talk(rules, Integer.MAX_VALUE, StandardCharsets.UTF_8);
  }

  private static void assertRefused(Talk talk) {
    assertThat(talk.heard()).endsWith(" E0A000 ZI");
    assertThat(talk.ran()).doesNotContain("PREPARE").endsWith("ROLLBACK");
    assertThat(talk.server.prepared).isEmpty();
    assertThat(talk.server.committed).isEmpty();
    assertThat(talk.blocks).last().asString().startsWith("failed").contains("would own it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT become('stranger')",
        "SELECT * FROM a_view_that_says(become('stranger'))",
        "UPDATE b SET x = become('stranger')",
        "UPDATE b SET x = become('stranger') /*hf*/",
        "SET LOCAL ROLE stranger"
      })
  void T16_shouldPrepareNothingAsARoleThatItBecameBehindTheQuestion(String sql) {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);

      // When
      talk.query(sql.replace("/*hf*/", HF)).query("COMMIT");

      // Then
      assertRefused(talk);
    }
  }

  @Test
  void T16_shouldPrepareNothingAsARoleThatItBecameInAPipeline() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF);

      // When
      talk.run("SELECT become('stranger')").run("COMMIT").sync();

      // Then
      assertRefused(talk);
    }
  }

  @Test
  void shouldPrepareInOneRoundTripWhereTheRoleIsTheSame() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).query("SELECT 1").query("SELECT become('tenant')");
      talk.ran();
      talk.heard();
      int before = talk.reached.readableBytes();

      // When
      talk.serving = false;
      talk.query("COMMIT");

      // Then
      assertThat(
              talk.reached.toString(
                  before, talk.reached.readableBytes() - before, StandardCharsets.US_ASCII))
          .contains("current_user", "PREPARE TRANSACTION")
          .doesNotContain("xact_id");
      talk.serve();
      assertThat(talk.heard()).isEqualTo("C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldPrepareWhenTheRoleIsItsOwnAgainAtCommit() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF);

      // When
      talk.query("RESET ROLE").query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldTellTheServersErrorWhereItDoesNotSayWhoseTheBlockIs() {
    try (Talk talk = new Talk()) {
      // Given
      talk.query("BEGIN").query("UPDATE a" + HF).query("SELECT 1");
      talk.server.failing.put("SELECT 1 OPERATOR", "57014");

      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" E57014 ZI");
      assertThat(talk.ran()).endsWith("ROLLBACK");
      assertThat(talk.server.prepared).isEmpty();
    }
  }

  @Test
  void T16_shouldPrepareOfAThirdRoleOnlyForASuperuserThatTakesUpAll() {
    try (Talk talk = talk(NO_ROLES)) {
      // Given
      talk.server.superuser = true;

      // When
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");
      talk.query("BEGIN").query("UPDATE a" + HF).query("SELECT become('other')").query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700", "hf1_701");
    }
    try (Talk talk = new Talk()) {
      // Given
      talk.server.superuser = true;

      // When
      talk.query("BEGIN").query("SET LOCAL ROLE tenant").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");

      // When
      talk.heard();
      talk.server.prepared.clear();
      talk.ran();
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertRefused(talk);
    }
  }

  @Test
  void T16_shouldNotPrepareForASuperuserWhoIsNoneAnyMore() {
    try (Talk talk = talk(NO_ROLES)) {
      // Given
      talk.server.superuser = true;
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
      talk.server.prepared.clear();
      talk.ran();

      // When
      talk.server.superuser = false;
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertRefused(talk);

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("SELECT become('other')").query("COMMIT");

      // Then
      assertRefused(talk);
    }
  }

  @Test
  void shouldAskAgainWhetherItIsASuperuserAfterARefusal() {
    try (Talk talk = talk(NO_ROLES)) {
      // Given
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");
      assertRefused(talk);

      // When
      talk.server.superuser = true;
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_701");
    }
  }

  @Test
  void shouldKnowItsRoleWhateverTheClientsEncodingIs() {
    PgRules rules = new PgRules("bank", false, "j\u00f6rg", Set.of());
    try (Talk talk = new Talk(rules, Integer.MAX_VALUE, StandardCharsets.ISO_8859_1)) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");
      talk.query("BEGIN").query("UPDATE a" + HF).query("SELECT 1").query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700", "hf1_701");
    }
  }

  @Test
  void T16_shouldPrepareNothingInAnotherServerThanTheSidecars() {
    try (Talk talk = new Talk()) {
      // Given
      talk.identifier = "8";

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" E0A000 ZI");
      assertThat(talk.ran()).doesNotContain("PREPARE").endsWith("ROLLBACK");
      assertThat(talk.server.prepared).isEmpty();
      assertThat(talk.blocks).last().asString().startsWith("failed").contains("7", "8");
    }
  }

  @Test
  void T16_shouldCompareTheServersOnceTheSidecarHasReachedItsOwn() {
    try (Talk talk = new Talk()) {
      // When: it is not ready
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" C(COMMIT) ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");

      // When
      talk.identifier = "8";
      talk.query("BEGIN").query("UPDATE b" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" E0A000 ZI");
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_700");
    }
  }

  @Test
  void shouldAskOnceOnAConnectionWhichServerItIs() {
    try (Talk talk = new Talk()) {
      // Given: the sidecar has had no connection yet
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");
      assertThat(talk.ran()).doesNotContain("pg_control_system");

      // When
      talk.identifier = talk.server.identifier;
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.ran())
          .containsOnlyOnce("has_function_privilege")
          .containsOnlyOnce("FROM pg_catalog.pg_control_system()");
      assertThat(talk.server.prepared).hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldAskNothingThatTheClientsRoleMayNot(boolean early) {
    try (Talk talk = new Talk()) {
      // Given
      talk.identifier = "8";
      talk.server.tells = false;

      // When
      for (int i = 0; i < 3; i++) {
        talk.query("BEGIN").query("UPDATE a" + HF);
        if (early) {
          talk.query("SELECT 1");
        }
        talk.query("COMMIT");
      }

      // Then
      assertThat(talk.heard()).doesNotContain(" E");
      assertThat(talk.ran())
          .containsOnlyOnce("has_function_privilege")
          .doesNotContain("FROM pg_catalog.pg_control_system()");
      assertThat(talk.server.prepared).hasSize(3);
    }
  }

  @Test
  void shouldLoseOneBlockToARoleThatMayAskNoLonger() {
    try (Talk talk = new Talk()) {
      // Given: it might when it was asked
      talk.identifier = talk.server.identifier;
      talk.query("BEGIN").query("UPDATE a" + HF);
      talk.server.tells = false;

      // When
      talk.query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith(" E42501 ZI");
      assertThat(talk.blocks)
          .containsExactly(
              "failed the database did not tell whether the block wrote: permission denied for"
                  + " function pg_control_system");

      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.server.prepared).containsOnlyKeys("hf1_701");
    }
  }

  @Test
  void shouldPrepareNothingThatTheSidecarCouldNotComplete() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("SET LOCAL ROLE stranger").query("UPDATE a" + HF).query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("C(UPDATE 1) ZT E0A000 ZI");
      assertThat(talk.ran()).doesNotContain("PREPARE").endsWith("ROLLBACK");
      assertThat(talk.blocks).hasSize(1).first().asString().contains("stranger");
      assertThat(talk.server.committed).isEmpty();
    }
  }

  @Test
  void shouldAskForTheRoleAgainWhereItMayHaveChanged() {
    try (Talk talk = new Talk()) {
      // When
      talk.query("BEGIN").query("UPDATE a" + HF).query("SET LOCAL ROLE stranger").query("COMMIT");

      // Then
      assertThat(talk.heard()).endsWith("C(SET) ZT E0A000 ZI");
      assertThat(talk.ran()).doesNotContain("PREPARE");
    }
  }
}
