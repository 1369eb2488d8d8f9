package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that runs: one PostgreSQL, four services, four sidecars, and a temporary directory for
 * what they write. Tearing it down leaves none of that behind; any thread may do so, at any time,
 * and more than once.
 */
public final class Town {
  private static final Duration START = Duration.ofSeconds(30);

  private final Home home;
  private final Ports ports;
  private final Path directory;
  private final Rest rest = new Rest();
  private final Map<Member, ChildProcess> services = new EnumMap<>(Member.class);
  private final Map<Member, Sidecar> sidecars = new EnumMap<>(Member.class);
  private final Object postgresLock = new Object();
  private @Nullable Postgres postgres;
  private volatile boolean closed;

  private Town(Home home, Ports ports, Path directory) {
    this.home = home;
    this.ports = ports;
    this.directory = directory;
  }

  /** Lays out a town in a temporary directory; nothing runs yet. */
  public static Town layOut(Home home, Ports ports) throws IOException {
    Town town = new Town(home, ports, Files.createTempDirectory("handfast-demo-"));
    for (Member member : Member.values()) {
      ChildProcess process =
          new ChildProcess(
              member.title + "-sidecar",
              home.sidecar(town.lay(member), System.getenv()),
              town.directory);
      town.sidecars.put(member, new Sidecar(member, process, ports.admin(member), town.rest));
    }
    return town;
  }

  private Path lay(Member member) throws IOException {
    Path file = config(member);
    return file.startsWith(directory)
        ? Files.writeString(file, ports.rewrite(Files.readString(home.meshFile(member))))
        : file;
  }

  /** The file to start a sidecar with: the one that a reader opens, unless its ports are taken. */
  public Path config(Member member) {
    return ports.base() == Ports.DEFAULT_BASE
        ? home.meshFile(member)
        : directory.resolve(member.title + ".yaml");
  }

  /** Starts all of it and returns when all of it is ready. */
  public void start() throws IOException, SQLException, InterruptedException {
    for (Sidecar sidecar : sidecars.values()) {
      sidecar.process().start();
    }
    Postgres server = startPostgres();
    for (Member member : Member.values()) {
      ChildProcess service = service(member, server);
      synchronized (this) {
        if (closed) {
          throw new DemoFailure("stopped while it was starting");
        }
        services.put(member, service);
      }
      service.start();
    }
    for (Member member : Member.values()) {
      awaitService(member);
      sidecar(member).awaitReady();
    }
  }

  private Postgres startPostgres() throws IOException, SQLException {
    // Whoever tears down waits for it: a server that has just been started must be stopped, too.
    synchronized (postgresLock) {
      if (closed) {
        throw new DemoFailure("stopped while it was starting");
      }
      Postgres server =
          Postgres.start(
              home.postgresBinaries(),
              directory.resolve("postgres"),
              List.of("transfers", "bank_a", "bank_b"));
      postgres = server;
      return server;
    }
  }

  private ChildProcess service(Member member, Postgres server) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--port", String.valueOf(ports.service(member))));
    if (member.grpc) {
      options.addAll(List.of("--grpc-port", String.valueOf(ports.grpc(member))));
    }
    String main =
        switch (member) {
          case TRANSFERS -> {
            options.addAll(List.of("--jdbc-url", server.jdbcUrl("transfers")));
            options.addAll(banks(member));
            yield "TransfersMain";
          }
          case BANK_A -> bank(options, member, server.jdbcUrl("bank_a"));
          case BANK_B -> bank(options, member, server.jdbcUrl("bank_b"));
          case AUDIT -> {
            options.addAll(banks(member));
            yield "AuditMain";
          }
        };
    return new ChildProcess(member.title, home.service(main, options, System.getenv()), directory);
  }

  private List<String> banks(Member member) {
    return List.of("--banks", "bank-a=" + peer(member, 1) + ",bank-b=" + peer(member, 2));
  }

  private String bank(List<String> options, Member member, String jdbcUrl) {
    options.addAll(List.of("--name", member.title, "--jdbc-url", jdbcUrl));
    options.addAll(List.of("--accounts", Accounts.option(member)));
    options.addAll(List.of("--audit-url", peer(member, 1)));
    return "BankMain";
  }

  /** The address at which a service finds its nth peer: its own sidecar. */
  private String peer(Member member, int nth) {
    return "http://127.0.0.1:" + ports.outbound(member, nth);
  }

  public void awaitService(Member member) throws InterruptedException {
    ChildProcess service = service(member);
    boolean up =
        Await.within(
            START, () -> rest.answers(ports.service(member), "/health") || !service.isRunning());
    if (!up || !service.isRunning()) {
      throw new DemoFailure(member.title + " does not start:\n" + service.lastWords());
    }
  }

  public ChildProcess service(Member member) {
    ChildProcess service = services.get(member);
    if (service == null) {
      throw new IllegalStateException(member.title + " has not been started");
    }
    return service;
  }

  public Sidecar sidecar(Member member) {
    Sidecar sidecar = sidecars.get(member);
    if (sidecar == null) {
      throw new IllegalStateException("the sidecar of " + member.title + " is not laid out");
    }
    return sidecar;
  }

  public List<Sidecar> sidecars() {
    return List.copyOf(sidecars.values());
  }

  public Rest rest() {
    return rest;
  }

  public Ports ports() {
    return ports;
  }

  public Path directory() {
    return directory;
  }

  /** Starts whatever does not run and returns when all of it is ready. */
  public void heal() throws IOException, InterruptedException {
    for (Member member : Member.values()) {
      service(member).start();
      sidecar(member).process().start();
    }
    for (Member member : Member.values()) {
      awaitService(member);
      sidecar(member).awaitReady();
    }
  }

  public synchronized void tearDown() {
    if (closed) {
      return;
    }
    closed = true;
    sidecars.values().forEach(sidecar -> sidecar.process().close());
    services.values().forEach(ChildProcess::close);
    rest.close();
    try {
      synchronized (postgresLock) {
        if (postgres != null) {
          postgres.close();
        }
      }
      TemporaryDirectory.delete(directory);
    } catch (IOException e) {
      System.err.println("Left behind: " + directory + " (" + e.getMessage() + ")");
    }
  }
}
