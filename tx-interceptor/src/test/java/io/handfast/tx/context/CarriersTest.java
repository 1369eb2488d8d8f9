package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.context.Carriers.Carried;
import io.handfast.tx.context.Carriers.Carrier;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CarriersTest {
  private static final TxId TX = TxId.of(1_700_000_000_000L, 0x123, 0xabcd);
  private static final TransactionIdentity FIRST =
      new TransactionIdentity(TX, new BranchId(1), false);
  private static final TransactionIdentity SECOND =
      new TransactionIdentity(TX, new BranchId(2), false);
  private static final TransactionIdentity THIRD =
      new TransactionIdentity(TX, new BranchId(3), true);
  private static final String HF = "hf=018bcfe568007123800000000000abcd-0000000000000002";

  private static HeaderLookup headers(Map<String, String> headers) {
    return name -> headers.containsKey(name) ? List.of(headers.get(name)) : List.of();
  }

  @Test
  @DisplayName("T4 header, then tracestate, then baggage")
  void shouldTakeTheFirstCarrierThatHasAnIdentity() throws Exception {
    // Given
    String context = FIRST.write();
    String baggage = "userId=alice,tx-context=" + THIRD.write();

    // When
    Carried all =
        Carriers.find(headers(Map.of("tx-context", context, "tracestate", HF, "baggage", baggage)));
    Carried two =
        Carriers.find(
            headers(Map.of("tracestate", "dd=s:1," + HF + ",vendor=abc", "baggage", baggage)));
    Carried one = Carriers.find(headers(Map.of("tracestate", "dd=s:1", "baggage", baggage)));
    Carried none =
        Carriers.find(
            headers(
                Map.of("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")));

    // Then
    assertThat(all).isEqualTo(new Carried(FIRST, Carrier.CONTEXT_HEADER));
    assertThat(two).isEqualTo(new Carried(SECOND, Carrier.TRACESTATE));
    assertThat(one).isEqualTo(new Carried(THIRD, Carrier.BAGGAGE));
    assertThat(none).isNull();
  }

  @Test
  @DisplayName("T1 a carrier that cannot be read is not passed over")
  void shouldNotGoOnToTheNextCarrierWhenOneIsMalformed() {
    assertThatThrownBy(() ->
            Carriers.find(
                headers(Map.of("tracestate", "hf=zz", "baggage", "tx-context=" + THIRD.write()))))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessage(
            "tracestate: hf=zz (expected: hf=<32 hex>-<16 hex>, lower case, the first id laid out as UUIDv7)");
  }

  @Test
  @DisplayName("T4 the trace-id, where there is exactly one")
  void shouldReadTheTraceIdWhenThereIsOneTraceParent() {
    // Given
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";

    // When, Then
    assertThat(Carriers.traceId(name -> List.of(parent)))
        .isEqualTo("0af7651916cd43dd8448eb211c80319c");
    assertThat(Carriers.traceId(name -> List.of(parent, parent))).isNull();
    assertThat(Carriers.traceId(name -> List.of())).isNull();
  }

  @ParameterizedTest
  @DisplayName("T4 baggage as agents write it anew")
  @ValueSource(
      strings = {
        "tx-context=00-018bcfe568007123800000000000abcd-0000000000000003-01",
        "tx-context=00-018bcfe568007123800000000000abcd-0000000000000003-01;prop=1",
        "tx-context=00-018bcfe568007123800000000000abcd-0000000000000003-01%3Bprop%3D1",
        "tx-context = 00%2D018bcfe568007123800000000000abcd%2d0000000000000003%2D01",
        "userId=alice+b,tx-context=00-018bcfe568007123800000000000abcd-0000000000000003-01+",
        " a=b , tx-context=00-018bcfe568007123800000000000abcd-0000000000000003-01 ; prop=1 ,c=d"
      })
  void shouldReadBaggageHoweverItIsEncoded(String value) throws Exception {
    assertThat(Baggage.find(List.of(value))).isEqualTo(THIRD);
  }

  @Test
  @DisplayName("T5 two identities in one carrier are ambiguous")
  void shouldRefuseWhenACarrierHasTwoIdentities() throws Exception {
    // Given
    String other = HF.replace("0002", "0009");

    // When, Then
    assertThat(TraceState.find(List.of(HF, HF))).isEqualTo(SECOND);
    assertThatThrownBy(() -> TraceState.find(List.of(HF, "a=b," + other)))
        .isInstanceOf(MalformedHeaderException.class);
    assertThatThrownBy(() ->
            Baggage.find(List.of("tx-context=" + FIRST.write() + ",tx-context=" + SECOND.write())))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageContaining("expected: one member tx-context");
  }

  @Test
  @DisplayName("T4 our member first, others as they were")
  void shouldPutOurMemberFirst() {
    assertThat(TraceState.put(List.of("dd=s:1, hf=old", "vendor=abc"), SECOND))
        .isEqualTo(HF + ",dd=s:1,vendor=abc");
    assertThat(TraceState.put(List.of(), SECOND)).isEqualTo(HF);
    assertThat(Baggage.put(List.of("userId=alice%20b;p=1,tx-context=old"), FIRST))
        .isEqualTo("tx-context=" + FIRST.write() + ",userId=alice%20b;p=1");
  }

  @Test
  void shouldDropLongMembersThenTheLastWhenTheListGetsTooLong() {
    // Given: W3C Trace Context 3.3.1.5
    List<String> members = new ArrayList<>();
    members.add("long=" + "x".repeat(140));
    for (int i = 0; i < 40; i++) {
      members.add("k" + i + "=v");
    }

    // When
    String put = TraceState.put(List.of(String.join(",", members)), SECOND);

    // Then
    assertThat(put.split(","))
        .hasSize(TraceState.MAX_MEMBERS)
        .startsWith(HF, "k0=v")
        .doesNotContain(members.getFirst());
    assertThat(put).hasSizeLessThanOrEqualTo(TraceState.MAX_LENGTH);
  }

  @ParameterizedTest
  @DisplayName("T6 our member in any spelling that an agent takes for it")
  @ValueSource(
      strings = {"tx%2Dcontext", "tx%2dcontext", "%74x-context", "tx-context%20", "+tx-context"})
  void shouldRemoveOurMemberHoweverItsKeyIsEncoded(String key) throws Exception {
    // Given: agents decode keys as well, and the last of two members wins
    String value = key + "=" + SECOND.write() + ",userId=alice%2Cb";

    // When, Then
    assertThat(Baggage.remove(List.of(value))).isEqualTo("userId=alice%2Cb");
    assertThat(Baggage.put(List.of(value), FIRST))
        .isEqualTo("tx-context=" + FIRST.write() + ",userId=alice%2Cb");
    assertThat(Baggage.find(List.of(value))).isEqualTo(SECOND);
  }

  @Test
  @DisplayName("T6 our members are removed, the rest stays")
  void shouldRemoveOnlyOurMember() {
    assertThat(TraceState.remove(List.of("dd=1," + HF, "hf=junk,x=y"))).isEqualTo("dd=1,x=y");
    assertThat(TraceState.remove(List.of(HF))).isNull();
    assertThat(Baggage.remove(List.of("tx-context=1,tx-contexts=2", " tx-context =3;p")))
        .isEqualTo("tx-contexts=2");
    assertThat(Baggage.remove(List.of("tx-context=1"))).isNull();
  }

  @ParameterizedTest
  @DisplayName("T6 our headers in any spelling that an application might fold into them")
  @ValueSource(strings = {"tx-context", "Tx-Context", "TX_CONTEXT", "tx_Context"})
  void shouldKnowOurHeaderInAnySpelling(String name) {
    assertThat(OwnHeader.of(name)).isEqualTo(OwnHeader.CONTEXT);
    assertThat(OwnHeader.of(name.toUpperCase(Locale.ROOT).replace("CONTEXT", "VOTE")))
        .isEqualTo(OwnHeader.VOTE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tx",
        "tx-contex",
        "tx-contexts",
        "txx-vote",
        "ty-context",
        "traceparent",
        "tx.id",
        "x-context"
      })
  void shouldNotTakeAnotherHeaderForOurs(String name) {
    assertThat(OwnHeader.of(name)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01more"
      })
  void shouldTakeAnInvalidTraceParentForNone(String value) {
    assertThat(TraceParent.parse(value)).isNull();
  }

  @Test
  void shouldReadALaterVersionOfTraceParent() {
    // Given
    String later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more";

    // When
    TraceParent parent = TraceParent.parse(later);

    // Then
    assertThat(parent)
        .isEqualTo(new TraceParent("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", 1));
  }

  @Test
  void shouldMakeATraceParentOfRandomBits() {
    assertThat(TraceParent.of(0, 0, 0, false).write())
        .isEqualTo("00-" + "0".repeat(31) + "1-0000000000000001-02");
    assertThat(TraceParent.of(-1, -1, -1, true).write())
        .isEqualTo("00-" + "f".repeat(32) + "-" + "f".repeat(16) + "-03");
  }
}
