package io.handfast.tx.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.core.Authority;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.BranchVote;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.core.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VoteHeaderTest {
  private static final BranchVote YES =
      new BranchVote(
          new BranchId(0xab),
          Vote.PREPARED,
          new Authority("bank-a", 15014),
          new StoreId("j.1"),
          "bank-a",
          "callback",
          "",
          "");

  @Test
  @DisplayName("T8 votes of a branch and all below, as a list")
  void shouldWriteAndReadTheList() throws Exception {
    // Given
    BranchVote no =
        new BranchVote(
            new BranchId(2),
            Vote.ABORT,
            new Authority("[::1]", 1),
            new StoreId("e.x"),
            "a b;c,d=é",
            "read-only",
            "h%1",
            "no; never, 100%");
    BranchVote struck = BranchVote.struckUnknown(new BranchId(3), "");

    // When
    String written = Objects.requireNonNull(VoteHeader.write(List.of(YES, no, struck)));

    // Then
    assertThat(written)
        .isEqualTo(
            "00000000000000ab;v=prepared;p=bank-a:15014;j=j.1;s=bank-a;m=callback, "
                + "0000000000000002;v=abort;p=[::1]:1;j=e.x;s=a%20b%3bc%2cd%3d%c3%a9;m=read-only;h=h%251;r=no%3b%20never%2c%20100%25, "
                + "0000000000000003;v=struck");
    assertThat(VoteHeader.parse(List.of(written))).containsExactly(YES, no, struck);
    assertThat(VoteHeader.parse(List.of(written.split(", ")))).containsExactly(YES, no, struck);
  }

  @Test
  @DisplayName("T8 above 4 KiB the votes need a message of their own")
  void shouldWriteNothingWhenTheListIsTooLong() {
    // Given
    List<BranchVote> votes = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      votes.add(
          new BranchVote(
              new BranchId(i),
              Vote.PREPARED,
              YES.participant(),
              YES.store(),
              "bank-a",
              "callback",
              "",
              ""));
    }

    // When, Then
    assertThat(VoteHeader.write(votes.subList(0, 50)))
        .hasSizeLessThanOrEqualTo(VoteHeader.MAX_LENGTH);
    assertThat(VoteHeader.write(votes)).isNull();
    assertThatThrownBy(() -> VoteHeader.parse(List.of("x".repeat(4_097))))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessage("tx-vote: 4097 characters (expected: at most 4096)");
  }

  @Test
  void shouldIgnoreParametersOfANewerSidecar() throws Exception {
    assertThat(
            VoteHeader.parse(
                List.of(
                    "00000000000000ab;zz=1;v=prepared;p=bank-a:15014;j=j.1;s=bank-a;m=callback;q=2")))
        .containsExactly(YES);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          00000000000000AB;v=abort;p=a;j=j.1      | <branch-id, 16 hex
          00000000000000ab                        | <branch-id, 16 hex
          00000000000000ab;p=a;j=j.1              | v=prepared
          00000000000000ab;v=maybe;p=a;j=j.1      | v=prepared
          00000000000000ab;v=prepared             | p=<authority> and j=<store-id>
          00000000000000ab;v=prepared;p=a         | p=<authority> and j=<store-id>
          00000000000000ab;v=prepared;p=A;j=j.1   | p=<authority>
          00000000000000ab;v=prepared;p=a;j=1     | j=<store-id>
          00000000000000ab;v=abort;v=prepared     | each parameter once
          00000000000000ab;v=abort;;p=a           | name=value
          00000000000000ab;v=abort;p=a;j=j.1;s=%g | percent-encoded
          00000000000000ab;v=abort;p=a;j=j.1;s=%f | percent-encoded
          00000000000000ab;v=abort;p=a;j=j.1;s=%ff| percent-encoded
          """)
  void shouldSayWhatIsWrongWhenAVoteIsMalformed(String value, String expected) {
    assertThatThrownBy(() -> VoteHeader.parse(List.of(value)))
        .isInstanceOf(MalformedHeaderException.class)
        .hasMessageStartingWith("tx-vote: ")
        .hasMessageContaining(expected);
  }
}
