import io.handfast.demo.town.Home;
import io.handfast.demo.town.Ports;
import io.handfast.demo.town.Ports.Member;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The bank of examples/bank and its PostgreSQL, for benchmarks/chaos: {@code java Bank.java CHECKOUT} starts all of it,
 * prints where it is, a line for each service, and ends when its input does. The sidecars that it starts are there to be
 * replaced.
 */
final class Bank {
  /** Held, for a logger that nobody holds forgets its level. */
  private static final Logger POSTGRES_LOG = Logger.getLogger("io.zonky.test");

  private Bank() {}

  public static void main(String[] args) throws IOException, SQLException, InterruptedException {
    POSTGRES_LOG.setLevel(Level.WARNING);
    try (Ports.Choice choice = Ports.choose()) {
      Ports ports = choice.ports();
      Town town = Town.layOut(Home.at(Path.of(args[0]), Optional.empty(), Optional.empty()), ports);
      Runtime.getRuntime().addShutdownHook(new Thread(town::tearDown));
      town.start();
      System.out.println("directory " + town.directory());
      for (Member member : Member.values()) {
        System.out.printf(
            "member %s %d %d %d %d %s%n",
            member.title,
            town.sidecar(member).process().pid(),
            ports.inbound(member),
            ports.service(member),
            ports.admin(member),
            town.config(member));
      }
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // whoever started it holds the other end
      }
    }
    System.exit(0);
  }
}
