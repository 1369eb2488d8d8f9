import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * pgjdbc's own tests, each of whose results is a line of a file: {@code CASE pass|fail|skip ID}, and
 * after a tab why it failed or was skipped.
 *
 * <p>Arguments: the directory of the compiled tests, the file, and a regular expression of the names
 * of the classes that are run. Where the server is, the tests read from system properties.
 */
public final class PgjdbcTests {
  private PgjdbcTests() {}

  /** Runs all of it; a case that fails is no failure of the program. */
  public static void main(String[] args) throws Exception {
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(Path.of(args[0]))))
            .filters(includeClassNamePatterns(args[2]))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter("junit.jupiter.execution.timeout.default", "1 m");
    try (PrintWriter file = new PrintWriter(args[1])) {
      LauncherFactory.create().execute(request.build(), new Printer(file));
      file.println("END");
    }
    System.exit(0);
  }

  private static final class Printer implements TestExecutionListener {
    private final PrintWriter file;
    private TestPlan plan;

    Printer(PrintWriter file) {
      this.file = file;
    }

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
      plan = started;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
      if (test.isTest()) {
        System.out.println("--- " + java.time.Instant.now() + " " + id(test));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      tell("skip", test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String why = result.getThrowable().map(Throwable::toString).orElse("");
      boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
      result.getThrowable().ifPresent(thrown -> thrown.printStackTrace(System.out));
      if (test.isTest() || !passed) {
        tell(
            switch (result.getStatus()) {
              case SUCCESSFUL -> "pass";
              case ABORTED -> "skip";
              case FAILED -> "fail";
            },
            test,
            why);
      }
    }

    private synchronized void tell(String what, TestIdentifier test, String why) {
      String line = why == null ? "" : why.lines().findFirst().orElse("");
      file.println("CASE " + what + " " + id(test) + "\t" + line);
      file.flush();
    }

    /** Without what is the same for all: {@code jdbc2.CopyTest.testCopyOut[2]}. */
    private String id(TestIdentifier test) {
      StringBuilder id = new StringBuilder();
      for (var segment : test.getUniqueIdObject().getSegments()) {
        switch (segment.getType().toLowerCase(Locale.ROOT)) {
          case "engine" -> {}
          case "class", "class-template", "nested-class" ->
              id.append(id.isEmpty() ? "" : ".")
                  .append(segment.getValue().replaceFirst("^org\\.postgresql\\.(test\\.)?", ""));
          case "method", "test-template", "test-factory" ->
              id.append('.').append(segment.getValue().replaceFirst("\\(.*", ""));
          default -> id.append('[').append(segment.getValue().replace("#", "")).append(']');
        }
      }
      return id.toString();
    }
  }
}
