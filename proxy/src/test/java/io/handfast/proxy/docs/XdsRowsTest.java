package io.handfast.proxy.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of docs/XDS.md says which tests hold which row, and nothing else. */
final class XdsRowsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern ROW = Pattern.compile("^\\| ([A-Z]\\d) \\| [^|]+ \\| (.+) \\|$");
  private static final Pattern NAMED = Pattern.compile("`(\\w+)\\.(should\\w+)`");
  private static final Pattern ANY_METHOD = Pattern.compile("void (should\\w+)\\(");
  private static final Pattern METHOD = Pattern.compile("void (should\\w*?)((?:[A-Z]\\d)+)\\(");

  @Test
  void shouldNameTheTestsOfEveryRow() throws IOException {
    // Given
    Set<String> rows = new TreeSet<>();
    Set<String> told = new TreeSet<>();
    for (String line : Files.readAllLines(ROOT.resolve("docs/XDS.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        rows.add(row.group(1));
        NAMED
            .matcher(row.group(2))
            .results()
            .forEach(test -> told.add(row.group(1) + " " + test.group(1) + "." + test.group(2)));
      }
    }

    // When
    Set<String> there = new TreeSet<>();
    for (String module : Set.of("control-plane-client", "proxy")) {
      addTests(ROOT.resolve(module).resolve("src/test/java"), rows, there);
    }

    // Then
    assertThat(rows).hasSizeGreaterThan(30);
    assertThat(told).isEqualTo(there);
  }

  /** Beside the rows, proposals and faults name tests too. */
  @Test
  void shouldNameNoTestThatIsNotThere() throws IOException {
    // Given
    String document = Files.readString(ROOT.resolve("docs/XDS.md"));
    Set<String> there = new TreeSet<>();
    for (String module : Set.of("control-plane-client", "proxy")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          String type = String.valueOf(file.getFileName()).replace(".java", "");
          ANY_METHOD
              .matcher(Files.readString(file))
              .results()
              .forEach(method -> there.add(type + "." + method.group(1)));
        }
      }
    }

    // When, Then
    assertThat(NAMED.matcher(document).results().map(test -> test.group(1) + "." + test.group(2)))
        .hasSizeGreaterThan(100)
        .allMatch(there::contains);
  }

  private static void addTests(Path sources, Set<String> rows, Set<String> there)
      throws IOException {
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(each -> each.toString().endsWith("Test.java")).toList()) {
        String type = String.valueOf(file.getFileName()).replace(".java", "");
        Matcher method = METHOD.matcher(Files.readString(file));
        while (method.find()) {
          for (String id : method.group(2).split("(?<=\\d)", -1)) {
            if (rows.contains(id)) {
              there.add(id + " " + type + "." + method.group(1) + method.group(2));
            }
          }
        }
      }
    }
  }
}
