package io.handfast.example.bank;

import io.handfast.example.bank.ServiceMain.Running;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;

/**
 * A bank: accounts and reservations in its own PostgreSQL database.
 *
 * <p>Options: {@code --name bank-a --port 18180 --jdbc-url jdbc:postgresql:… --accounts
 * alice=100000,ann=50000} (cents; only accounts that are not there yet are opened) {@code
 * --audit-url http://127.0.0.1:18101}, and {@code --grpc-port 18181} to serve gRPC as well.
 */
public final class BankMain {
  static final Set<String> OPTIONS =
      Set.of("name", "port", "grpc-port", "jdbc-url", "accounts", "audit-url");

  private BankMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("bank", OPTIONS, args, BankMain::start);
  }

  static Running start(Options options) throws IOException, SQLException {
    Map<String, Long> balances = options.amounts("accounts");
    Audit audit = Audit.of(options);
    Database database = Database.open(options.required("jdbc-url"), Ledger.SCHEMA);
    Ledger ledger = new Ledger(database);
    ledger.open(balances);
    Delays delays = Bank.delays();
    Bank bank = new Bank(ledger, audit, delays);
    return Running.start(
        options, new BankApi(bank, ledger, delays).routes(), new BankGrpc(bank), database::close);
  }
}
