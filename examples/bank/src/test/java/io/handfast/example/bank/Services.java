package io.handfast.example.bank;

import io.handfast.example.bank.ServiceMain.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The services of one test, without a mesh, each on ports of its own. */
final class Services implements AutoCloseable {
  private final List<Running> started = new ArrayList<>();
  private final int audit;

  Services() {
    try {
      audit = start(AuditMain::start, AuditMain.OPTIONS, "--limit=5000").port();
    } catch (IOException | SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  Running bank(String name, String accounts) throws IOException, SQLException {
    return bank(name, accounts, audit);
  }

  Running bank(String name, String accounts, int auditPort) throws IOException, SQLException {
    return start(
        BankMain::start,
        BankMain.OPTIONS,
        "--name=" + name,
        "--grpc-port=0",
        "--jdbc-url=" + TestPostgres.newDatabase(),
        "--accounts=" + accounts,
        "--audit-url=http://127.0.0.1:" + auditPort);
  }

  /** Asks the banks over HTTP. */
  Running transfers(int bankA, int bankB) throws IOException, SQLException {
    return start(
        TransfersMain::start,
        TransfersMain.OPTIONS,
        "--jdbc-url=" + TestPostgres.newDatabase(),
        "--banks=bank-a=http://127.0.0.1:" + bankA + ",bank-b=http://127.0.0.1:" + bankB);
  }

  /** Asks the banks over gRPC when it is asked so. */
  Running transfersByGrpc(int bankA, int bankB) throws IOException, SQLException {
    return start(
        TransfersMain::start,
        TransfersMain.OPTIONS,
        "--grpc-port=0",
        "--jdbc-url=" + TestPostgres.newDatabase(),
        "--banks=bank-a=http://127.0.0.1:" + bankA + ",bank-b=http://127.0.0.1:" + bankB);
  }

  private Running start(ServiceMain.Start main, Set<String> known, String... args)
      throws IOException, SQLException {
    Running running = main.start(Options.parse(args, Map.of(), known));
    started.add(running);
    return running;
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    started.forEach(Running::close);
  }
}
