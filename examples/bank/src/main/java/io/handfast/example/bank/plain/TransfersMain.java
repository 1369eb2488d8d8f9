package io.handfast.example.bank.plain;

import io.handfast.example.bank.Database;
import io.handfast.example.bank.Options;
import io.handfast.example.bank.ServiceMain;
import io.handfast.example.bank.ServiceMain.Running;
import io.handfast.example.bank.web.OutgoingCalls;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * Moves money from an account at one bank to an account at another.
 *
 * <p>Options: {@code --port 18080 --jdbc-url jdbc:postgresql:… --banks
 * bank-a=http://127.0.0.1:18001,bank-b=http://127.0.0.1:18002}, and {@code --schema-jdbc-url} as in
 * {@link BankMain}.
 */
public final class TransfersMain {
  static final Set<String> OPTIONS = Set.of("port", "jdbc-url", "schema-jdbc-url", "banks");

  private TransfersMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("transfers", OPTIONS, args, TransfersMain::start);
  }

  static Running start(Options options) throws IOException, SQLException {
    Map<String, URI> banks = options.requiredUrls("banks");
    Database.open(BankMain.schemaUrl(options), TransfersApi.SCHEMA).close();
    Database database = Database.open(options.required("jdbc-url"));
    TransfersApi api = new TransfersApi(database, new OutgoingCalls(), banks);
    return Running.start(options, api.routes(), database::close);
  }
}
