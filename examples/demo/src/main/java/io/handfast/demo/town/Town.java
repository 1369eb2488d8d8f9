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
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Everything that runs: one PostgreSQL, four services, four sidecars, and a temporary directory for
 * what they write; on etcd that, and a second pod of {@code transfers}. Tearing it down leaves none
 * of that behind; any thread may do so, at any time, and more than once.
 */
public final class Town {
  /** One for each service that keeps something. */
  static final List<String> DATABASES = List.of("transfers", "bank_a", "bank_b");

  private static final Duration START = Duration.ofSeconds(30);

  private final Home home;
  private final boolean onEtcd;
  private final Path directory;
  private final Rest rest = new Rest();
  private final Map<Member, ChildProcess> services = new EnumMap<>(Member.class);
  private final Map<Member, Sidecar> sidecars = new EnumMap<>(Member.class);
  private final List<ChildProcess> all = new CopyOnWriteArrayList<>();
  private final Object postgresLock = new Object();
  private volatile Ports ports;
  private @Nullable Postgres postgres;
  private @Nullable Sidecar otherSidecar;
  private @Nullable ChildProcess otherService;
  private volatile boolean closed;

  private Town(Home home, Ports ports, Path directory, boolean onEtcd) {
    this.home = home;
    this.onEtcd = onEtcd;
    this.ports = ports;
    this.directory = directory;
  }

  /** Lays out a town in a temporary directory; nothing runs yet. */
  public static Town layOut(Home home, Ports ports) throws IOException {
    return layOut(home, ports, false);
  }

  /** The same, where decisions and branch records are in etcd. */
  public static Town layOutOnEtcd(Home home, Ports ports) throws IOException {
    return layOut(home, ports, true);
  }

  private static Town layOut(Home home, Ports ports, boolean onEtcd) throws IOException {
    Town town = new Town(home, ports, Files.createTempDirectory("handfast-demo-"), onEtcd);
    for (Member member : Member.values()) {
      town.sidecars.put(member, town.sidecar(member, ports));
    }
    return town;
  }

  private Sidecar sidecar(Member member, Ports at) throws IOException {
    Path pod = pod(member, at);
    Path file = onEtcd ? onEtcd(member, at, pod) : lay(member);
    ChildProcess process =
        process(member.title + "-sidecar", home.sidecar(file, System.getenv()), pod);
    return new Sidecar(member, process, at.admin(member), rest);
  }

  private synchronized ChildProcess process(String name, List<String> command, Path in) {
    if (closed) {
      throw new DemoFailure("stopped while it was starting");
    }
    ChildProcess process = new ChildProcess(name, command, in);
    all.add(process);
    return process;
  }

  /** What a pod has on its disk; on etcd each of {@code transfers} has a directory of its own. */
  private Path pod(Member member, Ports at) throws IOException {
    return onEtcd && member == Member.TRANSFERS
        ? Files.createDirectories(directory.resolve(EtcdFiles.pod(at)))
        : directory;
  }

  private Path onEtcd(Member member, Ports at, Path pod) throws IOException {
    return Files.writeString(
        pod.resolve(member.title + ".yaml"),
        EtcdFiles.rewrite(Files.readString(home.meshFile(member)), member, at));
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
    if (onEtcd) {
      startEtcd();
    }
    for (Sidecar sidecar : sidecars.values()) {
      sidecar.process().start();
    }
    Postgres server = startPostgres();
    for (Member member : Member.values()) {
      ChildProcess service = service(member, server, ports);
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

  private void startEtcd() throws IOException, InterruptedException {
    ChildProcess etcd = process("etcd", Etcd.command(ports, directory), directory);
    etcd.start();
    boolean up =
        Await.within(START, () -> rest.answers(ports.etcd(), "/health") || !etcd.isRunning());
    if (!up || !etcd.isRunning()) {
      throw new DemoFailure("etcd does not start:\n" + etcd.lastWords());
    }
  }

  /** Starts the other pod of {@code transfers}: a blank one, whatever was there before. */
  public void startOther() throws IOException, InterruptedException {
    Ports at = ports.other();
    Sidecar sidecar = sidecar(Member.TRANSFERS, at);
    ChildProcess service = service(Member.TRANSFERS, running(), at);
    synchronized (this) {
      otherSidecar = sidecar;
      otherService = service;
    }
    sidecar.process().start();
    service.start();
    sidecar.awaitReady();
    awaitService(Member.TRANSFERS, service, at);
  }

  /**
   * The pod of {@code transfers} dies for good: SIGKILL to its processes, its disk is gone. Clients
   * find the other one.
   */
  public synchronized void loseTransfers() throws IOException {
    Sidecar sidecar = otherSidecar;
    ChildProcess service = otherService;
    if (sidecar == null || service == null) {
      throw new IllegalStateException("transfers has one pod (expected: two)");
    }
    sidecar(Member.TRANSFERS).process().close();
    service(Member.TRANSFERS).close();
    TemporaryDirectory.delete(pod(Member.TRANSFERS, ports));
    sidecars.put(Member.TRANSFERS, sidecar);
    services.put(Member.TRANSFERS, service);
    otherSidecar = null;
    otherService = null;
    ports = ports.other();
  }

  private Postgres running() {
    Postgres server = postgres;
    if (server == null) {
      throw new IllegalStateException("PostgreSQL has not been started");
    }
    return server;
  }

  private Postgres startPostgres() throws IOException, SQLException {
    // Whoever tears down waits for it: a server that has just been started must be stopped, too.
    synchronized (postgresLock) {
      if (closed) {
        throw new DemoFailure("stopped while it was starting");
      }
      Postgres server =
          Postgres.start(home.postgresBinaries(), directory.resolve("postgres"), DATABASES);
      postgres = server;
      return server;
    }
  }

  private ChildProcess service(Member member, Postgres server, Ports at) throws IOException {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("--port", String.valueOf(at.service(member))));
    if (member.grpc) {
      options.addAll(List.of("--grpc-port", String.valueOf(at.grpc(member))));
    }
    String main =
        switch (member) {
          case TRANSFERS -> {
            options.addAll(List.of("--jdbc-url", server.jdbcUrl("transfers")));
            options.addAll(banks(member, at));
            yield "TransfersMain";
          }
          case BANK_A -> bank(options, member, server.jdbcUrl("bank_a"), at);
          case BANK_B -> bank(options, member, server.jdbcUrl("bank_b"), at);
          case AUDIT -> {
            options.addAll(banks(member, at));
            yield "AuditMain";
          }
        };
    return process(member.title, home.service(main, options, System.getenv()), pod(member, at));
  }

  private List<String> banks(Member member, Ports at) {
    return List.of("--banks", "bank-a=" + peer(member, 1, at) + ",bank-b=" + peer(member, 2, at));
  }

  private String bank(List<String> options, Member member, String jdbcUrl, Ports at) {
    options.addAll(List.of("--name", member.title, "--jdbc-url", jdbcUrl));
    options.addAll(List.of("--accounts", Accounts.option(member)));
    options.addAll(List.of("--audit-url", peer(member, 1, at)));
    return "BankMain";
  }

  /** The address at which a service finds its nth peer: its own sidecar. */
  private String peer(Member member, int nth, Ports at) {
    return "http://127.0.0.1:" + at.outbound(member, nth);
  }

  public void awaitService(Member member) throws InterruptedException {
    awaitService(member, service(member), ports);
  }

  private void awaitService(Member member, ChildProcess service, Ports at)
      throws InterruptedException {
    boolean up =
        Await.within(
            START, () -> rest.answers(at.service(member), "/health") || !service.isRunning());
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
    all.forEach(ChildProcess::close);
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
