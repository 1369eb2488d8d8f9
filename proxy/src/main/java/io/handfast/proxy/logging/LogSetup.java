package io.handfast.proxy.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.FileAppender;
import io.handfast.proxy.admin.LogLevels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * Levels and destination of the process's log. Components go by short names as in Envoy; a level
 * set for all leaves the libraries ({@code netty}, {@code grpc}) at warning or quieter, for at
 * debug they drown everything: they are named one by one.
 *
 * <p>Thread-safe. There is one log per process, so two proxies in one process share their levels.
 */
public final class LogSetup implements LogLevels {

  /**
   * The levels, by Envoy's names. The log has no {@code critical} of its own: it shows errors only.
   */
  private static final Map<String, Level> LEVELS = new LinkedHashMap<>();

  /** Components and the packages that belong to them. */
  private static final Map<String, List<String>> COMPONENTS = new TreeMap<>();

  private static final List<String> LIBRARIES = List.of("grpc", "netty");

  static {
    LEVELS.put("trace", Level.TRACE);
    LEVELS.put("debug", Level.DEBUG);
    LEVELS.put("info", Level.INFO);
    LEVELS.put("warning", Level.WARN);
    LEVELS.put("warn", Level.WARN);
    LEVELS.put("error", Level.ERROR);
    LEVELS.put("critical", Level.ERROR);
    LEVELS.put("off", Level.OFF);
    component("access_log", "io.handfast.proxy.accesslog");
    component("admin", "io.handfast.proxy.admin");
    component("config", "io.handfast.proxy.config", "io.handfast.xds");
    component("control", "io.handfast.tx.grpc");
    component("filter", "io.handfast.proxy.filter");
    component("grpc", "io.grpc");
    component("http", "io.handfast.proxy.http", "io.handfast.proxy.route");
    component("journal", "io.handfast.tx.journal");
    component("listener", "io.handfast.proxy.listener");
    component("main", "io.handfast.proxy.server", "io.handfast.proxy.cli");
    component("netty", "io.netty");
    component("transaction", "io.handfast.tx", "io.handfast.proxy.transaction");
    component("upstream", "io.handfast.proxy.cluster");
  }

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Map<String, String> levels = new TreeMap<>();

  /** The log as it stands: {@code info}, libraries {@code warning}. */
  public LogSetup() {
    COMPONENTS
        .keySet()
        .forEach(name -> levels.put(name, LIBRARIES.contains(name) ? "warning" : "info"));
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  private static void component(String name, String... packages) {
    COMPONENTS.put(name, List.of(packages));
  }

  /** Names of the levels, for help and errors. */
  public static String levelNames() {
    return "trace, debug, info, warning, error, critical, off";
  }

  @Override
  public synchronized Map<String, String> levels() {
    return new TreeMap<>(levels);
  }

  @Override
  public synchronized void setAll(String level) {
    Level wanted = level(level);
    root().setLevel(wanted);
    for (String component : COMPONENTS.keySet()) {
      boolean tooLoud = LIBRARIES.contains(component) && !wanted.isGreaterOrEqual(Level.WARN);
      apply(component, tooLoud ? "warning" : level);
    }
  }

  @Override
  public synchronized void set(String component, String level) {
    level(level);
    if (!COMPONENTS.containsKey(component)) {
      throw new IllegalArgumentException(
          "unknown logger: "
              + component
              + " (expected: one of "
              + String.join(", ", COMPONENTS.keySet())
              + ")");
    }
    apply(component, level);
  }

  /**
   * Sets several components.
   *
   * @param list {@code name:level,…} as in {@code --component-log-level}
   * @throws IllegalArgumentException if an entry is malformed or names no component or level
   */
  public void setComponents(String list) {
    for (String entry : list.split(",", -1)) {
      int colon = entry.lastIndexOf(':');
      if (colon <= 0) {
        throw new IllegalArgumentException("'" + entry + "' (expected: component:level,...)");
      }
      set(entry.substring(0, colon).strip(), entry.substring(colon + 1).strip());
    }
  }

  private void apply(String component, String level) {
    String name = level.toLowerCase(Locale.ROOT);
    for (String owned : COMPONENTS.getOrDefault(component, List.of())) {
      context.getLogger(owned).setLevel(level(level));
    }
    levels.put(component, name.equals("warn") ? "warning" : name);
  }

  private static Level level(String name) {
    Level level = LEVELS.get(name.toLowerCase(Locale.ROOT));
    if (level == null) {
      throw new IllegalArgumentException(
          "unknown logger level: " + name + " (expected: " + levelNames() + ")");
    }
    return level;
  }

  private Logger root() {
    return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  /**
   * Sends the log to a file in place of standard error.
   *
   * @throws IOException if it cannot be written
   */
  public void toFile(Path file) throws IOException {
    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND).close();
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>) root().getAppender(LogConfigurator.STDERR);
    PatternLayoutEncoder pattern = new PatternLayoutEncoder();
    pattern.setContext(context);
    pattern.setPattern(((PatternLayoutEncoder) console.getEncoder()).getPattern());
    pattern.start();
    FileAppender<ILoggingEvent> appender = new FileAppender<>();
    appender.setContext(context);
    appender.setName("FILE");
    appender.setFile(file.toString());
    appender.setEncoder(pattern);
    appender.start();
    root().detachAppender(console);
    root().addAppender(appender);
  }
}
