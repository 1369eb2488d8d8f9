package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.Decider;
import io.handfast.tx.core.PeerIdentity;
import io.handfast.tx.core.Protocol;
import io.handfast.tx.core.StoreId;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContextHeaderTest {
  private static final String IDS = "00-018bcfe568007123800000000000abcd-b7ad6b7169203331-01";
  private static final String VALUE = IDS + ";d=j.3f9a@transfers:15014;v=bank-a:15015;t=4000";

  @Test
  void shouldReadEveryPartWhenTheValueIsWellFormed() throws Exception {
    // When
    TransactionContext context = ContextHeader.parse(List.of(VALUE));

    // Then
    assertThat(context.identity().tx()).hasToString("018bcfe568007123800000000000abcd");
    assertThat(context.identity().branch()).hasToString("b7ad6b7169203331");
    assertThat(context.identity().sentBefore()).isTrue();
    assertThat(context.decider())
        .isEqualTo(new Decider(new StoreId("j.3f9a"), new Authority("transfers", 15014), null));
    assertThat(context.caller()).isEqualTo(new Authority("bank-a", 15015));
    assertThat(context.remainingMs()).isEqualTo(4000);
    assertThat(ContextHeader.write(context)).isEqualTo(VALUE);
  }

  @Test
  @DisplayName("T20 the decider is named as its certificate names it")
  void shouldReadWhomTheCertificateNames() throws Exception {
    // Given
    String value = VALUE.replace(";v=", ";i=spiffe://mesh.example/ns/a/sa/transfers;v=");

    // When
    TransactionContext context = ContextHeader.parse(List.of(value));

    // Then
    assertThat(context.decider().identity())
        .isEqualTo(new PeerIdentity("spiffe://mesh.example/ns/a/sa/transfers"));
    assertThat(ContextHeader.write(context)).isEqualTo(value);
  }

  @Test
  void shouldReadTheProtocolWhereItIsNotTwoPhase() throws Exception {
    // Given
    String value = VALUE + ";c=one-phase";

    // When
    TransactionContext context = ContextHeader.parse(List.of(value));

    // Then
    assertThat(ContextHeader.parse(List.of(VALUE)).protocol()).isEqualTo(Protocol.TWO_PHASE);
    assertThat(context.protocol()).isEqualTo(Protocol.ONE_PHASE);
    assertThat(ContextHeader.write(context)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {";c=two-phase", ";c=four-phase", ";c=", ";x=one-phase", ";", ";c=one-phase;"})
  @DisplayName("T1 a protocol that is not known is never guessed at")
  void shouldRefuseAProtocolThatIsNotKnownT1(String more) {
    assertThatThrownBy(() -> ContextHeader.parse(List.of(VALUE + more)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void shouldTakeTheLongestThatMayBeWritten() throws Exception {
    // Given
    Authority authority = new Authority("a".repeat(Authority.MAX_HOST_LENGTH), 65_535);
    TransactionContext context =
        new TransactionContext(
            ContextHeader.parse(List.of(VALUE)).identity(),
            new Decider(
                new StoreId("j." + "a".repeat(64)),
                authority,
                new PeerIdentity("s:" + "a".repeat(PeerIdentity.MAX_LENGTH - 2))),
            authority,
            TransactionContext.MAX_REMAINING_MS);

    // When, Then
    assertThat(ContextHeader.parse(List.of(ContextHeader.write(context)))).isEqualTo(context);
  }

  @ParameterizedTest
  @CsvSource({
    "transfers, transfers, 15014",
    "transfers:1, transfers, 1",
    "10.0.0.7:15014, 10.0.0.7, 15014",
    "[fd00::7]:99, [fd00::7], 99",
    "[fd00::7], [fd00::7], 15014"
  })
  void shouldTakeTheDefaultPortWhenAnAuthorityHasNone(String text, String host, int port)
      throws Exception {
    // Given
    String value = VALUE.replace("transfers:15014", text).replace("bank-a:15015", text);

    // When
    TransactionContext context = ContextHeader.parse(List.of(value));

    // Then
    assertThat(context.decider().authority()).isEqualTo(new Authority(host, port));
    assertThat(context.caller()).isEqualTo(new Authority(host, port));
  }

  @Test
  @DisplayName("T2 flags other than bit 0 are ignored when read")
  void shouldIgnoreFlagsThatItDoesNotKnow() throws Exception {
    // When
    TransactionContext odd = ContextHeader.parse(List.of(VALUE.replace("-01;", "-ff;")));
    TransactionContext even = ContextHeader.parse(List.of(VALUE.replace("-01;", "-fe;")));

    // Then
    assertThat(odd.identity().sentBefore()).isTrue();
    assertThat(even.identity().sentBefore()).isFalse();
  }

  @ParameterizedTest
  @DisplayName("T3 remaining time is 0 to one hour")
  @ValueSource(strings = {"0", "1", "3600000"})
  void shouldReadTheRemainingTime(String time) throws Exception {
    // When
    TransactionContext context = ContextHeader.parse(List.of(VALUE.replace("4000", time)));

    // Then
    assertThat(context.remainingMs()).isEqualTo(Long.parseLong(time));
  }

  @ParameterizedTest
  @DisplayName("T1 a malformed value or an unknown version is never guessed at")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          00-01;                                             | 01-01;   | 00-<32 hex>
          tx-version                                         | -        | version 00
          018bcfe568007123800000000000abcd                   | 018BCFE568007123800000000000ABCD | lower case
          018bcfe568007123800000000000abcd                   | 018bcfe568004123800000000000abcd | UUIDv7
          b7ad6b7169203331                                   | 0000000000000000 | 00-<32 hex>
          -01;                                               | -0g;     | 00-<32 hex>
          -01;                                               | -01 ;    | 00-<32 hex>
          ;d=                                                | ;D=      | after the ids
          ;d=j.3f9a@transfers:15014;v=bank-a:15015           | ;v=bank-a:15015;d=j.3f9a@transfers:15014 | after the ids
          ;t=4000                                            | -        | after the ids
          j.3f9a                                             | x.3f9a   | d=<decider>@<authority>
          j.3f9a@                                            | j.3f9a   | d=<decider>@<authority>
          transfers:15014                                    | Transfers:15014 | d=<decider>@<authority>
          transfers:15014                                    | transfers:0 | d=<decider>@<authority>
          ;v=                                                | ;i=;v=   | i=<identity>
          ;v=                                                | ;i=a b;v= | i=<identity>
          ;v=                                                | ;i=a;i=b;v= | after the ids
          ;v=                                                | ;i=a,b;v= | i=<identity>
          bank-a:15015                                       | bank-a:65536 | v=<authority>
          bank-a:15015                                       | bank-a:  | v=<authority>
          bank-a:15015                                       | [fd00::7 | v=<authority>
          t=4000                                             | t=3600001 | t=<milliseconds>
          t=4000                                             | t=-1     | t=<milliseconds>
          t=4000                                             | t=007    | t=<milliseconds>
          t=4000                                             | t=       | t=<milliseconds>
          t=4000                                             | t=4000;x=1 | after the time nothing
          """)
  void shouldSayWhatIsWrongWhenTheValueIsMalformed(
      String part, String replacement, String expected) {
    // Given
    String value =
        part.equals("tx-version")
            ? "01" + VALUE.substring(2)
            : VALUE.replace(part, replacement.equals("-") ? "" : replacement);
    String malformed = part.equals("00-01;") ? VALUE.replace("-01;", "-01,") : value;

    // When, Then
    assertThatThrownBy(() -> ContextHeader.parse(List.of(malformed)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageStartingWith("tx-context: ")
        .hasMessageContaining("expected: ")
        .hasMessageContaining(expected);
  }

  @Test
  @DisplayName("T1 two headers are refused")
  void shouldRefuseWhenThereAreTwoHeaders() {
    assertThatThrownBy(() -> ContextHeader.parse(List.of(VALUE, VALUE)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessage("tx-context: 2 headers (expected: exactly one)");
  }

  @Test
  void shouldShortenAndEscapeWhenTheValueIsHostile() {
    // Given
    String hostile = "00-\r\n\u0007" + "x".repeat(1_200);

    // When, Then
    assertThatThrownBy(() -> ContextHeader.parse(List.of(hostile)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageContaining("\\u000d\\u000a\\u0007xxx")
        .hasMessageContaining("1206 characters")
        .hasMessageEndingWith("(expected: at most 1024 characters)")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200))
        .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
  }

  @Test
  @DisplayName("T4 of what an application sends only the ids are read")
  void shouldReadTheIdsAloneWhenAnApplicationSendsThem() throws Exception {
    // When
    TransactionIdentity bare = ContextHeader.parseIdentity(List.of(IDS));
    TransactionIdentity copied =
        ContextHeader.parseIdentity(List.of(IDS + ";d=forged@nowhere;t=9"));

    // Then
    assertThat(bare).isEqualTo(copied).isEqualTo(ContextHeader.parse(List.of(VALUE)).identity());
    assertThatThrownBy(() -> ContextHeader.parseIdentity(List.of(IDS + "x")))
        .isInstanceOf(MalformedHeaderException.class);
  }
}
