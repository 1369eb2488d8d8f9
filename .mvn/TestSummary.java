import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Adds up the test reports that the build left below a directory: what the proofs of the protocol
 * printed (the worlds explored, the simulation's runs, the table of mutants), one line for each
 * skipped test with its reason, and one with the counts. Reports older than the build are a
 * previous run's.
 *
 * <p>Usage: {@code java TestSummary.java ROOT BUILD_START}, the start as an ISO instant.
 */
final class TestSummary {
  /** The tests whose output is a result: PROOF.md says how to read it. */
  private static final Pattern PROOF =
      Pattern.compile("TEST-io\\.handfast\\.tx\\.(.*(ExplorerTest|MutantsTest|RunsTest))\\.xml");

  private int passed;
  private int failed;
  private final List<String> skipped = new ArrayList<>();

  public static void main(String[] args) throws IOException, XMLStreamException {
    var summary = new TestSummary();
    for (Path report : reports(Path.of(args[0]), Instant.parse(args[1]))) {
      summary.add(report);
      showProof(report);
    }
    summary.print();
  }

  private static List<Path> reports(Path root, Instant start) throws IOException {
    var reports = new ArrayList<Path>();
    for (Path directory : reportDirectories(root)) {
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (name.startsWith("TEST-")
              && name.endsWith(".xml")
              && !Files.getLastModifiedTime(file).toInstant().isBefore(start)) {
            reports.add(file);
          }
        }
      }
    }
    return reports;
  }

  /** Modules lie one or two levels deep; what tests themselves leave below target is not ours. */
  private static List<Path> reportDirectories(Path root) throws IOException {
    try (Stream<Path> paths = Files.find(root, 3, (path, attributes) -> path.endsWith("target"))) {
      return paths
          .sorted()
          .flatMap(target -> Stream.of(target, target.resolve("fast")))
          .flatMap(target -> Stream.of("surefire-reports", "failsafe-reports").map(target::resolve))
          .filter(Files::isDirectory)
          .toList();
    }
  }

  private void add(Path report) throws IOException, XMLStreamException {
    try (InputStream input = Files.newInputStream(report)) {
      XMLStreamReader xml = XMLInputFactory.newDefaultFactory().createXMLStreamReader(input);
      String test = "";
      while (xml.hasNext()) {
        int event = xml.next();
        if (event == XMLStreamConstants.START_ELEMENT) {
          switch (xml.getLocalName()) {
            case "testcase" -> {
              test = attribute(xml, "classname") + "." + attribute(xml, "name");
              passed++;
            }
            case "failure", "error" -> {
              passed--;
              failed++;
            }
            case "skipped" -> {
              passed--;
              skipped.add("skipped " + test + ": " + reason(xml));
            }
            default -> {}
          }
        }
      }
    }
  }

  /** Its output is a file beside the report, unless it has been on the console. */
  private static void showProof(Path report) throws IOException {
    Matcher proof = PROOF.matcher(report.getFileName().toString());
    if (proof.matches()) {
      Path output = report.resolveSibling("io.handfast.tx." + proof.group(1) + "-output.txt");
      if (Files.isRegularFile(output)) {
        System.out.println();
        System.out.println(proof.group(1));
        Files.readAllLines(output).forEach(System.out::println);
      }
    }
  }

  private static String attribute(XMLStreamReader xml, String name) {
    String value = xml.getAttributeValue(null, name);
    return value == null ? "" : value;
  }

  /** A disabled test says why in an attribute, a failed assumption as its exception's first line. */
  private static String reason(XMLStreamReader skipped) throws XMLStreamException {
    String message = attribute(skipped, "message");
    if (message.isBlank()) {
      String trace = skipped.getElementText();
      message = trace.lines().findFirst().orElse("").replaceFirst("^[\\w.$]+Exception: ", "");
    }
    return message.isBlank() ? "no reason given" : message.strip().replaceAll("\\s+", " ");
  }

  private void print() {
    System.out.println();
    skipped.forEach(System.out::println);
    System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed, skipped.size());
  }
}
