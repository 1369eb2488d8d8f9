package io.handfast.k8s;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The rooms of this module, and who may know whom (ADR 0011). */
final class ArchitectureTest {
  /** ArchUnit's own looks for {@code target/test-classes}, which the quick build has elsewhere. */
  private static final ImportOption NO_TESTS = location -> !location.contains("/test-classes/");

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(NO_TESTS).importPackages("io.handfast.k8s");

  /** The one class of the proxy that may be known, and by whom. */
  private static final String DOOR = "io.handfast.proxy.server.ConfigCheck";

  private static final String VALIDATOR = "io.handfast.k8s.controlplane.source.SidecarValidator";

  @Test
  void shouldSeeTheClassesThatItJudges() {
    // A rule that meets no class proves nothing.
    assertThat(CLASSES.size()).isGreaterThan(30);
    assertThat(CLASSES.get(VALIDATOR).getDirectDependenciesFromSelf())
        .anyMatch(each -> each.getTargetClass().getName().startsWith(DOOR));
  }

  @Test
  void shouldKnowOfTheProxyItsVerdictOnly() {
    noClasses()
        .should()
        .dependOnClassesThat(
            describe(
                "are of the proxy, but for its verdict",
                type ->
                    type.getPackageName().startsWith("io.handfast.proxy")
                        && !type.getName().startsWith(DOOR)))
        .check(CLASSES);
    noClasses()
        .that(not(describe("validate", type -> type.getName().equals(VALIDATOR))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.handfast.proxy..")
        .check(CLASSES);
  }

  @Test
  void shouldKnowNothingOfTransactions() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.handfast.tx..", "io.handfast.transaction..")
        .check(CLASSES);
  }

  /** What the protocol says can be told without a stream, a thread or a file. */
  @Test
  void shouldKeepTheProtocolPure() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.handfast.k8s.controlplane.protocol..", "io.handfast.k8s.controlplane.snapshot..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.grpc..", "io.netty..", "java.nio.file..", "java.util.concurrent..", "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void shouldReadClocksInTheCompositionRootOnly() {
    noClasses()
        .that(not(resideInAPackage("io.handfast.k8s.cli")))
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(CLASSES);
  }

  @Test
  void shouldHaveNoCyclesBetweenPackages() {
    slices().matching("io.handfast.k8s.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
