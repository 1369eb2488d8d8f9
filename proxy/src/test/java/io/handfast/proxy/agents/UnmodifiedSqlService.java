package io.handfast.proxy.agents;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * An ordinary service on the JDK's server, HikariCP and pgjdbc: {@code POST
 * /WAY/HOST:PORT/DATABASE} adds one to account 1 of that database in one of the ways that programs
 * have. Its pools have one connection each, which is asked whether it lives whenever it is
 * borrowed. It knows nothing of traces and transactions, and runs in a process of its own until its
 * input ends.
 */
final class UnmodifiedSqlService {
  private static final String ADD = "UPDATE account SET balance = balance + ? WHERE id = ?";
  private static final Map<String, HikariDataSource> POOLS = new ConcurrentHashMap<>();
  private static final Map<String, PreparedStatement> KEPT = new ConcurrentHashMap<>();

  private UnmodifiedSqlService() {}

  public static void main(String[] args) throws IOException {
    System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", UnmodifiedSqlService::serve);
    server.start();
    System.out.println("port " + server.getAddress().getPort());
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    System.exit(0);
  }

  private static void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Answer answer = answer(exchange.getRequestURI().getPath());
      byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** What comes of a request for a path, whichever server it came to. */
  static Answer answer(String path) {
    String[] parts = path.split("/", -1);
    String url = "jdbc:postgresql://" + parts[2] + "/" + parts[3] + "?user=postgres";
    try {
      return new Answer(200, call(parts[1], url));
    } catch (SQLException e) {
      return new Answer(500, e.getSQLState() + " " + e.getMessage());
    }
  }

  record Answer(int status, String body) {}

  private static String call(String way, String url) throws SQLException {
    switch (way) {
      case "block" -> add(pool("block", url, false, ""));
      case "autocommit" -> add(pool("autocommit", url, true, ""));
      case "test-query" -> add(pool("test-query", url, false, "SELECT 1"));
      case "borrow" -> pool("block", url, false, "").getConnection().close();
      case "borrow-test-query" ->
          pool("test-query", url, false, "SELECT 1").getConnection().close();
      case "kept" -> kept(url);
      default -> throw new IllegalArgumentException(way);
    }
    return way;
  }

  private static HikariDataSource pool(String name, String url, boolean autocommit, String test) {
    return POOLS.computeIfAbsent(
        name + url,
        key -> {
          HikariConfig config = new HikariConfig();
          config.setJdbcUrl(url);
          config.setMaximumPoolSize(1);
          config.setAutoCommit(autocommit);
          config.setConnectionInitSql("SET TimeZone = 'UTC'");
          if (!test.isEmpty()) {
            config.setConnectionTestQuery(test);
          }
          return new HikariDataSource(config);
        });
  }

  private static void add(HikariDataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = connection.prepareStatement(ADD)) {
      add(statement);
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }

  private static void add(PreparedStatement statement) throws SQLException {
    statement.setInt(1, 1);
    statement.setInt(2, 1);
    if (statement.executeUpdate() != 1) {
      throw new SQLException("account 1: not there");
    }
  }

  /** A statement that is made once, by whoever comes first. */
  private static void kept(String url) throws SQLException {
    PreparedStatement statement = KEPT.get(url);
    if (statement == null) {
      Connection connection = DriverManager.getConnection(url);
      connection.setAutoCommit(false);
      statement = connection.prepareStatement(ADD);
      KEPT.put(url, statement);
    }
    try {
      add(statement);
      statement.getConnection().commit();
    } catch (SQLException e) {
      statement.getConnection().rollback();
      throw e;
    }
  }
}
