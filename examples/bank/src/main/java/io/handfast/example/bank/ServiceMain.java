package io.handfast.example.bank;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;

/** What the services' mains share: read the options, start, say where, stop on SIGTERM. */
final class ServiceMain {

  /** Starts one service. */
  interface Start {
    Web start(Options options) throws IOException, SQLException;
  }

  private ServiceMain() {}

  static void run(String name, Set<String> known, String[] args, Start start) {
    try {
      Options options = Options.parse(args, System.getenv(), known);
      String shown = options.optional("name") == null ? name : options.required("name");
      Web web = start.start(options);
      Runtime.getRuntime().addShutdownHook(new Thread(web::close, "stop"));
      System.out.println(shown + " listens on http://127.0.0.1:" + web.port());
    } catch (IllegalArgumentException e) {
      System.err.println(name + ": " + e.getMessage());
      System.exit(2);
    } catch (IOException | SQLException e) {
      System.err.println(name + ": cannot start: " + e.getMessage());
      System.exit(1);
    }
  }
}
