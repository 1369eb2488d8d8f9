package io.handfast.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A field that is honoured ends in a record; one that nobody reads is not honoured, whatever the
 * table says.
 */
final class HonouredFieldsAreReadTest {

  private static final String CONFIG = "io.handfast.proxy.config";

  /** Read by a method of the record itself, which the data path calls. */
  private static final Map<String, String> READ_BY =
      Map.ofEntries(
          Map.entry("ConfigSnapshot.bootstrapExtensions", "bootstrapExtension"),
          Map.entry("FilterMetadata.byName", "get"),
          Map.entry("ListenerConfig.additional", "allAddresses"),
          Map.entry("Fraction.numerator", "covers"),
          Map.entry("Fraction.denominator", "covers"),
          Map.entry("OriginalDestination.port", "at"),
          Map.entry("Secret.name", "title"),
          Map.entry("RegexRewrite.pattern", "apply"),
          Map.entry("RegexRewrite.substitution", "apply"),
          Map.entry("MaxGrpcTimeout.max", "limitNanos"),
          Map.entry("MaxGrpcTimeout.offset", "limitNanos"),
          Map.entry("MaxStreamDuration.duration", "limitNanos"),
          Map.entry("MaxStreamDuration.grpcMax", "limitNanos"),
          Map.entry("MaxStreamDuration.grpcOffset", "limitNanos"));

  @Test
  void shouldReadEveryFieldOfEveryRecordSomewhereOnTheDataPath() {
    // Given
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages("io.handfast.proxy");

    // When
    Set<String> unread = new TreeSet<>();
    int records = 0;
    for (JavaClass type : classes) {
      if (Set.of(CONFIG, CONFIG + ".tls").contains(type.getPackageName())
          && type.isRecord()
          && !type.getFullName().contains("StringMatch")) {
        records++;
        addUnread(type, unread);
      }
    }

    // Then
    assertThat(records).isGreaterThan(40);
    assertThat(unread).isEmpty();
  }

  private static void addUnread(JavaClass type, Set<String> unread) {
    for (var component : type.reflect().getRecordComponents()) {
      String name = type.getSimpleName() + "." + component.getName();
      String reader = READ_BY.getOrDefault(name, component.getName());
      boolean read =
          Stream.concat(Stream.of(type), type.getAllRawInterfaces().stream())
              .flatMap(declaring -> declaring.getMethods().stream())
              .filter(method -> method.getName().equals(reader))
              .anyMatch(HonouredFieldsAreReadTest::isReadOnTheDataPath);
      if (!read) {
        unread.add(name);
      }
    }
  }

  private static boolean isReadOnTheDataPath(JavaMethod method) {
    return method.getAccessesToSelf().stream()
            .anyMatch(access -> onTheDataPath(access.getOriginOwner()))
        || method.getReferencesToSelf().stream()
            .anyMatch(reference -> onTheDataPath(reference.getOriginOwner()));
  }

  /** Compiling a configuration is no reading. */
  private static boolean onTheDataPath(JavaClass reader) {
    return !reader.getPackageName().startsWith(CONFIG);
  }
}
