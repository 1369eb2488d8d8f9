package io.handfast.benchmarks.pg;

import io.handfast.benchmarks.load.Wire;
import io.handfast.benchmarks.tx.Handler;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The service that writes. {@code /write} and {@code /reads} use the database by way of the
 * sidecar, with the comment that an agent would write; {@code /plain-write}, {@code /plain-reads}
 * and {@code /prepare/GID} the database itself. Thread-safe.
 */
final class Ledger implements Handler {
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int ACCOUNTS = 10_000;

  private final Sessions sidecar;
  private final Sessions database;

  Ledger(Sessions sidecar, Sessions database) {
    this.sidecar = sidecar;
    this.database = database;
  }

  @Override
  public Answer serve(Request request) throws IOException {
    String[] parts = request.path().split("/", 3);
    int account = account(request.body());
    try {
      switch (parts[1]) {
        case "write" ->
            sidecar.run(connection -> {
              Sessions.update(connection, account, comment(request.head()));
              connection.commit();
            });
        case "plain-write" ->
            database.run(connection -> {
              Sessions.update(connection, account, "");
              connection.commit();
            });
        case "prepare" ->
            database.run(connection -> {
              Sessions.update(connection, account, "");
              try (var statement = connection.createStatement()) {
                statement.execute("PREPARE TRANSACTION '" + parts[2] + "'");
              }
            });
        case "reads" ->
            sidecar.run(connection -> {
              Sessions.select(connection, account, comment(request.head()));
              connection.commit();
            });
        case "passed-reads" ->
            sidecar.run(connection -> {
              Sessions.select(connection, account, "");
              connection.commit();
            });
        case "plain-reads" ->
            database.run(connection -> {
              Sessions.select(connection, account, "");
              connection.commit();
            });
        default -> {
          return new Answer(404, "{}");
        }
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
    return Answer.OK;
  }

  private static int account(String body) {
    Matcher number = NUMBER.matcher(body);
    return number.find() ? Integer.parseInt(number.group()) % ACCOUNTS : 0;
  }

  /** As sqlcommenter has it; none where the request carries nothing. */
  private static String comment(String head) {
    String state = field(head, "tracestate");
    String parent = field(head, "traceparent");
    return state == null || parent == null
        ? ""
        : " /*traceparent='%s', tracestate='%s'*/".formatted(encoded(parent), encoded(state));
  }

  private static @Nullable String field(String head, String name) {
    return Wire.field(head, name);
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }
}
