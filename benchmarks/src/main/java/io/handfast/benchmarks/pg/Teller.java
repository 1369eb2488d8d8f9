package io.handfast.benchmarks.pg;

import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.tx.Caller;
import io.handfast.benchmarks.tx.Handler;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The service that has two ledgers write:
 *
 * <pre>
 *   /tx/ /wait/       by way of its sidecar, which makes it a transaction
 *   /plain/           the same with a COMMIT of its own in each, which is none
 *   /hand/ /bare/     PREPARE TRANSACTION at both, the decision forced, COMMIT PREPARED at both at once;
 *                     by way of the sidecar, and without any
 *   /undecided/       as /bare/ without the decision: lost in a crash, it leaves locks for ever
 * </pre>
 *
 * Thread-safe.
 */
final class Teller implements Handler {
  private static final List<String> CARRIED = List.of("traceparent", "tracestate", "baggage");

  private final List<Caller> sidecar;
  private final List<Caller> ledgers;
  private final List<Sessions> databases;
  private final Sessions own;

  Teller(List<Caller> sidecar, List<Caller> ledgers, List<Sessions> databases, Sessions own) {
    this.sidecar = sidecar;
    this.ledgers = ledgers;
    this.databases = databases;
    this.own = own;
  }

  @Override
  public Answer serve(Request request) throws IOException {
    String kind = request.path().split("/", 3)[1];
    return switch (kind) {
      case "tx", "wait" -> all(sidecar, "/write", request);
      case "plain" -> all(sidecar, "/plain-write", request);
      case "hand" -> byHand(sidecar, request, true);
      case "bare" -> byHand(ledgers, request, true);
      case "prepared" -> prepared();
      case "undecided" -> byHand(ledgers, request, false);
      default -> new Answer(404, "{}");
    };
  }

  /** How many transactions are prepared in all databases. */
  private Answer prepared() throws IOException {
    AtomicInteger count = new AtomicInteger();
    try {
      own.run(connection -> {
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_prepared_xacts")) {
          row.next();
          count.set(row.getInt(1));
        }
        connection.commit();
      });
    } catch (SQLException e) {
      throw new IOException(e);
    }
    return new Answer(200, Integer.toString(count.get()));
  }

  private static Answer all(List<Caller> callers, String path, Request request) throws IOException {
    String headers = carried(request.head());
    for (Caller caller : callers) {
      Answer answer = caller.post(path, headers, request.body());
      if (answer.status() != 200) {
        return answer;
      }
    }
    return Answer.OK;
  }

  private static String carried(String head) {
    StringBuilder headers = new StringBuilder();
    for (String name : CARRIED) {
      String value = Wire.field(head, name);
      if (value != null) {
        headers.append(name).append(": ").append(value).append("\r\n");
      }
    }
    return headers.toString();
  }

  private Answer byHand(List<Caller> callers, Request request, boolean decided) throws IOException {
    String id = UUID.randomUUID().toString();
    String headers = carried(request.head());
    for (int nth = 0; nth < callers.size(); nth++) {
      Answer answer = callers.get(nth).post("/prepare/" + id + "-" + nth, headers, request.body());
      if (answer.status() != 200) {
        return answer; // a benchmark in which nothing fails
      }
    }
    try {
      if (decided) {
        own.alone("INSERT INTO decision VALUES ('" + id + "')");
      }
      commit(id);
    } catch (SQLException | ExecutionException e) {
      throw new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return Answer.OK;
  }

  /** The last one on this thread, the others beside it. */
  private void commit(String id) throws SQLException, ExecutionException, InterruptedException {
    List<FutureTask<Boolean>> others = new ArrayList<>();
    for (int nth = 0; nth < databases.size() - 1; nth++) {
      others.add(Helpers.beside(databases.get(nth), committing(id, nth)));
    }
    databases.getLast().alone(committing(id, databases.size() - 1));
    for (FutureTask<Boolean> other : others) {
      other.get();
    }
  }

  private static String committing(String id, int nth) {
    return "COMMIT PREPARED '" + id + "-" + nth + "'";
  }
}
