package io.handfast.example.bank;

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
 * bank-a=http://127.0.0.1:18001,bank-b=http://127.0.0.1:18002}, and {@code --grpc-port 18081} to
 * serve gRPC as well, which asks the banks over gRPC at {@code --grpc-banks
 * bank-a=127.0.0.1:18001,…}, by default at the same addresses.
 */
public final class TransfersMain {
  static final Set<String> OPTIONS = Set.of("port", "grpc-port", "jdbc-url", "banks", "grpc-banks");

  private TransfersMain() {}

  /** Starts the service; exits with status 2 on a bad option. */
  public static void main(String[] args) {
    ServiceMain.run("transfers", OPTIONS, args, TransfersMain::start);
  }

  static Running start(Options options) throws IOException, SQLException {
    Map<String, URI> urls = options.requiredUrls("banks");
    Map<String, String> targets = options.map("grpc-banks");
    if (targets.isEmpty()) {
      urls.forEach((bank, url) -> targets.put(bank, url.getAuthority()));
    }
    Database database = Database.open(options.required("jdbc-url"), TransferStore.SCHEMA);
    TransferStore store = new TransferStore(database);
    Transfers transfers = new Transfers(store);
    BanksByGrpc banks = new BanksByGrpc(targets);
    return Running.start(
        options,
        new TransfersApi(transfers, store, new BanksByHttp(new OutgoingCalls(), urls)).routes(),
        new TransfersGrpc(transfers, banks),
        () -> {
          banks.close();
          database.close();
        });
  }
}
