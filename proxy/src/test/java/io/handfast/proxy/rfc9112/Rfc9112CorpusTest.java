package io.handfast.proxy.rfc9112;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.rfc9112.RecordingService.Recording;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The corpus through a sidecar, on real sockets: each case in one piece, and byte by byte. Behind
 * each case the client sends one more request on the same connection, which must be answered, or
 * must reach nobody; then one on a connection of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Rfc9112CorpusTest {
  private static final int MINIMUM_CASES = 150;

  private final RecordingService service;
  private final CorpusProxy proxy;

  Rfc9112CorpusTest() throws Exception {
    service = new RecordingService();
    proxy = CorpusProxy.before(service.port());
  }

  @BeforeAll
  void warm() throws InterruptedException {
    sweep();
  }

  @AfterAll
  void close() throws IOException {
    proxy.close();
    service.close();
  }

  static Stream<CorpusCase> cases() {
    return Corpus.all().stream();
  }

  @Test
  void shouldHoldEnoughCases() {
    // When
    List<CorpusCase> cases = Corpus.all();

    // Then
    assertThat(cases).hasSizeGreaterThanOrEqualTo(MINIMUM_CASES);
    assertThat(cases).filteredOn(each -> !each.answer().isEmpty()).hasSizeGreaterThan(50);
    assertThat(cases).filteredOn(CorpusCase::requestJudged).hasSizeGreaterThan(MINIMUM_CASES);
    assertThat(cases).extracting(CorpusCase::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldPassOnExactlyWhatWasMeantWhenItComesInOnePiece(CorpusCase each) throws Exception {
    run(each, false);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldPassOnExactlyWhatWasMeantWhenItComesByteByByte(CorpusCase each) throws Exception {
    run(each, true);
  }

  private void run(CorpusCase each, boolean byteByByte) throws InterruptedException {
    // Given
    service.begin(each, byteByByte);

    // When
    Exchange exchange = Exchange.run(proxy.port(each.listener()), each, byteByByte);
    Recording record = sweep();

    // Then
    assertThat(exchange.outcome()).as(exchange::description).isEqualTo(each.outcome());
    if (!each.answered().isEmpty()) {
      assertThat(exchange.answers()).as(exchange::description).isEqualTo(each.answered());
    }
    List<String> requests = new ArrayList<>(record.requests());
    if (each.keepsConnection()) {
      assertThat(requests).as("requests that reached the service").isNotEmpty();
      assertThat(requests.removeLast()).isEqualTo(Exchange.AFTER_CANONICAL);
    }
    if (each.service().unfinished()) {
      assertUnfinished(each, String.join("", requests));
    } else if (each.requestJudged()) {
      assertThat(String.join("", requests)).isEqualTo(each.received());
    }
    assertReuse(each, record.connections());
  }

  /** How much of it has left before it was known to be bad is a matter of time; its end never. */
  private static void assertUnfinished(CorpusCase each, String received) {
    if (!received.isEmpty()) {
      assertThat(received).startsWith(RecordingService.UNFINISHED);
      assertThat(RecordingService.UNFINISHED + each.received()).startsWith(received);
    }
  }

  private static void assertReuse(CorpusCase each, List<Integer> connections) {
    switch (each.service().reused()) {
      case "kept" -> assertThat(connections).hasSize(2).containsOnly(connections.getFirst());
      case "dropped" -> assertThat(connections).hasSize(2).doesNotHaveDuplicates();
      case String either -> assertThat(either).isEmpty();
    }
  }

  /** A request on a connection of its own must be answered, and by its own answer. */
  private Recording sweep() throws InterruptedException {
    assertThat(Exchange.sweep(proxy.port("main"))).endsWith("\r\n\r\n" + RecordingService.SWEEP);
    return service.swept();
  }
}
