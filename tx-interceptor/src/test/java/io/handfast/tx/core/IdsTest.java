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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a:1",
        "a-b.c_d:65535",
        "z9:8080",
        "[::1]:80",
        "[fe80::a:f]:80",
        "[::ffff:10.0.0.9]:99"
      })
  void shouldReadAnAuthorityAsItIsWritten(String text) {
    assertThat(Authority.parse(text)).isNotNull().hasToString(text);
  }

  @Test
  void shouldTakeTheDefaultPortWhereNoneIsWritten() {
    assertThat(Authority.parse("bank")).isEqualTo(new Authority("bank", Authority.DEFAULT_PORT));
    assertThat(Authority.parse("[::1]")).isEqualTo(new Authority("[::1]", Authority.DEFAULT_PORT));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":1",
        "a:",
        "a:0",
        "a:01",
        "a:65536",
        "a:123456",
        "a:1x",
        "a:+1",
        "a:1:2",
        "A:1",
        "-a:1",
        ".a:1",
        "_a:1",
        "a/b:1",
        "a`:1",
        "a{:1",
        "[]:1",
        "[:]:1",
        "[::1:1",
        "[abcd]:1",
        "[::g]:1",
        "[::G]:1",
        "[::/]:1",
        "[1:2:"
      })
  void shouldReadNothingElseAsAuthority(String text) {
    assertThat(Authority.parse(text)).isNull();
  }

  @Test
  void shouldBoundAnAuthoritysHost() {
    String longest = "a".repeat(Authority.MAX_HOST_LENGTH);

    assertThat(Authority.parse(longest + ":1")).isNotNull();
    assertThat(Authority.parse(longest + "a:1")).isNull();
    assertThatThrownBy(() -> new Authority("a", 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Authority("a", 65536))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(new Authority("a", 65535).port()).isEqualTo(65535);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "j", "j.", "x.a", "ja", "j-a", "j.A", "j._", "j.a/", "j.{", "j.a:"})
  void shouldReadNothingElseAsStoreId(String text) {
    assertThat(StoreId.parse(text)).isNull();
    assertThatThrownBy(() -> new StoreId(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"j.a", "e.z", "j.0-9", "e.azAZ"})
  void shouldReadAStoreIdOfLowerCaseAlone(String text) {
    boolean lower = text.chars().noneMatch(Character::isUpperCase);

    assertThat(StoreId.parse(text) != null).isEqualTo(lower);
  }

  @Test
  void shouldNameAPeerByUriOrDnsName() {
    assertThat(PeerIdentity.ofUri("spiffe://a")).isEqualTo(new PeerIdentity("spiffe://a"));
    assertThat(PeerIdentity.ofUri("a")).isNull();
    assertThat(PeerIdentity.ofUri(":a")).isNull();
    assertThat(PeerIdentity.ofDnsName("Bank.Example")).isEqualTo(new PeerIdentity("bank.example"));
    assertThat(PeerIdentity.ofDnsName("a:b")).isNull();
    assertThat(PeerIdentity.ofDnsName(":b")).isNull();
    assertThat(PeerIdentity.parse("a".repeat(255))).isNotNull();
    assertThat(PeerIdentity.parse("a".repeat(256))).isNull();
  }

  @Test
  void shouldSortIds() {
    assertThat(new StoreId("e.a")).isLessThan(new StoreId("j.a"));
    assertThat(new PeerIdentity("a")).isLessThan(new PeerIdentity("b"));
    assertThat(new BranchId(1)).isLessThan(new BranchId(2));
    assertThat(new Authority("a", 2)).isLessThan(new Authority("b", 1));
    assertThat(new Authority("a", 2)).isLessThan(new Authority("a", 10));
  }
}
