package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TxTablesTest {

  private static final String RUNNING =
      """
      {"txId": "0196f0c2a1b87c3d9e4f5a6b7c8d9e0f", "role": "coordinator", "state": "committing",
       "outcome": "committed", "coordinator": "127.0.0.1:15014", "branches": 2,
       "startedMs": 1000, "ageMs": 25, "detail": ""}\
      """;

  private static final String ENDED =
      """
      {"txId": "f", "role": "participant", "state": "done",
       "outcome": "aborted", "coordinator": "127.0.0.1:15014", "branches": 1,
       "startedMs": 86399999, "ageMs": 61500, "detail": "the service answered 500"}\
      """;

  @Test
  void shouldAlignColumnsAndSayWhatIsLeftOutWhenListing() throws Exception {
    // Given
    JsonNode list =
        json(
            """
            {"service": "transfers", "authority": "127.0.0.1:15014", "storeId": "ab12",
             "inFlight": [%s], "inDoubt": 1, "recent": [%s], "omitted": 3}\
            """
                .formatted(RUNNING, ENDED));
    // When
    String text = TxTables.list(list);
    // Then
    assertThat(text)
        .isEqualTo(
            """
            service transfers, control 127.0.0.1:15014, store ab12

            in flight: 1, in doubt: 1
              TX-ID                             ROLE         STATE       OUTCOME    BRANCHES  STARTED        AGE    DETAIL
              0196f0c2a1b87c3d9e4f5a6b7c8d9e0f  coordinator  committing  committed  2         00:00:01.000Z  25 ms

            ended lately: 1
              TX-ID  ROLE         STATE  OUTCOME  BRANCHES  STARTED        AGE     DETAIL
              f      participant  done   aborted  1         23:59:59.999Z  61.5 s  the service answered 500

            and 3 more (--limit shows more, --state and --older-than leave out others)
            """);
  }

  @Test
  void shouldShowNoTableWhenThereIsNothing() throws Exception {
    // Given
    JsonNode list =
        json(
            """
            {"service": "s", "authority": "a:1", "storeId": "x",
             "inFlight": [], "inDoubt": 0, "recent": [], "omitted": 0}\
            """);
    // When
    String text = TxTables.list(list);
    // Then
    assertThat(text)
        .isEqualTo(
            """
            service s, control a:1, store x

            in flight: 0, in doubt: 0

            ended lately: 0
            """);
  }

  @Test
  void shouldTellTheBranchesAndTheTimelineWhenShowingOne() throws Exception {
    // Given
    JsonNode detail =
        json(
            """
            {"summary": %s,
             "branches": [{"branchId": "00f067aa0ba902b7", "service": "bank-a",
                           "participant": "127.0.0.1:15015", "mode": "callback",
                           "state": "prepared", "vote": "yes", "waitsFor": "the outcome"}],
             "timeline": [{"timeMs": 1000, "afterMs": 0, "branchId": "", "event": "began",
                           "state": "active"},
                          {"timeMs": 1012, "afterMs": 12, "branchId": "00f067aa0ba902b7",
                           "event": "voted", "state": "prepared"}],
             "timelineOmitted": 7}\
            """
                .formatted(RUNNING));
    // When
    String text = TxTables.show(detail);
    // Then
    assertThat(text)
        .isEqualTo(
            """
              tx-id        0196f0c2a1b87c3d9e4f5a6b7c8d9e0f
              role         coordinator
              state        committing
              outcome      committed
              coordinator  127.0.0.1:15014
              started      1970-01-01T00:00:01Z
              age          25 ms

            branches
              BRANCH            SERVICE  PARTICIPANT      MODE      STATE     VOTE  WAITS FOR
              00f067aa0ba902b7  bank-a   127.0.0.1:15015  callback  prepared  yes   the outcome

            timeline
              TIME           AFTER   BRANCH            EVENT  STATE
              00:00:01.000Z  +0 ms   coordinator       began  active
              00:00:01.012Z  +12 ms  00f067aa0ba902b7  voted  prepared
              (7 entries in between were dropped)
            """);
  }

  @Test
  void shouldShowUnderWhatNameBlocksArePrepared() throws Exception {
    // Given
    JsonNode detail =
        json(
            """
            {"summary": %s, "timeline": [],
             "branches": [{"branchId": "00f067aa0ba902b7", "block": ""},
                          {"branchId": "00f067aa0ba902b8", "block": "bank/1.700",
                           "globalId": "hf1_name"},
                          {"branchId": "00f067aa0ba902b9", "block": "bank/2.701",
                           "globalId": ""}]}\
            """
                .formatted(RUNNING));
    // When
    String text = TxTables.show(detail);
    // Then
    assertThat(text)
        .contains(
            """

            blocks of SQL
              BRANCH            BLOCK       PREPARED AS
              00f067aa0ba902b8  bank/1.700  hf1_name
              00f067aa0ba902b9  bank/2.701
            """);
  }

  @Test
  void shouldShowTheDetailWhenThereIsOne() throws Exception {
    // Given
    JsonNode detail =
        json("{\"summary\": %s, \"branches\": [], \"timeline\": []}".formatted(ENDED));
    // When
    String text = TxTables.show(detail);
    // Then
    assertThat(text).contains("\n  detail       the service answered 500\n\nbranches\n");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 ms",
    "999, 999 ms",
    "1000, 1.0 s",
    "119999, 120.0 s",
    "120000, 2 min",
    "7200000, 120 min"
  })
  void shouldUseTheUnitThatFitsWhenAnAgeIsShown(long millis, String shown) throws Exception {
    // Given
    JsonNode detail = json("{\"summary\": {\"ageMs\": %d}}".formatted(millis));
    // When
    String text = TxTables.show(detail);
    // Then
    assertThat(text.lines().map(String::strip)).contains("age          " + shown);
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text);
  }
}
