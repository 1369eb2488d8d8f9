package io.handfast.proxy.transaction;

import static io.handfast.proxy.transaction.Policies.MESH;
import static io.handfast.proxy.transaction.Policies.boundary;
import static io.handfast.proxy.transaction.Policies.callback;
import static io.handfast.proxy.transaction.Policies.participant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.handfast.tx.core.coordinator.CoordinatorEvent;
import io.handfast.tx.core.coordinator.CoordinatorState;
import io.handfast.tx.core.participant.ParticipantEvent;
import io.handfast.tx.core.participant.ParticipantState;
import io.handfast.tx.interceptor.RoutePolicy;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The line of the log that each change of a machine is, and its vocabulary. */
final class TransactionLogTest {
  private static final Pattern LINE =
      Pattern.compile("(branch|transaction): ([a-z-]+) -> ([a-z-]+): ([a-z].*)");
  private static final Path PROTOCOL = Path.of("../docs/PROTOCOL.md");

  @TempDir private Path directory;
  private final Logger log = (Logger) org.slf4j.LoggerFactory.getLogger("io.handfast.tx.engine");
  private final Lines lines = new Lines();

  @AfterEach
  void stopListening() {
    log.detachAppender(lines);
    log.setLevel(null);
  }

  private void listen(Level level) {
    lines.setContext(log.getLoggerContext());
    lines.start();
    log.addAppender(lines);
    log.setLevel(level);
  }

  @Test
  void shouldWriteOneLineForEachChangeAndNothingOfRequestsAndAnswers() throws Exception {
    // Given
    listen(Level.DEBUG);

    // When
    String tx = commit();

    // Then
    await().until(() -> lines.of("transaction", tx).contains("committing -> ended"));
    assertThat(lines.of("transaction", tx))
        .isEqualTo(
            "new -> active; active -> deciding; deciding -> committing;"
                + " committing -> committing; committing -> ended");
    Set<String> states = states();
    for (ILoggingEvent event : lines.events) {
      Matcher line = LINE.matcher(event.getFormattedMessage());
      assertThat(line.matches()).as(event.getFormattedMessage()).isTrue();
      assertThat(states).contains(line.group(2), line.group(3));
      assertThat(event.getFormattedMessage() + event.getKeyValuePairs())
          .doesNotContain("s3cret", "\n");
    }
  }

  @Test
  void shouldWriteNoneOfThemUnlessSomebodyWantsToReadThem() throws Exception {
    // Given
    listen(Level.INFO);

    // When
    commit();

    // Then
    assertThat(lines.events).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        ParticipantState.class,
        ParticipantEvent.class,
        CoordinatorState.class,
        CoordinatorEvent.class
      })
  void shouldDocumentEveryWord(Class<?> vocabulary) throws Exception {
    // Given
    String tables =
        Files.readAllLines(PROTOCOL).stream()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.indexOf(" | ", 2)))
            .collect(Collectors.joining());

    // Then
    assertThat(words(vocabulary))
        .allSatisfy(word -> assertThat(tables).contains("`" + word.getSimpleName() + "`"));
  }

  private static List<Class<?>> words(Class<?> vocabulary) {
    return Stream.<Class<?>>of(vocabulary.getPermittedSubclasses())
        .flatMap(word -> word.isSealed() ? words(word).stream() : Stream.of(word))
        .toList();
  }

  private static Set<String> states() {
    return Stream.of(ParticipantState.class, CoordinatorState.class)
        .flatMap(states -> words(states).stream())
        .map(state -> state.getSimpleName().replaceAll("(?<!^)([A-Z])", "-$1"))
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  /** Runs one transaction over two sidecars, and says which. */
  private String commit() throws Exception {
    Neighbours peers = new Neighbours();
    CompletableFuture<Integer> toBank = new CompletableFuture<>();
    try (SidecarRig front =
            new SidecarRig(
                "front",
                directory,
                peers,
                exchange -> {
                  SidecarRig.send(toBank.join(), "POST", "s3cret", SidecarRig.carried(exchange));
                  SidecarRig.answer(exchange, 201, "s3cret");
                });
        SidecarRig bank =
            new SidecarRig(
                "bank", directory, peers, exchange -> SidecarRig.answer(exchange, 200, "s3cret"))) {
      toBank.complete(
          front.outbound(RoutePolicy.NONE, bank.inbound(participant(callback()), true), MESH));
      HttpResponse<String> response =
          SidecarRig.send(
              front.inbound(boundary(callback(), 1 << 20), false),
              "POST",
              "s3cret",
              "authorization",
              "Bearer s3cret");
      assertThat(response.headers().firstValue("tx-outcome")).hasValue("committed");
      await().until(() -> front.engine.running().toCompletableFuture().join() == 0);
      await().until(() -> bank.engine.running().toCompletableFuture().join() == 0);
      return response.headers().firstValue("tx-id").orElseThrow();
    }
  }

  private static final class Lines extends AppenderBase<ILoggingEvent> {
    final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getMessage().contains(": {} -> {}: {}")) {
        events.add(event);
      }
    }

    /** The changes of one machine of a transaction. */
    String of(String machine, String tx) {
      return events.stream()
          .filter(it -> it.getFormattedMessage().startsWith(machine + ": "))
          .filter(it ->
              it.getKeyValuePairs().stream()
                  .anyMatch(pair -> String.valueOf(pair.value).equals(tx)))
          .map(it -> {
            Matcher line = LINE.matcher(it.getFormattedMessage());
            return line.matches() ? line.group(2) + " -> " + line.group(3) : it.getMessage();
          })
          .collect(Collectors.joining("; "));
    }
  }
}
