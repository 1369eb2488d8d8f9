package io.handfast.xds;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.handfast");

  @Test
  void shouldSeeTheClassesOfThisModuleAndNoOthers() {
    assertThat(CLASSES).hasSizeGreaterThan(30);
    assertThat(CLASSES).allMatch(type -> type.getPackageName().startsWith("io.handfast.xds"));
  }

  @Test
  void shouldKnowNeitherTheProxyNorTransactions() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.handfast.proxy..", "io.handfast.tx..", "io.handfast.transaction..", "io.netty..")
        .check(CLASSES);
  }

  @Test
  void shouldReadNoClock() {
    noClasses().should().callMethod(System.class, "nanoTime").check(CLASSES);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(CLASSES);
    noClasses().should().callMethod(java.time.Instant.class, "now").check(CLASSES);
  }

  @Test
  void shouldHavePackagesWithoutCycles() {
    SlicesRuleDefinition.slices()
        .matching("io.handfast.xds.(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
