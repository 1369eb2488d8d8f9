package io.handfast.tx;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Random;
import java.util.Timer;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What this module, and its core, may know. */
class TxArchitectureTest {
  /** ArchUnit's own looks for {@code target/test-classes}, which the quick build has elsewhere. */
  private static final ImportOption NO_TESTS = location -> !location.contains("/test-classes/");

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(NO_TESTS).importPackages("io.handfast.tx");

  @Test
  void shouldSeeTheClassesThatItJudges() {
    // A rule that meets no class proves nothing.
    assertThat(
            CLASSES.stream()
                .filter(c -> c.getPackageName().startsWith("io.handfast.tx.core"))
                .count())
        .isGreaterThan(90);
    assertThat(
            CLASSES.stream()
                .filter(c -> c.getPackageName().startsWith("io.handfast.tx.context"))
                .count())
        .isGreaterThan(10);
  }

  @Test
  void shouldSeeNeitherProxyNorControlPlaneClient() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.handfast.proxy..", "io.handfast.xds..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTheCorePure() {
    classes()
        .that()
        .resideInAPackage("io.handfast.tx.core..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.handfast.tx.core..",
            "java.lang..",
            "java.util",
            "java.util.function",
            "java.util.stream",
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepClockThreadsAndRandomnessOutOfTheCore() {
    noClasses()
        .that()
        .resideInAnyPackage("io.handfast.tx.core..", "io.handfast.tx.context..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            Thread.class, ThreadLocal.class, Random.class, Timer.class, UUID.class, Runnable.class)
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Math.class, "random")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTheCodecToTheCore() {
    classes()
        .that()
        .resideInAPackage("io.handfast.tx.context..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.handfast.tx.context..",
            "io.handfast.tx.core",
            "java.lang..",
            "java.util",
            "java.nio",
            "java.nio.charset",
            "java.security", // a name has room for a digest only
            "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void shouldHaveNoMutableStatics() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAnyPackage("io.handfast.tx..")
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void shouldReturnATransitionFromEveryStep() {
    methods()
        .that()
        .haveName("step")
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage("io.handfast.tx.core..")
        .should()
        .haveRawReturnType("io.handfast.tx.core.Transition")
        .andShould()
        .bePublic()
        .check(CLASSES);
  }

  @Test
  void shouldHoldAtMost25FilesInAPackageOfCoreAndCodec() {
    // When
    Map<String, Long> files =
        CLASSES.stream()
            .filter(JavaClass::isTopLevelClass)
            .filter(c -> c.getPackageName().matches("io\\.handfast\\.tx\\.(core|context).*"))
            .filter(c -> !c.getModifiers().contains(JavaModifier.SYNTHETIC))
            .collect(
                Collectors.groupingBy(
                    JavaClass::getPackageName, TreeMap::new, Collectors.counting()));

    // Then
    assertThat(files)
        .isNotEmpty()
        .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(25));
  }
}
