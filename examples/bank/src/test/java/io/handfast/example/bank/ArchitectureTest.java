package io.handfast.example.bank;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
  private static final JavaClasses BANK =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.handfast.example.bank");

  @Test
  void shouldImportNothingOfHandfastWhenItIsOrdinaryService() {
    // Given
    DescribedPredicate<JavaClass> ours =
        DescribedPredicate.describe(
            "belong to Handfast",
            type ->
                type.getPackageName().startsWith("io.handfast")
                    && !type.getPackageName().startsWith("io.handfast.example.bank"));

    // Then
    assertThat(BANK).hasSizeGreaterThan(20);
    noClasses().should().dependOnClassesThat(ours).check(BANK);
  }
}
