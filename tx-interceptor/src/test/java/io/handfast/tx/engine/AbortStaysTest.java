package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.Record;
import io.handfast.tx.core.TxId;
import io.handfast.tx.port.SharedStore.Found;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** For how long ABORT stands in a store that is shared (T19). */
class AbortStaysTest {
  private static final TxId TX = TxId.of(1_749_000_000_000L, 1, 2);
  private static final Duration HOUR = Duration.ofHours(1);

  private final SharedMesh mesh = new SharedMesh();
  private final SharedPod front = mesh.pod("front", "front-1");
  private final SharedPod bank = mesh.pod("bank", "bank-1");

  private long aborts() {
    return mesh.etcd.records().stream().filter(Record::hasAborted).count();
  }

  @Test
  void shouldKeepAbortForTwiceTheLongestTransactionWhileItsCoordinatorMayLiveT19() {
    // Given: by a participant, after its deadline
    assertThat(mesh.abort(bank, TX)).isInstanceOf(Found.Aborted.class);

    // When, Then
    mesh.pass(HOUR.multipliedBy(2).minusMinutes(1));
    assertThat(aborts()).isEqualTo(1);
    mesh.pass(Duration.ofMinutes(2));
    assertThat(aborts()).isZero();
  }

  @Test
  void shouldKeepAbortToWhichAnUnansweredCommitHasLostUntilItsCoordinatorIsGoneT19() {
    // Given: by a coordinator that does not know whether its COMMIT arrives yet (T18)
    List<Found> found = new ArrayList<>();
    front.loop().execute(() -> front.store().resolve(TX, front.store().incarnation(), found::add));
    mesh.pass(HOUR.multipliedBy(5));
    assertThat(found).singleElement().isInstanceOf(Found.Aborted.class);
    assertThat(aborts()).isEqualTo(1);

    // When: nobody is left who began before it
    SharedPod later = mesh.pod("bank", "bank-2");
    for (SharedPod gone : List.of(front, bank)) {
      gone.kill();
      gone.expire();
    }
    mesh.pass(Duration.ofMinutes(1));

    // Then
    assertThat(aborts()).isZero();
    assertThat(mesh.stands(later, TX)).isInstanceOf(Found.Nothing.class);
  }

  @Test
  void shouldRemoveAbortAtOnceWhenNobodyIsLeftWhoBeganBeforeItT19() {
    // Given
    assertThat(mesh.abort(bank, TX)).isInstanceOf(Found.Aborted.class);
    mesh.pod("bank", "bank-2");

    // When
    for (SharedPod gone : List.of(front, bank)) {
      gone.kill();
      gone.expire();
    }
    mesh.pass(Duration.ofMinutes(1));

    // Then
    assertThat(aborts()).isZero();
  }
}
