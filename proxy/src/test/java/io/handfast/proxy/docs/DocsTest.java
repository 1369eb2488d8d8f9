package io.handfast.proxy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the documents name is there: tests of rules, and files that are linked to. */
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern RULE = Pattern.compile("\\| T(\\d+) \\|.*");
  private static final Pattern TEST = Pattern.compile("`([A-Za-z0-9]+Test)\\.([A-Za-z0-9_]+)`");
  private static final Pattern HELD_BY =
      Pattern.compile(
          "`(?<corpus>[a-z0-9-]+\\.txt)`|`(?<type>[A-Za-z0-9]+Test|LeakCheck)(\\.(?<method>[A-Za-z0-9_]+…?))?`");
  private static final Path CORPUS =
      ROOT.resolve("proxy/src/test/resources/io/handfast/proxy/rfc9112");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$|`[^`\\n]*`");

  /** Names of two words at least, as of a type. */
  private static final Pattern TYPE = Pattern.compile("\\b[A-Z][a-z0-9]*(?:[A-Z][a-z0-9]+)+\\b");

  private static final Pattern DECLARED =
      Pattern.compile("\\b(?:class|interface|record|enum) ([A-Z]\\w+)");

  /** Of Envoy's configuration. */
  private static final Set<String> FOREIGN = Set.of("ApiConfigSource", "PathConfigSource");

  /** Lines above a method in which its annotations stand. */
  private static final int ANNOTATION_LINES = 4;

  @Test
  void shouldNameTestsThatExistAndCarryTheNumberWhenProtocolListsARule() throws IOException {
    // Given
    List<String> rules = new ArrayList<>();
    List<String> wrong = new ArrayList<>();

    // When
    for (String line : Files.readAllLines(ROOT.resolve("docs/PROTOCOL.md"))) {
      Matcher rule = RULE.matcher(line);
      if (rule.matches()) {
        rules.add(rule.group(1));
        wrong.addAll(wrongTests(rule.group(1), line));
      }
    }

    // Then
    assertThat(rules)
        .containsExactly(
            "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
            "17", "18", "19", "20", "21");
    assertThat(wrong).isEmpty();
  }

  private static List<String> wrongTests(String rule, String line) throws IOException {
    List<String> wrong = new ArrayList<>();
    Matcher test = TEST.matcher(line);
    int named = 0;
    while (test.find()) {
      named++;
      if (!carries(test.group(1), test.group(2), rule)) {
        wrong.add("T" + rule + ": " + test.group() + " is not there or has not its number");
      }
    }
    if (named == 0) {
      wrong.add("T" + rule + ": names no test");
    }
    return wrong;
  }

  private static boolean carries(String type, String method, String rule) throws IOException {
    Pattern number = Pattern.compile("T" + rule + "(?![0-9])");
    Pattern declared = Pattern.compile("\\bvoid " + method + "\\(");
    for (Path file : find(type + ".java")) {
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < lines.size(); i++) {
        if (declared.matcher(lines.get(i)).find()) {
          String around =
              String.join("\n", lines.subList(Math.max(0, i - ANNOTATION_LINES), i + 1));
          return number.matcher(around).find();
        }
      }
    }
    return false;
  }

  private static List<Path> find(String name) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String module : List.of("tx-interceptor", "proxy", "control-plane-client", "k8s")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        files.filter(file -> file.endsWith(name)).forEach(found::add);
      }
    }
    return found;
  }

  @Test
  void shouldNameTestsThatExistWhenHardeningListsAThreat() throws IOException {
    // Given
    List<String> wrong = new ArrayList<>();
    int threats = 0;

    // When
    for (String line : Files.readAllLines(ROOT.resolve("docs/HARDENING.md"))) {
      if (line.startsWith("| ") && !line.startsWith("| threat ")) {
        threats++;
        String proofs = line.substring(line.lastIndexOf(" | "));
        wrong.addAll(missingProofs(proofs));
        if (!HELD_BY.matcher(proofs).find()) {
          wrong.add("nothing holds: " + line);
        }
      }
    }

    // Then
    assertThat(threats).isGreaterThan(20);
    assertThat(wrong).isEmpty();
  }

  private static List<String> missingProofs(String proofs) throws IOException {
    List<String> missing = new ArrayList<>();
    Matcher named = HELD_BY.matcher(proofs);
    while (named.find()) {
      boolean there =
          named.group("corpus") == null
              ? hasTest(named.group("type"), named.group("method"))
              : Files.exists(CORPUS.resolve(named.group("corpus")));
      if (!there) {
        missing.add(named.group() + " is not there");
      }
    }
    return missing;
  }

  /**
   * Whether there is a test of that name, or one that begins so if the name ends with an ellipsis.
   */
  private static boolean hasTest(String type, @Nullable String method) throws IOException {
    String name = method == null ? "should\\w+" : method.replace("…", "\\w+");
    Pattern declared = Pattern.compile("(?m)^ +void " + name + "\\(");
    for (Path file : find(type + ".java")) {
      if (type.equals("LeakCheck") || declared.matcher(Files.readString(file)).find()) {
        return true;
      }
    }
    return false;
  }

  @Test
  void shouldNameTypesThatExistWhenTheArchitectureIsDescribed() throws IOException {
    // Given
    Set<String> types = new HashSet<>(FOREIGN);
    for (String module : List.of("tx-interceptor", "proxy", "control-plane-client", "k8s")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
          DECLARED.matcher(Files.readString(file)).results().forEach(it -> types.add(it.group(1)));
        }
      }
    }

    // When
    Set<String> named = new TreeSet<>();
    Matcher code = CODE.matcher(Files.readString(ROOT.resolve("docs/ARCHITECTURE.md")));
    while (code.find()) {
      TYPE.matcher(code.group()).results().forEach(it -> named.add(it.group()));
    }

    // Then
    assertThat(named).contains("TcpSession", "ManagedStream", "H2Connection");
    named.removeAll(types);
    assertThat(named).isEmpty();
  }

  @Test
  void shouldLeadSomewhereWhenADocumentHasARelativeLink() throws IOException {
    // Given
    List<Path> documents = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
    }
    List<String> dead = new ArrayList<>();
    int links = 0;

    // When
    for (Path document : documents) {
      String text = CODE.matcher(Files.readString(document)).replaceAll("");
      Matcher link = LINK.matcher(text);
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains("://")) {
          links++;
          if (!leads(document, target)) {
            dead.add(ROOT.relativize(document) + ": " + target);
          }
        }
      }
    }

    // Then
    assertThat(links).isGreaterThan(10);
    assertThat(dead).isEmpty();
  }

  private static boolean leads(Path document, String target) throws IOException {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path at = file.isEmpty() ? document : document.resolveSibling(file).normalize();
    if (!Files.exists(at)) {
      return false;
    }
    return hash < 0 || anchors(at).contains(target.substring(hash + 1));
  }

  /** Anchors of a document's headings, as GitHub and GitLab make them. */
  private static List<String> anchors(Path document) throws IOException {
    return Files.readAllLines(document).stream()
        .filter(line -> line.startsWith("#"))
        .map(line ->
            line.replaceFirst("^#+ ", "")
                .toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9 _-]", "")
                .replace(' ', '-'))
        .toList();
  }
}
