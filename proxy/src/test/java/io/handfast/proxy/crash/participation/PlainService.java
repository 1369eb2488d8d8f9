package io.handfast.proxy.crash.participation;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.handfast.proxy.crash.participation.Ask.Conduct;
import io.handfast.proxy.crash.participation.Ask.Stop;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service as anybody writes one, in a process of its own: the JDK's HTTP server, and PostgreSQL
 * over JDBC. It books, reserves or looks, and calls others as it is asked to. It may stop and ask
 * the test whether to go on.
 */
final class PlainService {
  private static final Pattern PATH =
      Pattern.compile(
          "(?:/hasty|/limited|/patient|/recorded)?/(database|callback|read-only)/([a-z]+)(?:/([^/]+)/(confirm|cancel))?");
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Place place;
  private final Ledger ledger;
  private final String test;
  private final String outbound;

  private PlainService(Place place, Ledger ledger, String test, String outbound) {
    this.place = place;
    this.ledger = ledger;
    this.test = test;
    this.outbound = outbound;
  }

  /** Its place, its port, its database's URL, and the addresses of the test and of its calls. */
  public static void main(String[] arguments) throws IOException {
    PlainService service =
        new PlainService(
            Place.valueOf(arguments[0]),
            new Ledger(arguments[2]),
            "http://" + arguments[3],
            "http://" + arguments[4]);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(loopback, Integer.parseInt(arguments[1])), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", service::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Ask ask = Ask.of(exchange);
      Matcher path = PATH.matcher(exchange.getRequestURI().getPath());
      if (!path.matches()) {
        answer(exchange, 404, "");
        return;
      }
      Conduct conduct = ask.conduct(place);
      exchange.getResponseHeaders().set("reservation", ask.key());
      try {
        Reply reply =
            path.group(4) == null
                ? serve(
                    path.group(2).equals("look") ? "look" : path.group(1), ask, conduct, exchange)
                : complete(path.group(4), ask);
        if (conduct != Conduct.HANG_UP && conduct != Conduct.ANSWER_FIRST) {
          answer(exchange, reply.status(), reply.body());
        }
      } catch (SQLException e) {
        System.out.println(ask.key() + ": " + e.getSQLState() + " " + e.getMessage());
        if (conduct != Conduct.ANSWER_FIRST) {
          answer(exchange, status(conduct), String.valueOf(e.getMessage()));
        }
      }
    }
  }

  private static int status(Conduct conduct) {
    return switch (conduct) {
      case REFUSE -> 409;
      case SWALLOW -> 200;
      case OBEY, FAIL, HANG_UP, ANSWER_FIRST, NEVER_COMMIT, TWICE -> 500;
    };
  }

  private record Reply(int status, String body) {}

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private Reply serve(String mode, Ask ask, Conduct conduct, HttpExchange exchange)
      throws SQLException, IOException {
    boolean done =
        switch (mode) {
          case "database" -> book(ask, conduct, exchange);
          case "callback" ->
              ledger.transaction(
                  connection -> Ledger.reserve(connection, ask),
                  connection -> gate(connection, ask, conduct, exchange));
          default ->
              ledger.transaction(
                  connection -> Ledger.balance(connection, ask) >= 0,
                  connection -> gate(connection, ask, conduct, exchange));
        };
    if (!done) {
      return new Reply(409, "taken");
    }
    stop(Stop.COMMITTED, ask);
    Reply called = callOthers(ask);
    stop(Stop.CALLED, ask);
    if (called.status() != 200 && conduct != Conduct.SWALLOW) {
      return new Reply(502, called.body());
    }
    return switch (conduct) {
      case FAIL -> new Reply(500, "told to fail");
      case SWALLOW -> new Reply(200, "done");
      case OBEY, REFUSE, HANG_UP, ANSWER_FIRST, NEVER_COMMIT, TWICE -> called;
    };
  }

  private boolean book(Ask ask, Conduct conduct, HttpExchange exchange) throws SQLException {
    int accounts = conduct == Conduct.TWICE ? 2 : 1;
    for (int account = 1; account <= accounts; account++) {
      int pays = account;
      ledger.transaction(
          connection -> {
            Ledger.book(connection, ask, pays);
            return true;
          },
          connection -> gate(connection, ask, conduct, exchange));
    }
    return true;
  }

  private boolean gate(Connection connection, Ask ask, Conduct conduct, HttpExchange exchange)
      throws SQLException {
    String also = ask.also(place);
    if (!also.isEmpty()) {
      Ledger.execute(connection, also, ask);
    }
    stop(Stop.WRITTEN, ask);
    return switch (conduct) {
      case OBEY, FAIL, HANG_UP, SWALLOW, TWICE -> true;
      case REFUSE -> throw new SQLException("told to refuse");
      case NEVER_COMMIT -> false;
      case ANSWER_FIRST -> {
        try (exchange) {
          answer(exchange, 200, "done");
        } catch (IOException e) {
          throw new SQLException("the caller has gone", e);
        }
        stop(Stop.CALLED, ask);
        yield true;
      }
    };
  }

  private Reply complete(String step, Ask ask) throws SQLException {
    boolean confirm = step.equals("confirm");
    stop(confirm ? Stop.CONFIRMING : Stop.CANCELLING, ask);
    boolean done =
        ledger.transaction(
            connection ->
                confirm ? Ledger.confirm(connection, ask) : Ledger.cancel(connection, ask),
            connection -> true);
    stop(confirm ? Stop.CONFIRMED : Stop.CANCELLED, ask);
    return new Reply(done ? 204 : 409, "");
  }

  private Reply callOthers(Ask ask) {
    Reply reply = new Reply(200, "done");
    for (var calls = ask.calls().iterator(); calls.hasNext() && reply.status() == 200; ) {
      Mode mode = calls.next();
      String query = ask.forCall(mode, !calls.hasNext());
      HttpRequest.Builder call =
          HttpRequest.newBuilder(URI.create(outbound + mode.path() + "?" + query))
              .timeout(CALL_TIMEOUT)
              .method(mode.method(), HttpRequest.BodyPublishers.noBody());
      ask.trace().forEach(call::header);
      reply = send(call.build());
    }
    return reply;
  }

  /** Asks the test whether to go on, where it wants to be asked. */
  private void stop(Stop stop, Ask ask) {
    if (ask.stopsAt(place, stop)) {
      send(
          HttpRequest.newBuilder(URI.create(test + "/" + ask.key()))
              .timeout(STOP_TIMEOUT)
              .POST(HttpRequest.BodyPublishers.noBody())
              .build());
    }
  }

  private Reply send(HttpRequest request) {
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      return new Reply(answer.statusCode(), answer.body());
    } catch (InterruptedIOException e) {
      return new Reply(504, e.toString());
    } catch (IOException e) {
      return new Reply(502, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reply(503, e.toString());
    }
  }
}
