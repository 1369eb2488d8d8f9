package io.handfast.proxy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** What a line of the log looks like, by the configuration that is shipped. */
final class LogLineTest {
  private final LoggerContext context = new LoggerContext();

  @BeforeEach
  void configure() {
    LogConfigurator.shipped(context);
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void shouldWriteKeysAndValuesBehindTheMessage() {
    // When
    String line =
        line(
            "branch: working -> closing: service answered: success",
            List.of(new KeyValuePair("txId", "0197"), new KeyValuePair("branchId", "aa")));

    // Then
    assertThat(line)
        .endsWith(
            "[main] Driver: branch: working -> closing: service answered: success"
                + " txId=0197 branchId=aa\n");
  }

  @Test
  void shouldWriteNothingBehindAMessageWithoutKeys() {
    assertThat(line("listening", List.of())).endsWith("[main] Driver: listening\n");
  }

  @Test
  void shouldStayOnOneLineWhateverAPeerSays() {
    // When
    String line = line("no:\r\nERROR forged", List.of(new KeyValuePair("peer", "a\nb")));

    // Then
    assertThat(line).endsWith("no: | ERROR forged peer=a | b\n").containsOnlyOnce("\n");
  }

  private String line(String message, List<KeyValuePair> pairs) {
    LoggingEvent event = new LoggingEvent();
    event.setLoggerContext(context);
    event.setLoggerName("io.handfast.tx.engine.Driver");
    event.setLevel(ch.qos.logback.classic.Level.DEBUG);
    event.setThreadName("main");
    event.setMessage(message);
    event.setTimeStamp(0);
    pairs.forEach(event::addKeyValuePair);
    return new String(encoder().encode(event), StandardCharsets.UTF_8);
  }

  private Encoder<ILoggingEvent> encoder() {
    return ((ConsoleAppender<ILoggingEvent>) context.getLogger("ROOT").getAppender("STDERR"))
        .getEncoder();
  }
}
