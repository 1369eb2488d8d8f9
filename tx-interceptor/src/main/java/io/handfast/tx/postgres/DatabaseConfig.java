package io.handfast.tx.postgres;

import io.handfast.tx.port.Databases;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database of the service, as this sidecar reaches it: {@code Database} of the
 * configuration. Immutable.
 *
 * @param name by which filters, votes and decisions name it
 * @param servers of which the one that takes writes is used
 * @param database to connect to; prepared transactions of the server's others are completed too
 * @param user the role that the service connects as, or a superuser
 * @param password of the role, if it needs one
 * @param tls without it connections are plain
 * @param maxConnections open at a time
 * @param scanInterval between two looks for prepared transactions that nobody here knows
 * @param roles beside {@code user} whose prepared transactions are taken up; where there are none a
 *     superuser takes up those of all
 */
public record DatabaseConfig(
    String name,
    List<Server> servers,
    String database,
    String user,
    Optional<Password> password,
    Optional<Tls> tls,
    int maxConnections,
    Duration scanInterval,
    Set<String> roles) {

  /** Connections where nothing is said. */
  public static final int DEFAULT_MAX_CONNECTIONS = 4;

  /** More would be a second pool of the service's size. */
  public static final int MAX_CONNECTIONS = 64;

  /** The time between two scans where nothing is said. */
  public static final Duration DEFAULT_SCAN_INTERVAL = Databases.DEFAULT_SCAN_INTERVAL;

  /** The least time between two scans. */
  public static final Duration MIN_SCAN_INTERVAL = Duration.ofMillis(100);

  /** The most time between two scans. */
  public static final Duration MAX_SCAN_INTERVAL = Duration.ofHours(1);

  /** What a name looks like: it stands in votes and on the wire. */
  public static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,63}");

  /**
   * A server.
   *
   * @param host a name, an IPv4 address, or an IPv6 address without brackets
   * @param port 1 to 65535
   */
  public record Server(String host, int port) {
    /** Where PostgreSQL listens if nothing is said. */
    public static final int DEFAULT_PORT = 5432;

    /** What the written form looks like, for error texts. */
    public static final String EXPECTED = "host or host:port, IPv6 in brackets";

    private static final Pattern WRITTEN =
        Pattern.compile("(?:\\[([0-9A-Fa-f:.]{2,45})]|([A-Za-z0-9._-]{1,255}))(?::(\\d{1,5}))?");
    private static final Pattern HOST =
        Pattern.compile("[A-Za-z0-9._-]{1,255}|[0-9A-Fa-f:.]{2,45}");

    public Server {
      if (!HOST.matcher(host).matches() || port < 1 || port > 65535) {
        throw new IllegalArgumentException(
            "server: " + host + " port " + port + " (expected: a host, and 1 to 65535)");
      }
    }

    /** Reads {@code host:port} or {@code host}, or gives null if {@code text} is neither. */
    public static @Nullable Server parse(String text) {
      var written = WRITTEN.matcher(text);
      if (!written.matches()) {
        return null;
      }
      String bracketed = written.group(1);
      String host = bracketed == null ? written.group(2) : bracketed;
      int port = written.group(3) == null ? DEFAULT_PORT : Integer.parseInt(written.group(3));
      return port < 1 || port > 65535 ? null : new Server(host, port);
    }

    /** As it is written, with its port. */
    @Override
    public String toString() {
      return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
  }

  /** Where a password comes from: asked for each connection, so that it may change. */
  @FunctionalInterface
  public interface Password {

    /**
     * The password as of now; may block.
     *
     * @throws IOException if it cannot be read; its message names where from, and no secret
     */
    String read() throws IOException;
  }

  /**
   * How connections are encrypted.
   *
   * @param sockets makes them, each with the newest certificates, and believes only whom the
   *     configuration trusts
   * @param verifyHost whether the certificate also must be for the host that was connected to; not
   *     where {@code sockets} compares names itself
   */
  public record Tls(SSLSocketFactory sockets, boolean verifyHost) {}

  public DatabaseConfig {
    servers = List.copyOf(servers);
    roles = Set.copyOf(roles);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("name: '" + name + "' (expected: " + NAME + ")");
    }
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("addresses: none (expected: one or more)");
    }
    if (user.isEmpty() || database.isEmpty()) {
      throw new IllegalArgumentException("user, database: missing (expected: both)");
    }
    if (maxConnections < 1 || maxConnections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          "max_connections: " + maxConnections + " (expected: 1 to " + MAX_CONNECTIONS + ")");
    }
    if (scanInterval.compareTo(MIN_SCAN_INTERVAL) < 0
        || scanInterval.compareTo(MAX_SCAN_INTERVAL) > 0) {
      throw new IllegalArgumentException(
          "scan_interval: " + scanInterval + " (expected: 100 ms to 1 h)");
    }
  }
}
