package io.handfast.example.bank;

import io.grpc.BindableService;
import io.handfast.example.bank.grpc.GrpcServer;
import io.handfast.example.bank.web.Router;
import io.handfast.example.bank.web.Web;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/** What the services' mains share: read the options, start, say where, stop on SIGTERM. */
public final class ServiceMain {

  /** Starts one service. */
  public interface Start {
    Running start(Options options) throws IOException, SQLException;
  }

  /**
   * A service that runs.
   *
   * @param grpc where it has a port for gRPC
   */
  public record Running(Web web, Optional<GrpcServer> grpc) implements AutoCloseable {

    /**
     * Serves HTTP only.
     *
     * @param onClose gives back what it uses
     */
    public static Running start(Options options, Router routes, Runnable onClose)
        throws IOException {
      try {
        return new Running(Web.start(options.port("port"), routes, onClose), Optional.empty());
      } catch (IOException e) {
        onClose.run();
        throw e;
      }
    }

    /**
     * Serves HTTP, and gRPC where the options have a port for it.
     *
     * @param onClose gives back what both use
     */
    static Running start(Options options, Router routes, BindableService service, Runnable onClose)
        throws IOException {
      Optional<GrpcServer> grpc =
          options.optional("grpc-port") == null
              ? Optional.empty()
              : Optional.of(GrpcServer.start(options.port("grpc-port"), service));
      Runnable closeAll =
          () -> {
            grpc.ifPresent(GrpcServer::close);
            onClose.run();
          };
      try {
        return new Running(Web.start(options.port("port"), routes, closeAll), grpc);
      } catch (IOException e) {
        closeAll.run();
        throw e;
      }
    }

    public int port() {
      return web.port();
    }

    @Override
    public void close() {
      web.close();
    }
  }

  private ServiceMain() {}

  /** Starts a service, or ends the process with a sentence that says why not. */
  public static void run(String name, Set<String> known, String[] args, Start start) {
    try {
      Options options = Options.parse(args, System.getenv(), known);
      String shown = options.optional("name") == null ? name : options.required("name");
      Running running = start.start(options);
      Runtime.getRuntime().addShutdownHook(new Thread(running::close, "stop"));
      String grpc = running.grpc().map(it -> ", gRPC on port " + it.port()).orElse("");
      System.out.println(shown + " listens on http://127.0.0.1:" + running.port() + grpc);
    } catch (IllegalArgumentException e) {
      System.err.println(name + ": " + e.getMessage());
      System.exit(2);
    } catch (IOException | SQLException e) {
      System.err.println(name + ": cannot start: " + e.getMessage());
      System.exit(1);
    }
  }
}
