package io.handfast.proxy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpFilter;
import io.handfast.proxy.http.HttpFilterContext;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.LocalReply;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.ResponseSink;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms of this module, and who may know whom. */
final class ProxyArchitectureTest {
  /** ArchUnit's own looks for {@code target/test-classes}, which the quick build has elsewhere. */
  private static final ImportOption NO_TESTS = location -> !location.contains("/test-classes/");

  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(NO_TESTS).importPackages("io.handfast.proxy");

  private static final int MAX_FILES = 25;

  @Test
  void shouldSeeTheClassesThatItJudges() {
    // A rule that meets no class proves nothing.
    assertThat(CLASSES.size()).isGreaterThan(250);
    assertThat(count("io.handfast.proxy.http")).isGreaterThan(15);
    assertThat(count("io.handfast.proxy.http.h1")).isGreaterThan(10);
    assertThat(count("io.handfast.proxy.filter.router")).isGreaterThan(3);
    assertThat(count("io.handfast.proxy.transaction")).isGreaterThan(10);
  }

  private static long count(String name) {
    return CLASSES.stream().filter(type -> type.getPackageName().equals(name)).count();
  }

  /** Our own codecs may use Netty's; administration is a small HTTP server of its own. */
  @Test
  void shouldKeepNettysHttpInsideOfCodecs() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    "io.handfast.proxy.http.h1..",
                    "io.handfast.proxy.http.h2..",
                    "io.handfast.proxy.admin..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty.handler.codec..")
        .check(CLASSES);
  }

  /** Of Netty's HTTP/2 there is HPACK only: its codec would make a channel of each stream. */
  @Test
  void shouldMakeNoChannelOfAStream() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "io\\.netty\\.handler\\.codec\\.http2\\.(?!(Default)?Http2Headers(De|En)coder|(Default)?Http2Headers$|Http2Exception).*")
        .check(CLASSES);
  }

  @Test
  void shouldKeepTransactionsOutOfTheDataPath() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.handfast.proxy.http..",
            "io.handfast.proxy.route..",
            "io.handfast.proxy.filter..",
            "io.handfast.proxy.cluster..",
            "io.handfast.proxy.listener..",
            "io.handfast.proxy.network..",
            "io.handfast.proxy.tcp..",
            "io.handfast.proxy.config..",
            "io.handfast.proxy.runtime..",
            "io.handfast.proxy.stats..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.handfast.tx..", "io.handfast.transaction..", "io.handfast.proxy.transaction..")
        .check(CLASSES);
  }

  /** A filter sees streams; which codec is behind them, only who makes connections knows. */
  @Test
  void shouldKeepCodecsToWhoMakesConnections() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    "io.handfast.proxy.http.h1..",
                    "io.handfast.proxy.http.h2..",
                    "io.handfast.proxy.http.connection..",
                    "io.handfast.proxy.cluster.connect..",
                    "io.handfast.proxy.server..")))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.handfast.proxy.http.h1..", "io.handfast.proxy.http.h2..")
        .check(CLASSES);
  }

  @Test
  void shouldKeepSocketsOutOfFilters() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.handfast.proxy.filter..",
            "io.handfast.proxy.transaction..",
            "io.handfast.proxy.route..",
            "io.handfast.proxy.config..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty.channel..", "io.netty.bootstrap..", "io.netty.handler..")
        .check(CLASSES);
  }

  @Test
  void shouldSpeakOfOurOwnHttpInTheFilterApi() {
    // When
    List<String> foreign =
        Stream.of(
                HttpFilter.class,
                HttpFilterContext.class,
                HttpStream.class,
                HttpStream.Server.class,
                HttpStream.Client.class,
                HttpStream.ServerEvents.class,
                HttpStream.ClientEvents.class,
                ResponseSink.class,
                RequestHead.class,
                ResponseHead.class,
                Headers.class,
                LocalReply.class)
            .flatMap(type -> CLASSES.get(type).getMethods().stream())
            .filter(ProxyArchitectureTest::speaksOfNetty)
            .map(JavaMethod::getFullName)
            .toList();

    // Then
    assertThat(foreign).isEmpty();
    // A body's slices are Netty's reference-counted memory; that is no HTTP.
    noClasses()
        .that()
        .resideInAPackage("io.handfast.proxy.http")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.netty..").and(not(resideInAPackage("io.netty.buffer"))))
        .check(CLASSES);
  }

  private static boolean speaksOfNetty(JavaMethod method) {
    return Stream.concat(
            Stream.of(method.getRawReturnType()), method.getRawParameterTypes().stream())
        .anyMatch(type -> type.getPackageName().startsWith("io.netty"));
  }

  @Test
  void shouldReadClocksInTheCompositionRootOnly() {
    noClasses()
        .that(not(resideInAPackage("io.handfast.proxy.server")))
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
  void shouldHaveNoMutableStatics() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage("io.handfast.proxy..")
        .should()
        .beFinal()
        .check(CLASSES);
  }

  @Test
  void shouldHaveNoCyclesBetweenPackages() {
    slices().assignedFrom(ROOMS).should().beFreeOfCycles().check(CLASSES);
  }

  /** Each package is one; a cluster and its pools and balancers know each other, and are one. */
  private static final SliceAssignment ROOMS =
      new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
          String name = type.getPackageName();
          return SliceIdentifier.of(
              name.matches("io\\.handfast\\.proxy\\.cluster(\\.pool|\\.lb)?") ? "cluster" : name);
        }

        @Override
        public String getDescription() {
          return "rooms of the proxy";
        }
      };

  @Test
  void shouldHoldAtMost25FilesInAPackage() {
    // When
    Map<String, Long> files =
        CLASSES.stream()
            .filter(JavaClass::isTopLevelClass)
            .filter(type -> !type.getModifiers().contains(JavaModifier.SYNTHETIC))
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .collect(
                Collectors.groupingBy(
                    JavaClass::getPackageName, TreeMap::new, Collectors.counting()));

    // Then
    assertThat(files)
        .isNotEmpty()
        .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(MAX_FILES));
  }
}
