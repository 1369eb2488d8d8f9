package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.TxId;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The name of what is prepared, and its handle (§8). */
final class GlobalIdTest {
  private static final String[] HOSTS = {
    "a", "ledger.bank.svc.cluster.local", "10.0.0.7", "[2001:db8::1]", "with_under_score"
  };

  private static final String GOOD =
      "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger_1.bank:15014";

  private final SplittableRandom random = new SplittableRandom(7);

  @Test
  void shouldReadWhatItHasWritten() {
    for (int i = 0; i < 10_000; i++) {
      GlobalId id = any();
      String text = id.toString();
      assertThat(GlobalId.parse(text)).isEqualTo(id);
      assertThat(text).startsWith(id.handle("bank").globalIdPrefix(id.tx(), id.branch()));
    }
  }

  @Test
  void shouldWriteNothingElseThanItReads() {
    for (int i = 0; i < 20_000; i++) {
      StringBuilder changed = new StringBuilder(any().toString());
      int at = random.nextInt(changed.length());
      switch (random.nextInt(3)) {
        case 0 -> changed.deleteCharAt(at);
        case 1 -> changed.insert(at, (char) random.nextInt(32, 127));
        default -> changed.setCharAt(at, (char) random.nextInt(32, 127));
      }
      GlobalId read = GlobalId.parse(changed.toString());
      if (read != null) {
        assertThat(read).hasToString(changed.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hf1_",
        "hf2_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger:15014",
        "hf1_0199AAAA00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_0000000000000000_2_4711_j.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_02_4711_j.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_0_4711_j.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_-1_j.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_x.abc-1_ledger:15014",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger:15014_",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_4711_j.abc-1_ledger:15014_0123",
        "hf1_0199aaaa00007abc8def0123456789ab_00000000000000a1_2_99999999999999999999_j.a_l:15014"
      })
  void shouldNotTakeOthersForOurs(String text) {
    assertThat(GlobalId.parse(text)).isNull();
    assertThat(GlobalId.parse(GOOD)).hasToString(GOOD);
  }

  @Test
  void shouldSayWhomTheDeciderIsUnderT20() {
    PeerIdentity spiffe = new PeerIdentity("spiffe://mesh/ns/bank/sa/transfer");
    Decider decider = new Decider(new StoreId("j.abc"), new Authority("transfer", 15014), spiffe);
    GlobalId id = GlobalId.of(tx(), new BranchId(5), 1, 9, decider);
    assertThat(id.digest()).isEqualTo(GlobalId.digest(spiffe)).hasSize(16);
    assertThat(id.toString()).endsWith("_j.abc_transfer:15014_" + GlobalId.digest(spiffe));
  }

  @Test
  void shouldSayWhatToDoWhenTheAuthorityDoesNotFit() {
    StoreId store = new StoreId("j." + "a".repeat(36));
    Authority fits = new Authority("h".repeat(75), 15014);
    assertThat(GlobalId.longest(store, fits, false)).isEqualTo(GlobalId.MAX_LENGTH);
    assertThat(GlobalId.tooLong("control.authority", store, fits, false)).isNull();
    assertThat(GlobalId.tooLong("control.authority", store, fits, true))
        .startsWith("control.authority: hhh")
        .contains("of 81 characters (expected: at most 64,")
        .endsWith("a shorter name or an address)");
    GlobalId longest =
        new GlobalId(tx(), new BranchId(-1), 9_999, Long.MAX_VALUE, store, fits, null);
    assertThat(longest.toString()).hasSize(GlobalId.MAX_LENGTH);
    assertThat(GlobalId.parse(longest.toString())).isEqualTo(longest);
  }

  @Test
  void shouldReadTheHandleThatItHasWritten() {
    for (int i = 0; i < 5_000; i++) {
      BlockHandle handle = any().handle("Bank_1-a.b");
      assertThat(BlockHandle.parse(handle.toString())).isEqualTo(handle);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bank",
        "bank/",
        "bank/1",
        "bank/1.",
        "/1.2",
        "bank/0.2",
        "bank/1.0",
        "bank/01.2",
        "bank/1.02",
        "bank/1.2.3",
        "ba nk/1.2",
        "bank/x.2",
        "bank/10000.2"
      })
  void shouldNotTakeAnythingElseForAHandle(String text) {
    assertThat(BlockHandle.parse(text)).isNull();
  }

  @Test
  void shouldNotMakeWhatCannotBeRead() {
    assertThatThrownBy(() -> new BlockHandle("", 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: <database>/");
    assertThatThrownBy(() -> new BlockHandle("bank", 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            new GlobalId(
                tx(), new BranchId(1), 1, 0, new StoreId("j.a"), new Authority("a", 1), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("xid 0");
  }

  private GlobalId any() {
    String host = HOSTS[random.nextInt(HOSTS.length)];
    return new GlobalId(
        tx(),
        BranchId.of(random.nextLong()),
        random.nextInt(1, 10_000),
        random.nextLong(1, Long.MAX_VALUE),
        new StoreId((random.nextBoolean() ? "j." : "e.") + "0a-b"),
        new Authority(host, random.nextInt(1, 65_536)),
        random.nextBoolean() ? null : GlobalId.digest(new PeerIdentity(host)));
  }

  private TxId tx() {
    return TxId.of(random.nextLong(), random.nextLong(), random.nextLong());
  }
}
