package io.handfast.tx.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  @ParameterizedTest
  @DisplayName("T2 a tx-id is laid out as a UUIDv7")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void shouldLayOutATransactionIdAsUuid7(long seed) {
    // Given
    Random random = new Random(seed);
    long millis = random.nextLong(1L << 48);

    // When
    TxId id = TxId.of(millis, random.nextLong(), random.nextLong());

    // Then
    UUID uuid = new UUID(id.high(), id.low());
    assertThat(uuid.version()).isEqualTo(7);
    assertThat(uuid.variant()).isEqualTo(2);
    assertThat(id.millis()).isEqualTo(millis);
    assertThat(id).hasToString(uuid.toString().replace("-", ""));
    assertThat(TxId.parse(id.toString())).isEqualTo(id);
  }

  @Test
  void shouldSortTransactionIdsByTime() {
    assertThat(TxId.of(1, 9, 9)).isLessThan(TxId.of(2, 0, 0)).isLessThan(TxId.of(1L << 47, 0, 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "018bcfe568007123800000000000abc",
        "018bcfe568007123800000000000abcdd",
        "018bcfe568001123800000000000abcd",
        "018bcfe568007123c00000000000abcd",
        "018BCFE568007123800000000000ABCD"
      })
  void shouldReadNothingElseAsTransactionId(String text) {
    assertThat(TxId.parse(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0000000000000000", "00000000000000AB", "ab", "00000000000000ab0"})
  void shouldReadNothingElseAsBranchId(String text) {
    assertThat(BranchId.parse(text)).isNull();
  }

  @Test
  void shouldMakeABranchIdOfAnyBits() {
    assertThat(BranchId.of(0)).hasToString("0000000000000001");
    assertThat(BranchId.of(-1)).hasToString("ffffffffffffffff");
    assertThatThrownBy(() -> new BranchId(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
