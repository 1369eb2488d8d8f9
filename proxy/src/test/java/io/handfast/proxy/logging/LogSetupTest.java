package io.handfast.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** There is one log per process: what a test changes, it puts back. */
class LogSetupTest {

  @TempDir Path directory;

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Map<Logger, @Nullable Level> levels = new HashMap<>();
  private final List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
  private final LogSetup log = new LogSetup();

  @BeforeEach
  void remember() {
    context.getLoggerList().forEach(logger -> levels.put(logger, logger.getLevel()));
    root.iteratorForAppenders().forEachRemaining(appenders::add);
  }

  @AfterEach
  void putBack() {
    for (Logger logger : context.getLoggerList()) {
      logger.setLevel(levels.get(logger));
    }
    List<Appender<ILoggingEvent>> now = new ArrayList<>();
    root.iteratorForAppenders().forEachRemaining(now::add);
    for (Appender<ILoggingEvent> added : now) {
      if (!appenders.contains(added)) {
        root.detachAppender(added);
        added.stop();
      }
    }
    appenders.forEach(root::addAppender);
  }

  @Test
  void shouldBeginWithInfoAndQuieterLibraries() {
    assertThat(log.levels())
        .containsEntry("main", "info")
        .containsEntry("transaction", "info")
        .containsEntry("netty", "warning")
        .containsEntry("grpc", "warning");
  }

  @Test
  void shouldLeaveTheLibrariesAtWarningWhenAllAreSetToDebug() {
    // When
    log.setAll("debug");
    // Then
    assertThat(log.levels()).containsEntry("http", "debug").containsEntry("netty", "warning");
    assertThat(effective("io.handfast.proxy.http.h1")).isEqualTo(Level.DEBUG);
    assertThat(effective("io.netty.channel")).isEqualTo(Level.WARN);
    assertThat(effective("io.grpc.internal")).isEqualTo(Level.WARN);
  }

  @Test
  void shouldSilenceTheLibrariesTooWhenAllAreSetToError() {
    // When
    log.setAll("error");
    // Then
    assertThat(log.levels()).containsEntry("netty", "error").containsEntry("main", "error");
    assertThat(effective("io.netty.channel")).isEqualTo(Level.ERROR);
    assertThat(effective("com.example")).isEqualTo(Level.ERROR);
  }

  @Test
  void shouldReachEveryPackageOfAComponentWhenOneIsSet() {
    // When
    log.set("http", "trace");
    // Then
    assertThat(effective("io.handfast.proxy.http.manager")).isEqualTo(Level.TRACE);
    assertThat(effective("io.handfast.proxy.route")).isEqualTo(Level.TRACE);
    assertThat(log.levels()).containsEntry("http", "trace").containsEntry("main", "info");
  }

  @Test
  void shouldSetALibraryAsLoudAsAskedForWhenItIsNamed() {
    // When
    log.setComponents("netty:debug, grpc:info");
    // Then
    assertThat(effective("io.netty.channel")).isEqualTo(Level.DEBUG);
    assertThat(log.levels()).containsEntry("netty", "debug").containsEntry("grpc", "info");
  }

  @ParameterizedTest
  @CsvSource({"WARN, warning, WARN", "critical, critical, ERROR", "off, off, OFF"})
  void shouldTakeEnvoysNamesWhenALevelIsSet(String given, String shown, String level) {
    // When
    log.set("upstream", given);
    // Then
    assertThat(log.levels()).containsEntry("upstream", shown);
    assertThat(effective("io.handfast.proxy.cluster")).isEqualTo(Level.valueOf(level));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "main:loud|unknown logger level: loud (expected: trace, debug, info, warning, error, critical, off)",
        "nope:info|unknown logger: nope (expected: one of access_log, admin, config, ",
        "info|'info' (expected: component:level,...)",
        ":info|':info' (expected: component:level,...)",
        "main:info,|'' (expected: component:level,...)",
      })
  void shouldSayWhatWasExpectedWhenTheListIsWrong(String list, String said) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> log.setComponents(list))
        .withMessageStartingWith(said);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "verbose"})
  void shouldChangeNothingWhenTheLevelIsUnknown(String level) {
    // When
    assertThatIllegalArgumentException().isThrownBy(() -> log.setAll(level));
    // Then
    assertThat(log.levels()).containsEntry("main", "info");
  }

  @Test
  void shouldAppendToTheFileAndLeaveTheConsoleWhenAPathIsGiven() throws Exception {
    // Given
    Path file = Files.writeString(directory.resolve("log"), "before\n");
    console("%level %msg%n");
    // When
    log.toFile(file);
    context.getLogger("io.handfast.proxy.server.Some").warn("txId={}", "ab");
    // Then
    assertThat(Files.readAllLines(file)).containsExactly("before", "WARN txId=ab");
    assertThat(root.getAppender("STDERR")).isNull();
  }

  @Test
  void shouldKeepTheConsoleWhenTheFileCannotBeWritten() {
    // Given
    ConsoleAppender<ILoggingEvent> console = console("%msg%n");
    // When / Then
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> log.toFile(directory));
    assertThat(root.getAppender("STDERR")).isSameAs(console);
  }

  /** As the shipped configuration has it, in place of the tests' own. */
  private ConsoleAppender<ILoggingEvent> console(String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(pattern);
    encoder.start();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setName("STDERR");
    console.setEncoder(encoder);
    console.start();
    appenders.forEach(root::detachAppender);
    root.addAppender(console);
    return console;
  }

  private Level effective(String logger) {
    return context.getLogger(logger).getEffectiveLevel();
  }
}
