package io.handfast.tx.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.handfast.tx.engine.base.Writer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A record that is forced has a point before it is handed to the store, and one when it is there.
 */
class ForcePointsTest {
  private static final ImportOption NO_TESTS = location -> !location.contains("/test-classes/");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(NO_TESTS)
          .importPackages(ForcePoints.class.getPackageName());

  /**
   * Nobody waits for the one; where the other begins is a point itself, and its end an answer's.
   */
  private static final Set<String> WITHOUT =
      Set.of("CoordinatorDriver.writeEnded", "BranchStore.writeEnd");

  @Test
  void shouldHaveAPointBeforeEachForce() {
    // When
    List<JavaMethod> writers =
        CLASSES.stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> calls(method, Writer.class, "write"))
            .flatMap(ForcePointsTest::orItsCallers)
            .toList();

    // Then
    assertThat(writers).hasSizeGreaterThan(10);
    Set<String> without =
        writers.stream()
            .filter(method -> !calls(method, ForcePoints.class, "before"))
            .map(ForcePointsTest::name)
            .collect(Collectors.toSet());
    assertThat(without).isEqualTo(WITHOUT);
  }

  @Test
  void shouldReachEachPointFromTheEngine() {
    assertThat(CLASSES.get(ForcePoints.class).getMethods())
        .hasSizeGreaterThan(20)
        .allSatisfy(point -> assertThat(point.getCallsOfSelf()).as(point.getName()).isNotEmpty());
  }

  @Test
  void shouldHaveAPointAfterEachPointBefore() {
    Set<String> names =
        CLASSES.get(ForcePoints.class).getMethods().stream()
            .map(JavaMethod::getName)
            .collect(Collectors.toSet());

    assertThat(names)
        .allSatisfy(name ->
            assertThat(names)
                .as(name)
                .contains(name.startsWith("before") ? name.replace("before", "after") : name));
  }

  /** A private helper has its points where it is called. */
  private static Stream<JavaMethod> orItsCallers(JavaMethod writer) {
    List<JavaMethod> callers =
        writer.getCallsOfSelf().stream()
            .map(call -> call.getOrigin())
            .filter(JavaMethod.class::isInstance)
            .map(JavaMethod.class::cast)
            .filter(origin -> origin.getOwner().equals(writer.getOwner()))
            .toList();
    boolean isHelper =
        !calls(writer, ForcePoints.class, "before")
            && callers.stream().anyMatch(it -> calls(it, ForcePoints.class, "before"));
    return isHelper ? callers.stream() : Stream.of(writer);
  }

  private static boolean calls(JavaCodeUnit from, Class<?> type, String prefix) {
    return from.getMethodCallsFromSelf().stream()
        .anyMatch(call ->
            call.getTargetOwner().isEquivalentTo(type) && call.getName().startsWith(prefix));
  }

  private static String name(JavaMethod method) {
    return method.getOwner().getSimpleName() + "." + method.getName();
  }
}
