package io.handfast.demo;

import io.handfast.demo.story.PodStory;
import io.handfast.demo.story.Report;
import io.handfast.demo.story.Settings;
import io.handfast.demo.story.Story;
import io.handfast.demo.story.Story.Played;
import io.handfast.demo.story.Terminal;
import io.handfast.demo.town.DemoFailure;
import io.handfast.demo.town.Etcd;
import io.handfast.demo.town.Home;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Order;
import io.handfast.demo.town.Pods;
import io.handfast.demo.town.Ports;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * {@code ./handfast demo}. Exits with 0 when every check held, with 1 when one did not or something
 * failed, with 2 on a bad option. The system property {@code handfast.home} names the checkout,
 * {@code handfast.aot} an AOT cache for sidecars, {@code handfast.bank.aot} one for the bank's
 * services.
 */
public final class Main {
  private static final int MAX_SEED = 1_000_000;

  /** Held, for a logger that nobody holds forgets its level. */
  private static final Logger POSTGRES_LOG = Logger.getLogger("io.zonky.test");

  private Main() {}

  /** Runs the demo and ends the process. */
  public static void main(String[] args) {
    System.exit(run(List.of(args)));
  }

  private static int run(List<String> args) {
    if (args.contains("--help") || args.contains("-h")) {
      System.out.print(Settings.USAGE);
      return 0;
    }
    if (args.contains("--transparent")) {
      return transparent(args);
    }
    Settings settings;
    try {
      Path home = Path.of(System.getProperty("handfast.home", ".")).toAbsolutePath().normalize();
      settings = Settings.parse(args, home, ThreadLocalRandom.current().nextInt(MAX_SEED));
    } catch (IllegalArgumentException e) {
      System.err.println("handfast demo: " + e.getMessage());
      return 2;
    }
    POSTGRES_LOG.setLevel(Level.WARNING);
    Terminal terminal = Terminal.standard();
    try {
      boolean well = true;
      for (Kind kind : settings.part().kinds()) {
        well &= kind == Kind.ETCD ? onEtcd(settings, terminal) : play(settings, terminal, kind);
      }
      return well ? 0 : 1;
    } catch (IOException | SQLException | DemoFailure e) {
      terminal.line("");
      terminal.line(terminal.bad("The demo failed: ") + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (RuntimeException e) {
      if (terminal.isMuted()) {
        // Ctrl-C: things are torn down under the story's feet.
        return 1;
      }
      throw e;
    }
  }

  private static int transparent(List<String> args) {
    if (args.size() > 1) {
      System.err.println("handfast demo: --transparent: takes no other option");
      return 2;
    }
    String obstacle = Pods.obstacle();
    if (!obstacle.isEmpty()) {
      System.err.println("handfast demo: --transparent: " + obstacle);
      return 1;
    }
    POSTGRES_LOG.setLevel(Level.WARNING);
    Terminal terminal = Terminal.standard();
    try {
      Path root = Path.of(System.getProperty("handfast.home", ".")).toAbsolutePath().normalize();
      return PodStory.play(home(root), terminal) ? 0 : 1;
    } catch (IOException | SQLException | DemoFailure e) {
      terminal.line(terminal.bad("The demo failed: ") + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static Home home(Path root) throws IOException {
    return Home.at(root, cache("handfast.aot"), cache("handfast.bank.aot"));
  }

  private static Optional<Path> cache(String property) {
    return Optional.ofNullable(System.getProperty(property)).map(Path::of);
  }

  /** Where there is no etcd this part is left out, and says so. */
  private static boolean onEtcd(Settings settings, Terminal terminal)
      throws IOException, SQLException, InterruptedException {
    terminal.line("");
    String obstacle = Etcd.obstacle();
    if (!obstacle.isEmpty()) {
      terminal.line("Left out: the acts on etcd, for there is " + obstacle + ".");
      return true;
    }
    return play(settings, terminal, Kind.ETCD);
  }

  private static boolean play(Settings settings, Terminal terminal, Kind kind)
      throws IOException, SQLException, InterruptedException {
    long begun = System.nanoTime();
    Home home = home(settings.home());
    try (Ports.Choice choice = Ports.choose()) {
      Ports ports = choice.ports();
      if (choice.taken().isPresent()) {
        terminal.line(
            "Port %d is taken: using %d to %d instead of those in the mesh's files."
                .formatted(choice.taken().get(), ports.base(), ports.last()));
      }
      return play(settings, terminal, home, Town.layOut(home, ports, kind), begun);
    }
  }

  private static boolean play(
      Settings settings, Terminal terminal, Home home, Town town, long begun)
      throws IOException, SQLException, InterruptedException {
    tearDownAtTheEnd(town, terminal);
    try {
      terminal.line(starting(town.kind()));
      town.start();
      introduce(town, terminal);
      Story story = new Story(town, terminal);
      story.rehearse();
      List<Played> played = story.tell(Story.acts(settings, town.kind()));
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      boolean well = new Report(terminal, town.kind()).print(played, took, settings.seed());
      if (settings.keep()) {
        keep(home, town, terminal);
      }
      return well;
    } finally {
      town.tearDown();
    }
  }

  private static String starting(Kind kind) {
    return switch (kind) {
      case DATABASE ->
          "Starting PostgreSQL, four services, three of them with OpenTelemetry's agent, and a sidecar"
              + " for each …";
      case CALLBACK -> "Starting PostgreSQL, four services and a sidecar for each …";
      case ETCD -> "Starting etcd, PostgreSQL, four services and a sidecar for each …";
    };
  }

  private static void tearDownAtTheEnd(Town town, Terminal terminal) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  terminal.mute();
                  town.tearDown();
                },
                "tear-down"));
  }

  private static void introduce(Town town, Terminal terminal) {
    for (Member member : Member.values()) {
      terminal.line(
          "    %-10s pid %-7d port %d    its sidecar: pid %-7d port %d, admin %d"
              .formatted(
                  member.title,
                  town.service(member).pid(),
                  town.ports().service(member),
                  town.sidecar(member).process().pid(),
                  town.ports().inbound(member),
                  town.ports().admin(member)));
    }
  }

  /** Leaves everything running until the reader has had enough. */
  private static void keep(Home home, Town town, Terminal terminal) throws InterruptedException {
    Ports ports = town.ports();
    terminal.line("");
    terminal.line("Everything is still running, until Ctrl-C:");
    introduce(town, terminal);
    terminal.line("");
    terminal.line("Try, from another terminal:");
    terminal.line(
        "    curl -i localhost:%d/transfers -d '%s'"
            .formatted(
                ports.inbound(Member.TRANSFERS), Order.fromAliceToBob("my-first", 1_000).json()));
    terminal.line("    curl localhost:%d/accounts".formatted(ports.inbound(Member.BANK_A)));
    terminal.line(
        "    ./handfast tx list --admin 127.0.0.1:%d".formatted(ports.admin(Member.TRANSFERS)));
    terminal.line(
        "Kill a sidecar with kill -9 and its pid, and start it again where its state and logs are:");
    terminal.line("    cd " + town.directory());
    terminal.line("    %s/handfast proxy -c %s".formatted(home.root(), town.config(Member.BANK_A)));
    new CountDownLatch(1).await();
  }
}
