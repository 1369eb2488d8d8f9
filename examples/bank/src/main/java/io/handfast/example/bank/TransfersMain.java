package io.handfast.example.bank;

import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Moves money from an account at one bank to an account at another.
 *
 * <p>Options: {@code --port 18080 --jdbc-url jdbc:postgresql:… --banks
 * bank-a=http://127.0.0.1:18001,bank-b=http://127.0.0.1:18002 --audit-url http://127.0.0.1:18003}.
 */
public final class TransfersMain {
  static final Set<String> OPTIONS = Set.of("port", "jdbc-url", "banks", "audit-url");

  private TransfersMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("transfers", OPTIONS, args, TransfersMain::start);
  }

  static Web start(Options options) throws IOException, SQLException {
    Map<String, URI> banks = new LinkedHashMap<>();
    options.map("banks").forEach((name, url) -> banks.put(name, URI.create(url)));
    if (banks.isEmpty()) {
      throw new IllegalArgumentException("--banks: missing (expected: NAME=URL,NAME=URL,…)");
    }
    URI audit = URI.create(options.required("audit-url"));
    Database database = Database.open(options.required("jdbc-url"), TransferStore.SCHEMA);
    TransfersApi api =
        new TransfersApi(new TransferStore(database), new OutgoingCalls(), banks, audit);
    return Web.start(options.port(), api.routes(), database::close);
  }
}
