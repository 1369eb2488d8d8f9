package io.handfast.demo;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
  private static final JavaClasses DEMO =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.handfast.demo");

  @Test
  void shouldReachSidecarsOnlyAsProcessesWhenItTellsTheStory() {
    // Given
    DescribedPredicate<JavaClass> ours =
        DescribedPredicate.describe(
            "belong to the rest of Handfast",
            type ->
                type.getPackageName().startsWith("io.handfast")
                    && !type.getPackageName().startsWith("io.handfast.demo")
                    // Made from the bank's .proto, as any client's.
                    && !type.getPackageName().equals("io.handfast.example.bank.v1"));

    // Then
    assertThat(DEMO).hasSizeGreaterThan(20);
    noClasses().should().dependOnClassesThat(ours).check(DEMO);
  }
}
