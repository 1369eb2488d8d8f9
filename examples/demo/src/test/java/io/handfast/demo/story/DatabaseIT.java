package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.demo.story.Books.Findings;
import io.handfast.demo.story.Story.Played;
import io.handfast.demo.town.Accounts;
import io.handfast.demo.town.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The bank in plain SQL, with HikariCP and OpenTelemetry's agent, through the mesh's files of the
 * example as they are: a service's own COMMIT is its vote.
 */
final class DatabaseIT {

  @Test
  void shouldMoveTheMoneyAtBothBanksOrAtNeitherWhenServicesOnlyCommit() throws Exception {
    // When
    List<Played> played = Stage.play(Kind.DATABASE, PlainActs.quick());

    // Then
    assertThat(played)
        .hasSameSizeAs(PlainActs.quick())
        .allSatisfy(act -> assertThat(act.violations()).as(act.title()).isEmpty());
    assertThat(played)
        .extracting(Played::told)
        .containsExactly("committed", "aborted", "aborted", "committed");
    Findings last = played.getLast().findings();
    assertThat(last.balances())
        .containsEntry("bank-a/alice", Accounts.OPENING_BALANCE - 25_000 - 10_000)
        .containsEntry("bank-b/bob", Accounts.OPENING_BALANCE + 25_000 + 10_000);
    assertThat(last.open()).as("left in pg_prepared_xacts").isZero();
    assertThat(ProcessHandle.current().descendants()).isEmpty();
  }
}
