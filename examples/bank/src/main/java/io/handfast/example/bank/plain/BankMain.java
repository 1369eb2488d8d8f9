package io.handfast.example.bank.plain;

import io.handfast.example.bank.Audit;
import io.handfast.example.bank.Database;
import io.handfast.example.bank.Options;
import io.handfast.example.bank.ServiceMain;
import io.handfast.example.bank.ServiceMain.Running;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A bank: accounts in its own PostgreSQL database.
 *
 * <p>Options: {@code --name bank-a --port 18180 --jdbc-url jdbc:postgresql:… --accounts
 * alice=100000,ann=50000} (cents; only accounts that are not there yet are opened), {@code
 * --audit-url http://127.0.0.1:18101} where audit is to be asked, and {@code --schema-jdbc-url}
 * where tables and accounts are to be made at another address than the one at which the bank works,
 * as migrations often are.
 */
public final class BankMain {
  static final Set<String> OPTIONS =
      Set.of("name", "port", "jdbc-url", "schema-jdbc-url", "accounts", "audit-url");

  private BankMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("bank", OPTIONS, args, BankMain::start);
  }

  static Running start(Options options) throws IOException, SQLException {
    Map<String, Long> balances = options.amounts("accounts");
    Optional<Audit> audit =
        Optional.ofNullable(options.optional("audit-url")).map(url -> Audit.of(options));
    try (Database schema = Database.open(schemaUrl(options), Accounts.SCHEMA)) {
      new Accounts(schema).open(balances);
    }
    Database database = Database.open(options.required("jdbc-url"));
    BankApi api = new BankApi(new Accounts(database), audit);
    return Running.start(options, api.routes(), database::close);
  }

  static String schemaUrl(Options options) {
    String url = options.optional("schema-jdbc-url");
    return url == null ? options.required("jdbc-url") : url;
  }
}
