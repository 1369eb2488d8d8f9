package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.handfast.tx.core.BranchVote;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Values of the headers that carry a transaction, from anybody: refused by the typed error, or read
 * as something that is the same when it is written and read again. The first byte chooses the
 * header.
 */
final class HeaderFuzzTest {

  @FuzzTest(maxDuration = "10m")
  void shouldReadOrRefuse(byte[] bytes) throws MalformedHeaderException {
    if (bytes.length == 0) {
      return;
    }
    String value = new String(bytes, 1, bytes.length - 1, StandardCharsets.ISO_8859_1);
    try {
      switch (bytes[0] & 3) {
        case 0 -> context(value);
        case 1 -> votes(value);
        case 2 -> traceState(value);
        default -> baggage(value);
      }
    } catch (MalformedHeaderException refused) {
      assertThat(refused).hasMessageContaining("(expected: ");
    }
    TraceParent parent = TraceParent.parse(value);
    assertThat(parent == null || value.contains(parent.traceId())).isTrue();
  }

  private static void context(String value) throws MalformedHeaderException {
    TransactionContext context = ContextHeader.parse(List.of(value));
    assertThat(ContextHeader.parse(List.of(ContextHeader.write(context)))).isEqualTo(context);
    assertThat(ContextHeader.parseIdentity(List.of(value))).isEqualTo(context.identity());
  }

  private static void votes(String value) throws MalformedHeaderException {
    List<BranchVote> votes = VoteHeader.parse(List.of(value));
    String written = VoteHeader.write(votes);
    if (written != null && !votes.isEmpty()) {
      // A reason that is too long is written shorter: once written it stays as it is.
      List<BranchVote> again = VoteHeader.parse(List.of(written));
      assertThat(again).hasSameSizeAs(votes);
      assertThat(VoteHeader.write(again)).isEqualTo(written);
    }
  }

  private static void traceState(String value) throws MalformedHeaderException {
    TransactionIdentity found = TraceState.find(List.of(value));
    if (found != null) {
      TransactionIdentity plain = new TransactionIdentity(found.tx(), found.branch(), false);
      assertThat(TraceState.find(List.of(TraceState.put(List.of(value), plain)))).isEqualTo(plain);
    }
  }

  private static void baggage(String value) throws MalformedHeaderException {
    TransactionIdentity found = Baggage.find(List.of(value));
    String without = Baggage.remove(List.of(value));
    assertThat(without == null ? null : Baggage.find(List.of(without))).isNull();
    if (found != null) {
      String put = Baggage.put(List.of(value), found);
      assertThat(Baggage.find(List.of(put))).isEqualTo(found);
    }
  }
}
