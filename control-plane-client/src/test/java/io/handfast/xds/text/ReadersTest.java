package io.handfast.xds.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.text.Tree.Kind;
import io.handfast.xds.text.Tree.Scalar;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReadersTest {

  private static final int MAX = 10_000_000;

  @ParameterizedTest
  @CsvSource({
    "true, BOOLEAN", "yes, STRING", "on, STRING", "012, STRING", "0x1F, STRING", "1:30, STRING",
    "2001-12-14, STRING", "~, NULL", "null, NULL", "12, NUMBER", "-1.5e3, NUMBER",
        "1.2.3.4, STRING",
    "\"12\", STRING", "'''true''', STRING", "=, STRING"
  })
  void shouldReadScalarsOfYaml12(String text, Kind kind) throws Exception {
    assertThat(YamlReader.read(text, MAX).orElseThrow())
        .isInstanceOfSatisfying(Scalar.class, scalar -> assertThat(scalar.kind()).isEqualTo(kind));
  }

  @Test
  void shouldReadTheSameFromYamlAndJson() throws Exception {
    String json = "{\"a\": [1, \"b\", true, null, {\"c\": -0.5}], \"d\":\t{}}";

    assertThat(YamlReader.read(json.replace('\t', ' '), MAX)).isEqualTo(JsonReader.read(json, MAX));
  }

  @Test
  void shouldReadNothingFromAnEmptyDocument() throws Exception {
    assertThat(YamlReader.read("# only a comment\n", MAX)).isEmpty();
    assertThat(JsonReader.read(" ", MAX)).isEmpty();
  }

  @Test
  void shouldNumberTheDocumentsOfAStreamAndLeaveOutEmptyOnes() throws Exception {
    // When
    var documents = YamlReader.readAll("# first\n---\na: 1\n---\n# nothing\n---\n[2]\n", MAX);

    // Then
    assertThat(documents)
        .containsExactly(
            Map.entry(1, YamlReader.read("a: 1", MAX).orElseThrow()),
            Map.entry(3, YamlReader.read("[2]", MAX).orElseThrow()));
    assertThat(YamlReader.readAll("# only a comment\n", MAX)).isEmpty();
  }

  @Test
  void shouldExpandAliases() throws Exception {
    assertThat(YamlReader.read("{ a: &x { b: 1 }, c: *x }", MAX))
        .isEqualTo(YamlReader.read("{ a: { b: 1 }, c: { b: 1 } }", MAX));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: 1\\nb: {|line 2, column 5: ",
        "a: 1\\na: 2|line 2, column 1: 'a' twice in one mapping (expected: once)",
        "? [a]\\n: 1|line 1, column 3: a key that is no text (expected: a field's name)",
        "a: *b|line 1, column 4: found undefined alias b (expected: YAML)"
      })
  void shouldSayWhereWhenItIsNotYaml(String yaml, String expected) {
    assertThatThrownBy(() -> YamlReader.read(yaml.replace("\\n", "\n"), MAX))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 1, \"a\": 2}|line 1, column 13: Duplicate",
        "{\"a\": 1} x|line 1, column 10: Unrecognized token 'x'",
        "{\"a\": 1} 2|text after the end of the document (expected: one JSON value)",
        "{\"a\"|line 1, column 5: Unexpected end-of-input",
        "[|line 1, column 2: Unexpected end-of-input: expected close marker for Array (start marker at [line: 1, column: 1]) (expected: JSON)"
      })
  void shouldSayWhereWhenItIsNotJson(String json, String expected) {
    assertThatThrownBy(() -> JsonReader.read(json, MAX))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith(expected);
  }

  @Test
  void shouldRefuseWhenNestedTooDeep() {
    String deep = "[".repeat(Tree.MAX_DEPTH + 2) + "]".repeat(Tree.MAX_DEPTH + 2);

    assertThatThrownBy(() -> YamlReader.read(deep, MAX)).isInstanceOf(InvalidConfigException.class);
    assertThatThrownBy(() -> JsonReader.read(deep, MAX)).isInstanceOf(InvalidConfigException.class);
  }

  @Test
  void shouldRefuseWhenAliasesExplode() {
    // Given
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 7; i++) {
      String alias = "*a" + (i - 1);
      yaml.append(
          "a%d: &a%d [%s]%n"
              .formatted(i, i, String.join(", ", java.util.Collections.nCopies(10, alias))));
    }

    // Then
    assertThatThrownBy(() -> YamlReader.read(yaml.toString(), MAX))
        .isInstanceOf(InvalidConfigException.class);
  }

  @Test
  void shouldRefuseWhenAnAliasContainsItself() {
    assertThatThrownBy(() -> YamlReader.read("a: &a [*a]", MAX))
        .isInstanceOf(InvalidConfigException.class);
  }

  @Test
  void shouldRefuseWhenTooLong() {
    String text = "a: \"" + "x".repeat(200) + "\"";

    assertThatThrownBy(() -> YamlReader.read(text, 100))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("100");
  }
}
