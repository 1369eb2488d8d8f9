package io.handfast.proxy.rfc9112;

import static org.assertj.core.api.Assertions.assertThat;

import io.handfast.proxy.rfc9112.RecordingService.Recording;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The corpus through other proxies, for comparison: which of them pass on what must not be passed
 * on, and which refuse what is legitimate. Written to {@code target/differential.md}. What the
 * others do is theirs; what this proxy does is held to nothing and nothing.
 */
@Tag("full")
final class DifferentialTest {
  private static final Path REPORT = Path.of("target", "differential.md");
  private static final int SWEEPS = 20;
  private static final String OURS = "handfast";
  private static final List<String> PEERS = List.of("nginx", "haproxy", "envoy");

  @TempDir private Path directory;

  /** What a case is about, as far as proxies can be compared. */
  private enum Kind {
    /** Nothing of it may reach the service, or the client. */
    BAD,
    /** It is to reach the service, and the answer the client. */
    GOOD,
    /** How this proxy was configured decides. */
    OTHER;

    static Kind of(CorpusCase each) {
      String first = each.outcome().getFirst();
      boolean plain = each.listener().equals("main") || each.listener().equals("plain");
      if (!plain || each.service().silent() || each.sent().startsWith("CONNECT ")) {
        return OTHER;
      }
      if (first.startsWith("2")
          && each.requestJudged()
          && each.received().startsWith(each.sent().substring(0, 3))) {
        return GOOD;
      }
      boolean refused = first.equals("400") || first.equals("501") || first.equals("505");
      boolean received = each.requestJudged() && !each.received().isEmpty();
      return (refused && !received) || first.equals("502") ? BAD : OTHER;
    }
  }

  /** What one proxy did. */
  private static final class Tally {
    private final List<String> passedOn = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private int bad;
    private int good;

    void add(CorpusCase each, List<String> outcome, Recording record) {
      boolean success = outcome.getFirst().startsWith("2");
      switch (Kind.of(each)) {
        case BAD -> {
          bad++;
          boolean response = each.outcome().getFirst().equals("502");
          boolean reached =
              record.requests().stream().anyMatch(request -> !request.contains(" /after "));
          if (response ? success : reached) {
            passedOn.add(each.name());
          }
        }
        case GOOD -> {
          good++;
          if (!success) {
            refused.add(each.name() + ": " + outcome.getFirst());
          }
        }
        case OTHER -> {}
      }
    }
  }

  @Test
  void shouldPassOnNothingBadAndRefuseNothingGoodUnlikeOthers() throws Exception {
    Map<String, Tally> tallies = new LinkedHashMap<>();
    try (RecordingService service = new RecordingService(true);
        CorpusProxy ours = CorpusProxy.before(service.port())) {
      // When
      tallies.put(OURS, run(service, ours.port("main"), ours.port("plain")));
      for (String name : PEERS) {
        Optional<String> program = PeerProxy.find(name);
        if (program.isPresent()) {
          try (PeerProxy peer = PeerProxy.start(name, program.get(), service.port(), directory)) {
            tallies.put(name, run(service, peer.port(), peer.port()));
            Files.writeString(REPORT, report(tallies));
          }
        }
      }
    }

    // Then
    Files.writeString(REPORT, report(tallies));
    Tally own = tallies.get(OURS);
    assertThat(own.bad).isGreaterThan(100);
    assertThat(own.good).isGreaterThan(50);
    assertThat(own.passedOn).isEmpty();
    assertThat(own.refused).isEmpty();
  }

  private static Tally run(RecordingService service, int main, int plain) throws Exception {
    Tally tally = new Tally();
    sweep(service, main);
    for (CorpusCase each : Corpus.all()) {
      if (Kind.of(each) != Kind.OTHER) {
        service.begin(each, false);
        List<String> outcome = outcome(each.listener().equals("plain") ? plain : main, each);
        tally.add(each, outcome, sweep(service, main));
      }
    }
    return tally;
  }

  /** Until one arrives: a peer may still hold a service that answered badly for dead. */
  private static Recording sweep(RecordingService service, int port) throws InterruptedException {
    for (int i = 0; i < SWEEPS; i++) {
      try {
        if (Exchange.sweep(port).endsWith(RecordingService.SWEEP)) {
          return service.swept();
        }
      } catch (AssertionError hangs) {
        // As a service does that it takes for dead.
      }
    }
    throw new AssertionError("the sweeping request did not reach the service");
  }

  private static List<String> outcome(int port, CorpusCase each) {
    try {
      return Exchange.run(port, each, false).outcome();
    } catch (AssertionError hangs) {
      return List.of("no answer");
    }
  }

  private static String report(Map<String, Tally> tallies) {
    StringBuilder text = new StringBuilder();
    text.append("| proxy | bad messages passed on | good messages refused |\n|---|---|---|\n");
    tallies.forEach((name, tally) ->
        text.append(
            "| %s | %d of %d | %d of %d |%n"
                .formatted(
                    name, tally.passedOn.size(), tally.bad, tally.refused.size(), tally.good)));
    tallies.forEach((name, tally) -> {
      text.append("\n## ").append(name).append("\n\nPassed on:\n\n");
      tally.passedOn.forEach(each -> text.append("- ").append(each).append('\n'));
      text.append("\nRefused:\n\n");
      tally.refused.forEach(each -> text.append("- ").append(each).append('\n'));
    });
    return text.toString();
  }
}
