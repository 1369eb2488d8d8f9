package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.transaction.v1.InquireItem;
import io.handfast.transaction.v1.Sender;
import io.handfast.tx.engine.base.Messages;
import org.junit.jupiter.api.Test;

/** Abuse: two coordinators with one store-id, as where a journal's directory was copied. */
class StoreClashTest {
  private static final String CLASHES = "handfast.tx.store.clashes";

  private final Mesh mesh = new Mesh();
  private final Sidecar bank = mesh.sidecar("bank");

  private void hears(String store, String authority, long incarnation) {
    bank.engine()
        .control()
        .onInquire(
            Sender.newBuilder()
                .setProtocolVersion(1)
                .setService("front")
                .setStoreId(store)
                .setAuthority(authority)
                .setIncarnation(incarnation)
                .build(),
            InquireItem.newBuilder()
                .setTxId(Messages.bytes(Control.STRANGE))
                .setBranchId(7)
                .setDecider("j.bank")
                .setParticipant("front:15014")
                .build(),
            result -> {});
    mesh.pass(0);
  }

  @Test
  void shouldTellASecondSidecarOnAnothersStore() {
    // Given
    hears("j.front", "front:15014", 3);
    hears("j.front", "copy:15014", 4);
    assertThat(bank.count(CLASHES)).as("it may have moved").isZero();

    // When
    hears("j.front", "front:15014", 3);

    // Then
    assertThat(bank.count(CLASHES)).isEqualTo(1);
  }

  @Test
  void shouldTellASecondSidecarInTheSameIncarnation() {
    // When
    hears("j.front", "front:15014", 3);
    hears("j.front", "copy:15014", 3);

    // Then
    assertThat(bank.count(CLASHES)).isEqualTo(1);
  }

  @Test
  void shouldTellASecondSidecarOnItsOwnStore() {
    // When
    hears("j.bank", "copy:15014", bank.incarnation() + 1);

    // Then
    assertThat(bank.count(CLASHES)).isEqualTo(1);
  }

  @Test
  void shouldNotTakeARestartOrALateMessageOfAFormerLifeForASecondOne() {
    // When
    hears("j.front", "front:15014", 3);
    hears("j.front", "front:15014", 4);
    hears("j.front", "front:15014", 3);
    hears("j.bank", "bank:15014", bank.incarnation());
    hears("e.shared", "one:15014", 9);
    hears("e.shared", "two:15014", 7);

    // Then
    assertThat(bank.count(CLASHES)).isZero();
  }
}
