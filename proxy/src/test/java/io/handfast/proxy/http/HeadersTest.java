package io.handfast.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeadersTest {
  private static final List<String> NAMES =
      List.of(
          "a",
          "ab",
          "Accept",
          "aCCEPT",
          "Host",
          "content-length",
          "Content-Length",
          "content-langth",
          "connection",
          "tx-context",
          "x_y",
          "x-y",
          "X-Y");
  private static final List<String> VALUES =
      List.of("", "a", "keep-alive, Close", "close", "1024", "q\u00fcote", " x", "TE, te");

  /** Lines as HTTP/1.1 receives them. */
  private static Headers received(String... lines) {
    return received(List.of(lines));
  }

  private static Headers received(List<String> lines) {
    byte[] block = (String.join("\r\n", lines) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    Headers headers = new Headers(lines.size(), block);
    int at = 0;
    for (String line : lines) {
      headers.addLine(at, at + line.indexOf(':'), at + line.length());
      at += line.length() + 2;
    }
    return headers;
  }

  private static String line(Headers headers, int index) {
    return new String(
        headers.block(),
        headers.lineStart(index),
        headers.lineEnd(index) - headers.lineStart(index),
        StandardCharsets.ISO_8859_1);
  }

  @Test
  void shouldGiveTextOfLines() {
    Headers headers = received("Host: shop", "X-A: one", "x-a: two", "Empty: ");

    assertThat(headers.size()).isEqualTo(4);
    assertThat(headers.name(0)).isEqualTo("Host");
    assertThat(headers.get("host")).isEqualTo("shop");
    assertThat(headers.getJoined("x-A")).isEqualTo("one,two");
    assertThat(headers.get("empty")).isEmpty();
    assertThat(headers.get("hosts")).isNull();
    assertThat(headers.valueIs(0, "shop")).isTrue();
    assertThat(headers.valueIs(0, "Shop")).isFalse();
    assertThat(headers).hasToString("[Host, X-A, x-a, Empty]");
  }

  @Test
  void shouldKeepLinesThatNobodyChanged() {
    Headers headers = received("Host: shop", "A: 1", "B: 2", "C: 3", "A: 4");
    headers.get("a");
    headers.set("a", "5");
    headers.remove("host");
    headers.add("d", "6");

    assertThat(headers.lineStart(0)).isEqualTo(-1);
    assertThat(headers.name(0) + headers.value(0)).isEqualTo("A5");
    assertThat(line(headers, 1)).isEqualTo("B: 2\r\n");
    assertThat(line(headers, 2)).isEqualTo("C: 3\r\n");
    assertThat(headers.lineStart(3)).isEqualTo(-1);
    assertThat(line(headers.copy(), 1)).isEqualTo("B: 2\r\n");
  }

  @Test
  void shouldRemoveAllFieldsOfSeveralNames() {
    Headers headers = received("Te: a", "Host: shop", "TE: b", "Upgrade: c", "Tea: d");
    headers.add("upgrade", "e");
    Headers.Names names = new Headers.Names("te", "upgrade", "none");

    headers.removeAll(names);

    assertThat(headers).hasToString("[Host, Tea]");
    assertThat(line(headers, 1)).isEqualTo("Tea: d\r\n");
    assertThat(headers.get("tea")).isEqualTo("d");
    assertThat(headers.contains("te")).isFalse();
    headers.add("TE", "f");
    headers.removeAll(names);
    assertThat(headers).hasToString("[Host, Tea]");
    new Headers().removeAll(names);
  }

  @Test
  void shouldRefuseALineThatIsNotInTheBlock() {
    Headers headers = new Headers(1, new byte[8]);

    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> headers.addLine(0, 2, 7));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> new Headers().addLine(0, 1, 3));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldDoWithLinesWhatItDoesWithText(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Headers text = new Headers(0);
      List<String> block = new ArrayList<>();
      int count = random.nextInt(12);
      for (int i = 0; i < count; i++) {
        String name = any(NAMES, random);
        String value = any(VALUES, random).strip();
        text.add(name, value);
        block.add(name + ": " + value);
      }
      Headers lines = received(block);
      for (int i = 0; i < 10; i++) {
        change(text, lines, random);
        same(text, lines);
      }
    }
  }

  private static void change(Headers text, Headers lines, Random random) {
    String name = any(NAMES, random);
    String value = any(VALUES, random);
    int at = text.isEmpty() ? 0 : random.nextInt(text.size());
    switch (random.nextInt(7)) {
      case 0 -> {
        text.add(name, value);
        lines.add(name, value);
      }
      case 1 -> {
        text.set(name, value);
        lines.set(name, value);
      }
      case 2 -> assertThat(lines.remove(name)).isEqualTo(text.remove(name));
      case 3 -> {
        if (!text.isEmpty()) {
          text.removeAt(at);
          lines.removeAt(at);
        }
      }
      case 4 -> {
        if (!text.isEmpty()) {
          text.value(at, value);
          lines.value(at, value);
        }
      }
      case 5 -> {
        text.remove(name);
        text.remove("Connection");
        lines.removeAll(new Headers.Names("CONNECTION", "x-none", name));
      }
      default -> same(text.copy(), lines.copy());
    }
  }

  private static void same(Headers text, Headers lines) {
    assertThat(lines.size()).isEqualTo(text.size());
    for (String name : NAMES) {
      String other = name.toUpperCase(Locale.ROOT);
      assertThat(lines.indexOf(other, 0)).isEqualTo(text.indexOf(name, 0));
      assertThat(lines.count(other)).isEqualTo(text.count(name));
      for (String token : List.of("close", "KEEP-alive", "te", "keep", "")) {
        assertThat(lines.containsToken(name, token)).isEqualTo(text.containsToken(other, token));
      }
    }
    for (int i = 0; i < text.size(); i++) {
      String value = text.value(i);
      assertThat(lines.valueIs(i, value)).isTrue();
      assertThat(lines.nameIs(i, text.name(i))).isTrue();
      assertThat(lines.initial(i)).isEqualTo(text.initial(i)).isIn('a', 'h', 'c', 't', 'x');
      assertThat(lines.valueIs(i, value + " ")).isFalse();
    }
    Headers seen = lines.copy();
    for (int i = 0; i < text.size(); i++) {
      assertThat(seen.name(i)).isEqualTo(text.name(i));
      assertThat(seen.value(i)).isEqualTo(text.value(i));
    }
  }

  private static String any(List<String> of, Random random) {
    return of.get(random.nextInt(of.size()));
  }
}
