package io.handfast.proxy.docs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.handfast.transaction.v1.OutcomeItem;
import io.handfast.transaction.v1.Record;
import io.handfast.transaction.v1.Sender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** PROTOCOL.md's tables of records, messages and log lines are what the code has, both ways. */
class ProtocolDocTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** Told in words. */
  private static final Set<String> IN_WORDS =
      Set.of("tx_id", "branch_id", "call_branch_id", "outcome", "votes");

  private static final int FLAGS = Pattern.DOTALL | Pattern.CASE_INSENSITIVE;

  /** A line above debug: its statement, from the logger's name to the semicolon. */
  private static final Pattern LOGGED =
      Pattern.compile("\\blog\\s*\\.\\s*(?:at)?(Warn|Error|Info)(?:\\(\\))?(.*?);\n", FLAGS);

  /** Pieces of text that are joined, as a call's first argument. */
  private static final Pattern LITERAL =
      Pattern.compile("\\(\\s*(\"(?:[^\"\\\\]|\\\\.)*\"(?:\\s*\\+\\s*\"(?:[^\"\\\\]|\\\\.)*\")*)");

  private static String section(String heading) throws IOException {
    String text = Files.readString(ROOT.resolve("docs/PROTOCOL.md"));
    int start = text.indexOf("\n" + heading + "\n");
    assertThat(start).as(heading).isPositive();
    int end = text.indexOf("\n#", start + heading.length());
    return text.substring(start, end < 0 ? text.length() : end);
  }

  /** Rows of the table whose first column has that title, by the word in their first column. */
  private static Map<String, List<String>> table(String heading, String title) throws IOException {
    Map<String, List<String>> rows = new TreeMap<>();
    boolean inside = false;
    for (String line : section(heading).lines().toList()) {
      if (line.startsWith("| " + title + " |")) {
        inside = true;
      } else if (inside && line.startsWith("| `")) {
        List<String> cells = List.of(line.substring(2).split(" \\| "));
        rows.put(cells.getFirst().replace("`", ""), cells);
      } else if (inside && !line.startsWith("|")) {
        return rows;
      }
    }
    assertThat(rows).as(heading + ": " + title).isNotEmpty();
    return rows;
  }

  private static Set<String> words(String cell) {
    Set<String> words = new TreeSet<>();
    Matcher word = CODE.matcher(cell);
    while (word.find()) {
      words.add(word.group(1));
    }
    return words;
  }

  private static List<MethodDescriptor> calls() {
    return requireNonNull(
            OutcomeItem.getDescriptor().getFile().findServiceByName("TransactionControl"))
        .getMethods();
  }

  private static Descriptor items(Descriptor message) {
    return message.getFields().stream()
        .filter(FieldDescriptor::isRepeated)
        .findFirst()
        .orElseThrow()
        .getMessageType();
  }

  @Test
  void shouldHaveARowForEachKindOfRecordAndNoOther() throws IOException {
    Set<String> kinds =
        Record.getDescriptor().getOneofs().getFirst().getFields().stream()
            .map(field -> field.getMessageType().getName())
            .collect(Collectors.toSet());

    assertThat(table("## Records", "record").keySet()).isEqualTo(new TreeSet<>(kinds));
  }

  @Test
  void shouldHaveARowForEachCallAndNoOther() throws IOException {
    Set<String> calls = calls().stream().map(MethodDescriptor::getName).collect(Collectors.toSet());

    assertThat(table("## Control service", "RPC").keySet()).isEqualTo(new TreeSet<>(calls));
  }

  @Test
  void shouldNameEveryFieldOfAnItem() throws IOException {
    Map<String, List<String>> rows = table("## Control service", "RPC");
    for (MethodDescriptor call : calls()) {
      Set<String> fields =
          items(call.getInputType()).getFields().stream()
              .map(FieldDescriptor::getName)
              .filter(name -> !IN_WORDS.contains(name))
              .collect(Collectors.toCollection(TreeSet::new));

      Set<String> named =
          words(requireNonNull(rows.get(call.getName())).get(2)).stream()
              .filter(word -> word.matches("[a-z_]+"))
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(named).as(call.getName()).isEqualTo(fields);
    }
  }

  @Test
  void shouldNameEveryAnswer() throws IOException {
    Map<String, List<String>> rows = table("## Control service", "RPC");
    for (String name : List.of("Outcome", "Inquire", "Terminate")) {
      MethodDescriptor call =
          calls().stream().filter(it -> it.getName().equals(name)).findFirst().orElseThrow();
      Set<String> answers =
          items(call.getOutputType()).getFields().stream()
              .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.ENUM)
              .flatMap(field -> field.getEnumType().getValues().stream())
              .map(EnumValueDescriptor::getName)
              .filter(value -> !value.endsWith("_UNSPECIFIED"))
              .collect(Collectors.toSet());

      assertThat(words(requireNonNull(rows.get(name)).get(3))).as(name).containsAll(answers);
    }
  }

  @Test
  void shouldNameWhatASenderSaysOfItself() throws IOException {
    String line =
        section("## Control service")
            .lines()
            .filter(it -> it.startsWith("Every message has a `Sender`"))
            .findFirst()
            .orElseThrow();

    assertThat(words(line))
        .containsAll(
            Sender.getDescriptor().getFields().stream().map(FieldDescriptor::getName).toList());
  }

  @Test
  void shouldListEveryLogLineAboveDebugAndNoOther() throws IOException {
    // Given
    List<String> documented = new ArrayList<>();
    for (String line : section("### Log").lines().toList()) {
      if (line.matches("\\| (error|warn|info) \\|.*")) {
        Matcher code = CODE.matcher(line.split(" \\| ", -1)[1]);
        while (code.find()) {
          documented.add(line.substring(2, line.indexOf(' ', 2)) + " " + code.group(1));
        }
      }
    }

    // When
    Set<String> logged = new TreeSet<>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("tx-interceptor/src/main/java"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
        Matcher statement = LOGGED.matcher(Files.readString(file));
        while (statement.find()) {
          Matcher literal = LITERAL.matcher(statement.group(2));
          String said = "";
          while (literal.find()) {
            said = literal.group(1); // the last: keys come before
          }
          logged.add(statement.group(1).toLowerCase(java.util.Locale.ROOT) + " " + text(said));
        }
      }
    }

    // Then
    assertThat(logged).containsExactlyInAnyOrderElementsOf(documented);
  }

  /** Without what the reader is told to expect. */
  private static String text(String literal) {
    String whole = literal.replaceAll("\"\\s*\\+\\s*\"", "").replace("\"", "");
    int expected = whole.indexOf(" (expected: one;");
    return expected < 0 ? whole : whole.substring(0, expected);
  }
}
