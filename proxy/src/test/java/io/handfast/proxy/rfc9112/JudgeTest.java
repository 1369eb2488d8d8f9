package io.handfast.proxy.rfc9112;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.proxy.rfc9112.MessageReader.BadMessageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the corpus is judged by is judged here. */
@SuppressWarnings("StringConcatToTextBlock") // Line ends are the subject here.
final class JudgeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /  HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
        "GET /\t HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nx: y\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx : y\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\n x: y\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx: y\0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx: y\nz: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx: y\rz: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 01\r\n\r\nx",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n\r\nx",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\nContent-Length: 1\r\n\r\nx",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n01\r\na\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;x\r\na\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx : y\r\n\r\n"
      })
  void shouldRefuseRequestWhenProxyMayNotWriteIt(String text) {
    // When / Then
    assertThatThrownBy(() -> new MessageReader(text).request())
        .isInstanceOf(BadMessageException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET / HTTP/1.1\r\nhost: a\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nab",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n"
      })
  void shouldWaitWhenRequestIsNotComplete(String text) {
    // Given
    MessageReader reader = new MessageReader(text);

    // When / Then
    assertThat(reader.request()).isEmpty();
    assertThat(reader.position()).isZero();
  }

  @Test
  void shouldGiveOneFormWhenChunksDiffer() {
    // Given
    String head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    MessageReader two = new MessageReader(head + "1\r\na\r\n2\r\nbc\r\n0\r\nx: y\r\n\r\nGET");

    // When
    MessageReader.Message message = two.request().orElseThrow();

    // Then
    assertThat(message.text()).isEqualTo(head + "3\r\nabc\r\n0\r\nx: y\r\n\r\n");
    assertThat(two.rest()).isEqualTo("GET");
  }

  @Test
  void shouldTellWhatThereIsWhenRequestBreaksOff() {
    // Given
    String head = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";

    // When
    String told = new MessageReader(head + "1\r\na\r\n5\r\nbc").unfinishedRequest();

    // Then
    assertThat(told).isEqualTo(head + "abc");
  }

  @Test
  void shouldReadCasesAsTheyAreMeant() {
    // When
    List<CorpusCase> cases =
        CorpusReader.parse(
            "f",
            "# c\n=== One\nrule: R\n> A\\x41\\t{2*b\\n}\\\n> c\\\\\n>> d\n< e\n<< f\n"
                + "service: early kept\nlistener: l\nclient: 100 200 kept\n");

    // Then
    CorpusCase read = cases.getFirst();
    assertThat(cases).hasSize(1);
    assertThat(read.sent()).isEqualTo("AA\tb\nb\nc\\\r\n");
    assertThat(List.of(read.received(), read.answer(), read.answered()))
        .containsExactly("d\r\n", "e\r\n", "f\r\n");
    assertThat(read.outcome()).containsExactly("100", "200", "kept");
    assertThat(read.service().early()).isTrue();
    assertThat(read.service().reused()).isEqualTo("kept");
    assertThat(read.source()).isEqualTo("f:2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "=== a\nrule: R\n",
        "=== a\nclient: 200 kept\n",
        "=== a\nrule: R\nclient: 200\n",
        "=== a\nrule: R\nclient: 200 kept\nservice: sleeps\n",
        "=== a\nrule: R\nclient: 200 kept\nanything: else\n",
        "=== a\nrule: R\nrule: R\nclient: 200 kept\n",
        "=== a\nrule: R\n>x\nclient: 200 kept\n",
        "=== a\nrule: R\nclient: 200 kept\n=== a\nrule: R\nclient: 200 kept\n"
      })
  void shouldRefuseFileWhenCaseIsNotOne(String text) {
    // When / Then
    assertThatThrownBy(() -> CorpusReader.parse("f", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("f:");
  }
}
