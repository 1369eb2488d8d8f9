package io.handfast.demo.town;

import io.handfast.demo.town.Ports.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
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

  /** On a machine that others load; a service with an agent takes 5 s of CPU. */
  private static final Duration START = Duration.ofSeconds(90);

  private final Home home;
  private final Kind kind;
  private final ServiceCommands services;
  private final Path directory;
  private final Rest rest = new Rest();
  private final Map<Member, ChildProcess> started = new EnumMap<>(Member.class);
  private final Map<Member, Sidecar> sidecars = new EnumMap<>(Member.class);
  private final List<ChildProcess> all = new CopyOnWriteArrayList<>();
  private final Object postgresLock = new Object();
  private volatile Ports ports;
  private @Nullable Postgres postgres;
  private @Nullable Sidecar otherSidecar;
  private @Nullable ChildProcess otherService;
  private volatile boolean closed;

  private Town(Home home, Ports ports, Path directory, Kind kind) {
    this.home = home;
    this.kind = kind;
    this.services = new ServiceCommands(home, kind, System.getenv());
    this.ports = ports;
    this.directory = directory;
  }

  /** Lays out a town in a temporary directory; nothing runs yet. */
  public static Town layOut(Home home, Ports ports, Kind kind) throws IOException {
    Town town = new Town(home, ports, Files.createTempDirectory("handfast-demo-"), kind);
    for (Member member : Member.values()) {
      town.sidecars.put(member, town.sidecar(member, ports));
    }
    return town;
  }

  private Sidecar sidecar(Member member, Ports at) throws IOException {
    Path pod = pod(member, at);
    Path file = isOnEtcd() ? onEtcd(member, at, pod) : lay(member);
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
    return isOnEtcd() && member == Member.TRANSFERS
        ? Files.createDirectories(directory.resolve(EtcdFiles.pod(at)))
        : directory;
  }

  private Path onEtcd(Member member, Ports at, Path pod) throws IOException {
    return Files.writeString(
        pod.resolve(member.title + ".yaml"),
        EtcdFiles.rewrite(Files.readString(home.meshFile(member, kind)), member, at));
  }

  private Path lay(Member member) throws IOException {
    Path file = config(member);
    return file.startsWith(directory)
        ? Files.writeString(file, ports.rewrite(Files.readString(home.meshFile(member, kind))))
        : file;
  }

  /** The file to start a sidecar with: the one that a reader opens, unless its ports are taken. */
  public Path config(Member member) {
    return ports.base() == Ports.DEFAULT_BASE
        ? home.meshFile(member, kind)
        : directory.resolve(member.title + ".yaml");
  }

  /** Starts all of it and returns when all of it is ready. */
  public void start() throws IOException, SQLException, InterruptedException {
    if (isOnEtcd()) {
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
        started.put(member, service);
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
    started.put(Member.TRANSFERS, service);
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
          Postgres.start(
              home.postgresBinaries(),
              directory.resolve("postgres"),
              DATABASES,
              kind == Kind.DATABASE ? ports.postgres() : Postgres.ANY_PORT);
      postgres = server;
      return server;
    }
  }

  private ChildProcess service(Member member, Postgres server, Ports at) throws IOException {
    return process(member.title, services.of(member, server, at), pod(member, at));
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
    ChildProcess service = started.get(member);
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

  public Kind kind() {
    return kind;
  }

  private boolean isOnEtcd() {
    return kind == Kind.ETCD;
  }

  /** Whose name the database and its owner have. */
  static String database(Member member) {
    return member.title.replace('-', '_');
  }

  /** The names of the transactions that PostgreSQL holds prepared. */
  public List<String> prepared() {
    try {
      return running().prepared();
    } catch (SQLException e) {
      throw new DemoFailure("PostgreSQL does not say what is prepared: " + e.getMessage());
    }
  }

  /**
   * SIGKILL to PostgreSQL and all that it has started.
   *
   * @return the process id that it had
   */
  public long killDatabase() throws IOException {
    return running().kill9();
  }

  /** Starts it again, and returns when it has recovered. */
  public void restartDatabase() throws IOException, InterruptedException {
    synchronized (postgresLock) {
      if (closed) {
        throw new DemoFailure("stopped while it was starting");
      }
      running().restart();
    }
  }

  /** What {@code handfast tx show} prints of a transaction at a sidecar. */
  public String txShow(Member member, String txId) throws IOException, InterruptedException {
    Process command =
        new ProcessBuilder(
                home.cli(
                    List.of("tx", "show", txId, "--admin", "127.0.0.1:" + ports.admin(member))))
            .redirectErrorStream(true)
            .start();
    String shown = new String(command.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return command.waitFor() == 0 ? shown : "exit " + command.exitValue() + "\n" + shown;
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
