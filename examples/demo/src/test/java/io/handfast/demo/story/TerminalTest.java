package io.handfast.demo.story;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class TerminalTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  @Test
  void shouldWrapAndIndentWhenParagraphIsLong() {
    // Given
    Terminal terminal = terminal(false);

    // When
    terminal.paragraph(4, "word ".repeat(50));

    // Then
    assertThat(written().lines())
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).startsWith("    word").hasSizeLessThanOrEqualTo(100));
  }

  @Test
  void shouldColourOnlyWhenTerminalShowsIt() {
    assertThat(terminal(true).bad("x")).isEqualTo("\u001b[31;1mx\u001b[0m");
    assertThat(terminal(false).bad("x")).isEqualTo("x");
  }

  @Test
  void shouldBeSilentWhenMuted() {
    // Given
    Terminal terminal = terminal(false);
    terminal.mute();

    // When
    terminal.line("noise");

    // Then
    assertThat(written()).isEmpty();
  }

  private Terminal terminal(boolean colours) {
    return new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), colours);
  }

  private String written() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
