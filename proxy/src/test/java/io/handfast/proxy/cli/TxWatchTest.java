package io.handfast.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class TxWatchTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final TxWatch watch = watch(false);

  private TxWatch watch(boolean json) {
    return new TxWatch(
        new AdminClient("127.0.0.1:1"),
        new PrintWriter(out, true),
        new PrintWriter(err, true),
        json);
  }

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

  @Test
  void shouldPrintOneObjectPerChangeWhenJsonIsAsked() throws Exception {
    // Given
    TxWatch asJson = watch(true);
    ObjectMapper json = new ObjectMapper();

    // When
    asJson.look(list("inFlight", "in-doubt", 900));
    asJson.look(list("inFlight", "in-doubt", 1_900));
    asJson.look(list("recent", "ended", 2_950));
    asJson.look(json.readTree("{\"omitted\": 7}"));

    // Then: every line is an object, and what is no change stands elsewhere
    List<String> lines = out.toString().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode first = json.readTree(lines.get(0));
    assertThat(first.path("txId").asText()).isEqualTo("f0");
    assertThat(first.path("state").asText()).isEqualTo("in-doubt");
    assertThat(first.path("stateBefore").asText()).isEmpty();
    JsonNode second = json.readTree(lines.get(1));
    assertThat(second.path("state").asText()).isEqualTo("ended");
    assertThat(second.path("stateBefore").asText()).isEqualTo("in-doubt");
    assertThat(second.path("outcomeBefore").asText()).isEqualTo("unknown");
    assertThat(second.path("ageMs").asLong()).isEqualTo(2_950);
    assertThat(err.toString()).contains("7 more");
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
