package io.handfast.demo.town;

import com.fasterxml.jackson.databind.JsonNode;
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
 * The bank in pods: services that know each other's plain addresses, sidecars to which the kernel
 * redirects, PostgreSQL on this host. Closing it, by any thread, leaves nothing behind.
 */
public final class PodTown implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final Home home;
  private final Path directory;
  private final Pods pods = new Pods();
  private final Rest rest = new Rest();
  private final List<ChildProcess> processes = new ArrayList<>();
  private @Nullable Postgres postgres;
  private volatile boolean closing;
  private boolean closed;

  public PodTown(Home home) throws IOException {
    this.home = home;
    this.directory = Files.createTempDirectory("handfast-pods-");
  }

  /** Starts everything and returns when it is ready. */
  public void start() throws IOException, SQLException, InterruptedException {
    lay();
    for (Member member : Member.values()) {
      String admin = base(pods.v4(member), PodFiles.ADMIN);
      Await.until(
          "the sidecar of " + member.title + ", " + log(member.title + "-sidecar"),
          START,
          () -> allRun() && rest.answers(admin, "/ready"));
    }
    for (Member member : Member.values()) {
      Await.until(member.title + ", " + log(member.title), START, () -> allRun() && isUp(member));
    }
  }

  private boolean allRun() {
    for (ChildProcess process : processes) {
      if (!process.isRunning()) {
        throw new DemoFailure(process.name() + " has ended:\n" + process.lastWords());
      }
    }
    return true;
  }

  /** Whether the service itself has answered by way of its sidecar, be it that there is nothing. */
  private boolean isUp(Member member) throws InterruptedException {
    String path =
        switch (member) {
          case TRANSFERS -> "/transfers/none";
          case BANK_A, BANK_B -> "/accounts";
          case AUDIT -> "/health";
        };
    try {
      Rest.Reply reply = rest.send(at(member), "GET", path, "");
      return reply.headers().firstValue("x-envoy-upstream-service-time").isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private synchronized void lay() throws IOException, SQLException {
    failIfClosing();
    pods.start();
    Postgres server =
        Postgres.start(
            home.postgresBinaries(),
            directory.resolve("postgres"),
            Town.DATABASES,
            "127.0.0.1," + pods.hostV4());
    postgres = server;
    server.admit(pods.rangeV4());
    for (Member member : Member.values()) {
      failIfClosing();
      Pods.run(
          pods.inside(
              member,
              home.init(
                  List.of(
                      "--proxy-gid=" + Pods.SIDECAR_GROUP,
                      "--exclude-inbound-ports=" + PodFiles.ADMIN,
                      "--exclude-outbound-cidrs=" + pods.hostV4()))));
      start(
          member.title + "-sidecar",
          pods.asSidecar(member, home.sidecar(file(member), System.getenv())));
      start(member.title, pods.inside(member, service(member, server)));
    }
  }

  private void failIfClosing() {
    if (closing) {
      throw new DemoFailure("stopped while it was starting");
    }
  }

  private void start(String name, List<String> command) throws IOException {
    ChildProcess process = new ChildProcess(name, command, directory);
    processes.add(process);
    process.start();
  }

  private Path file(Member member) throws IOException {
    Map<Member, String> addresses = new EnumMap<>(Member.class);
    for (Member each : Member.values()) {
      addresses.put(each, address(each));
    }
    return Files.writeString(
        directory.resolve(member.title + ".yaml"),
        PodFiles.rewrite(
            Files.readString(home.meshFile(member, Kind.CALLBACK)),
            member,
            addresses,
            pods.v4(member)));
  }

  private List<String> service(Member member, Postgres server) {
    List<String> options = new ArrayList<>(List.of("--port", String.valueOf(PodFiles.SERVICE)));
    String banks = "bank-a=" + at(Member.BANK_A) + ",bank-b=" + at(Member.BANK_B);
    String main =
        switch (member) {
          case TRANSFERS -> {
            options.addAll(List.of("--jdbc-url", jdbcUrl(server, "transfers"), "--banks", banks));
            yield "TransfersMain";
          }
          case BANK_A, BANK_B -> {
            options.addAll(List.of("--name", member.title));
            options.addAll(List.of("--jdbc-url", jdbcUrl(server, Town.database(member))));
            options.addAll(List.of("--accounts", Accounts.option(member)));
            options.addAll(List.of("--audit-url", at(Member.AUDIT)));
            yield "BankMain";
          }
          case AUDIT -> {
            options.addAll(List.of("--banks", banks));
            yield "AuditMain";
          }
        };
    return home.service(main, options, System.getenv());
  }

  private String jdbcUrl(Postgres server, String database) {
    return "jdbc:postgresql://%s:%d/%s?user=%s"
        .formatted(pods.hostV4(), server.port(), database, database);
  }

  /** The address at which others call it: of IPv6 for one of them. */
  String address(Member member) {
    return member == Member.BANK_B ? pods.v6(member) : pods.v4(member);
  }

  /** Its base URL: the plain address, which knows of no sidecar. */
  public String at(Member member) {
    return base(address(member), PodFiles.SERVICE);
  }

  private static String base(String address, int port) {
    return "http://" + (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port;
  }

  public Told ask(Order order) throws InterruptedException {
    try {
      return Told.of(rest.send(at(Member.TRANSFERS), "POST", "/transfers", order.json()));
    } catch (IOException e) {
      return Told.nothing(String.valueOf(e.getMessage()));
    }
  }

  /** What an account has, in cents. */
  public long balance(Member bank, String account) throws IOException, InterruptedException {
    for (JsonNode each : rest.send(at(bank), "GET", "/accounts", "").body()) {
      if (each.path("id").asText().equals(account)) {
        return each.path("balance").asLong();
      }
    }
    throw new DemoFailure(bank.title + " has no account " + account);
  }

  /** How many connections of that service's sidecar were made to that peer's plain address. */
  public long connectionsTo(Member peer, Member from) throws IOException, InterruptedException {
    String socket =
        base(address(peer), PodFiles.SERVICE).substring("http://".length()).replace(':', '_');
    JsonNode stats =
        rest.send(base(pods.v4(from), PodFiles.ADMIN), "GET", "/stats?format=json", "").body();
    for (JsonNode each : stats.path("stats")) {
      if (each.path("name").asText().equals("listener." + socket + ".downstream_cx_total")) {
        return each.path("value").asLong();
      }
    }
    return 0;
  }

  @Override
  public void close() {
    closing = true; // who is starting things sees it, and leaves them to be taken away
    tearDown();
  }

  private synchronized void tearDown() {
    if (closed) {
      return;
    }
    closed = true;
    processes.forEach(ChildProcess::close);
    rest.close();
    pods.close();
    try {
      if (postgres != null) {
        postgres.close();
      }
      TemporaryDirectory.delete(directory);
    } catch (IOException e) {
      System.err.println("Left behind: " + directory + " (" + e.getMessage() + ")");
    }
  }
}
