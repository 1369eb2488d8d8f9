package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TxWatchTest {
  private final StringWriter out = new StringWriter();
  private final TxWatch watch =
      new TxWatch(new AdminClient("127.0.0.1:1"), new PrintWriter(out, true));

  @Test
  void shouldPrintEachChangeOnceAndNothingElse() throws Exception {
    // When
    watch.look(list("inFlight", "in-doubt", 900));
    watch.look(list("inFlight", "in-doubt", 1_900));
    watch.look(list("inFlight", "heuristic-mixed", 2_900));
    watch.look(list("recent", "ended", 2_950));

    // Then
    assertThat(out.toString())
        .isEqualToNormalizingNewlines(
            """
            f0  participant  in-doubt unknown  900 ms  why
            f0  participant  in-doubt unknown -> heuristic-mixed unknown  2.9 s  why
            f0  participant  heuristic-mixed unknown -> ended unknown  3.0 s  why
            """);
  }

  private static JsonNode list(String section, String state, int ageMs) throws Exception {
    return new ObjectMapper()
        .readTree(
            """
            {"%s": [{"txId": "f0", "role": "participant", "state": "%s", "outcome": "unknown",
             "ageMs": %d, "detail": "why"}]}\
            """
                .formatted(section, state, ageMs));
  }
}
