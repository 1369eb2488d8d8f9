package io.handfast.example.bank;

import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * Moves money from an account at one bank to an account at another.
 *
 * <p>Options: {@code --port 18080 --jdbc-url jdbc:postgresql:… --banks
 * bank-a=http://127.0.0.1:18001,bank-b=http://127.0.0.1:18002}.
 */
public final class TransfersMain {
  static final Set<String> OPTIONS = Set.of("port", "jdbc-url", "banks");

  private TransfersMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("transfers", OPTIONS, args, TransfersMain::start);
  }

  static Web start(Options options) throws IOException, SQLException {
    Map<String, URI> banks = options.urls("banks");
    if (banks.isEmpty()) {
      throw new IllegalArgumentException("--banks: missing (expected: NAME=URL,NAME=URL,…)");
    }
    Database database = Database.open(options.required("jdbc-url"), TransferStore.SCHEMA);
    TransfersApi api = new TransfersApi(new TransferStore(database), new OutgoingCalls(), banks);
    return Web.start(options.port(), api.routes(), database::close);
  }
}
