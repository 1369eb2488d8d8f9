package io.handfast.proxy.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.Sidecars;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Services with a database each and a sidecar each, in this process: {@code front}, whose route is
 * a boundary, and those that it may call. A service is a JDK server with a plain driver that puts
 * the comment into its SQL that an agent would.
 */
public final class PostgresMesh implements AutoCloseable {
  /** No test waits for its end, on a machine however busy. */
  private static final String BOUNDARY =
      "boundary: { timeout: 30s }, participant: { database: {} }";

  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final List<Member> members = new ArrayList<>();
  private final Path directory;
  private final PostgresServer server;
  private String callTimeout = "0s";

  /** What a service does with a request. */
  @FunctionalInterface
  public interface Work {
    /** The answer's body; a status other than 200 by {@link Refused}. */
    String serve(Call call) throws Exception;
  }

  /** An answer that is no success. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    final int status;

    public Refused(int status, String body) {
      super(body);
      this.status = status;
    }
  }

  public PostgresMesh(PostgresServer server, Path directory) {
    this.server = server;
    this.directory = directory;
  }

  /** Those that are added from now on wait that long for whom they call. */
  PostgresMesh callsTakeAtMost(String time) {
    callTimeout = time;
    return this;
  }

  /** Adds a service that takes part by its database; one that comes later may call it. */
  public Member add(String name, Work work) throws Exception {
    return add(name, "participant: { database: {} }", "", work);
  }

  /** Adds a service on whose route transactions begin. */
  public Member front(Work work) throws Exception {
    return add("front", BOUNDARY, "", work);
  }

  /**
   * Adds a service.
   *
   * @param route its policy, in YAML's flow style
   * @param filter more fields of its database's filter, each behind a comma
   */
  public Member add(String name, String route, String filter, Work work) throws Exception {
    Member member = new Member(name, route, filter, work, 0);
    members.add(member);
    return member;
  }

  /**
   * Adds a service in a process of its own, on whose route transactions begin.
   *
   * @param filter more fields of its database's filter, each behind a comma
   * @param port where it listens
   */
  public Member front(String filter, int port) throws Exception {
    Member member = new Member("front", BOUNDARY, filter, call -> "", port);
    members.add(member);
    return member;
  }

  /** A request to the last one that was added. */
  public HttpResponse<String> send(String method) throws Exception {
    return members.getLast().send(method);
  }

  @Override
  public void close() {
    members.reversed().forEach(Member::close);
  }

  /** A service, its database and its sidecar. */
  public final class Member implements AutoCloseable {
    private final String name;
    private final String database;
    private final HttpServer service;
    private final Sidecar sidecar;
    private final Work work;

    private Member(String name, String route, String filter, Work work, int port) throws Exception {
      this.name = name;
      this.work = work;
      database = server.newDatabase();
      server.execute(database, "CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)");
      server.execute(database, "INSERT INTO account VALUES (1, 100), (2, 100)");
      service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      service.createContext("/", this::serve);
      service.start();
      sidecar =
          Sidecars.start(yaml(route, filter, port == 0 ? service.getAddress().getPort() : port));
    }

    private void serve(HttpExchange exchange) throws IOException {
      int status = 200;
      String body;
      try (Call call = new Call(this, exchange)) {
        body = work.serve(call);
      } catch (Refused e) {
        status = e.status;
        body = String.valueOf(e.getMessage());
      } catch (Exception e) {
        status = 500;
        body = e.toString();
      }
      byte[] bytes = body.getBytes(UTF_8);
      exchange.getRequestBody().readAllBytes();
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
      exchange.close();
    }

    /** A request to its sidecar. */
    public HttpResponse<String> send(String method) throws Exception {
      return send(method, "/work");
    }

    /** A request to its sidecar. */
    public HttpResponse<String> send(String method, String path) throws Exception {
      return CLIENT.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("inbound") + path))
              .method(method, HttpRequest.BodyPublishers.ofString("{}"))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }

    /** What its sidecar's administration answers. */
    public String administration(String path) throws Exception {
      InetSocketAddress admin = sidecar.adminAddress();
      URI uri = URI.create("http://127.0.0.1:" + admin.getPort() + path);
      return CLIENT
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }

    public Sidecar sidecar() {
      return sidecar;
    }

    public PostgresStats stats() {
      return new PostgresStats(sidecar.stats(), "db");
    }

    public String database() {
      return database;
    }

    /** What everybody sees on an account. */
    public int balance(int account) {
      return Integer.parseInt(
          server.query(database, "SELECT balance FROM account WHERE id = " + account).getFirst());
    }

    /** What is prepared in its database. */
    public List<String> prepared() {
      return server.prepared(database);
    }

    /** Where a listener of its sidecar is: {@code inbound}, {@code to-<peer>}, {@code db}. */
    public int port(String listener) {
      return sidecar.listenerAddress(listener).orElseThrow().getPort();
    }

    /** Where its sidecar is its database's server. */
    public int databasePort() {
      return port("db");
    }

    /** As the service connects: to its sidecar. */
    public Connection connect(String parameters) throws SQLException {
      return DriverManager.getConnection(
          "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres&%s"
              .formatted(databasePort(), database, parameters));
    }

    private String yaml(String route, String filter, int port) {
      MeshYaml yaml = new MeshYaml().serves(route, port, "");
      for (Member peer : members) {
        yaml.calls(peer.name, peer.port("inbound"), callTimeout, "");
      }
      return yaml.sidecar(name, directory, server, database, filter);
    }

    @Override
    public void close() {
      sidecar.close();
      service.stop(0);
    }
  }

  /** A request as its service sees it. */
  public static final class Call implements AutoCloseable {
    private final Member member;
    private final HttpExchange exchange;
    private @Nullable Connection connection;

    private Call(Member member, HttpExchange exchange) {
      this.member = member;
      this.exchange = exchange;
    }

    private @Nullable String header(String name) {
      return exchange.getRequestHeaders().getFirst(name);
    }

    /** {@code <tx-id>-<branch-id>}, from {@code tracestate}. */
    public String branch() {
      for (String each : String.valueOf(header("tracestate")).split(",", -1)) {
        if (each.strip().startsWith("hf=")) {
          return each.strip().substring(3);
        }
      }
      throw new IllegalStateException("tracestate: " + header("tracestate") + " (expected: hf)");
    }

    /** A statement with the comment that sqlcommenter puts behind it. */
    public String commented(String sql) {
      return sql
          + " /*traceparent='%s',tracestate='%s'*/"
              .formatted(
                  header("traceparent"),
                  URLEncoder.encode(String.valueOf(header("tracestate")), UTF_8));
    }

    /** Its connection to its database, in blocks; the same for the whole call. */
    public Connection connection() throws SQLException {
      Connection known = connection;
      if (known == null) {
        known = member.connect("");
        known.setAutoCommit(false);
        connection = known;
      }
      return known;
    }

    /** Runs a statement as it is. */
    public void execute(String sql) throws SQLException {
      try (Statement statement = connection().createStatement()) {
        statement.execute(sql);
      }
    }

    /** Adds to an account and commits, as a service does that knows nothing of the mesh. */
    public void add(int account, int amount) throws SQLException {
      execute(
          commented(
              "UPDATE account SET balance = balance + (%d) WHERE id = %d"
                  .formatted(amount, account)));
      connection().commit();
    }

    /** Calls another service through the sidecar, with what an agent carries on. */
    public String call(String peer, String method) throws Exception {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + member.port("to-" + peer) + "/work"))
              .method(method, HttpRequest.BodyPublishers.ofString("{}"));
      for (String name : List.of("traceparent", "tracestate", "baggage")) {
        String value = header(name);
        if (value != null) {
          request.header(name, value);
        }
      }
      HttpResponse<String> answer =
          CLIENT.send(
              request.timeout(Duration.ofSeconds(20)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new Refused(answer.statusCode(), answer.body());
      }
      return answer.body();
    }

    @Override
    public void close() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
