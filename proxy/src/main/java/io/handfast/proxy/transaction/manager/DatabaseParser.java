package io.handfast.proxy.transaction.manager;

import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.transaction.v1.Database;
import io.handfast.tx.postgres.DatabaseConfig;
import io.handfast.tx.postgres.DatabaseConfig.Server;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses {@code databases}. Pure. */
final class DatabaseParser {
  private DatabaseParser() {}

  /** Null if something is wrong, which has been noted. */
  static @Nullable List<DatabaseSettings> parse(List<Database> databases, Scope scope) {
    List<DatabaseSettings> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    boolean sound = true;
    for (int i = 0; i < databases.size(); i++) {
      Scope here = scope.field("databases", i);
      DatabaseSettings database = parse(databases.get(i), here);
      if (database == null) {
        sound = false;
      } else if (!names.add(database.name())) {
        here.field("name").error("'" + database.name() + "'", "a name of its own");
        sound = false;
      } else {
        all.add(database);
      }
    }
    return sound ? all : null;
  }

  private static @Nullable DatabaseSettings parse(Database database, Scope scope) {
    boolean sound = hasNames(database, scope);
    List<Server> servers = servers(database.getAddressesList(), scope);
    Optional<Path> password = password(database, scope.field("password_file"));
    Optional<TlsConfig.Upstream> tls =
        database.hasTls()
            ? Optional.ofNullable(
                ClientTlsParser.parse(database.getTls(), Alpn.POSTGRESQL, scope.field("tls")))
            : Optional.empty();
    int connections =
        database.hasMaxConnections()
            ? Scope.clamped(database.getMaxConnections().getValue())
            : DatabaseConfig.DEFAULT_MAX_CONNECTIONS;
    if (connections < 1 || connections > DatabaseConfig.MAX_CONNECTIONS) {
      scope.field("max_connections").error(connections, "1 to " + DatabaseConfig.MAX_CONNECTIONS);
      sound = false;
    }
    Duration scan =
        scope
            .field("scan_interval")
            .duration(
                database.hasScanInterval(),
                database.getScanInterval(),
                DatabaseConfig.DEFAULT_SCAN_INTERVAL);
    if (scan.compareTo(DatabaseConfig.MIN_SCAN_INTERVAL) < 0
        || scan.compareTo(DatabaseConfig.MAX_SCAN_INTERVAL) > 0) {
      scope.field("scan_interval").error(scan, "100 ms to 1 h");
      sound = false;
    }
    sound &= hasRoles(database, scope);
    sound &= servers.size() == database.getAddressesCount() && !servers.isEmpty();
    sound &= password.isEmpty() == database.getPasswordFile().isEmpty();
    sound &= tls.isPresent() == database.hasTls();
    return sound
        ? new DatabaseSettings(
            database.getName(),
            servers,
            database.getDatabase().isEmpty() ? database.getUser() : database.getDatabase(),
            database.getUser(),
            password,
            tls,
            connections,
            scan,
            database.getRolesList())
        : null;
  }

  private static boolean hasNames(Database database, Scope scope) {
    boolean sound = true;
    if (!DatabaseConfig.NAME.matcher(database.getName()).matches()) {
      scope
          .field("name")
          .error(
              "'" + database.getName() + "'",
              "1 to 63 letters, digits, '-', '_' and '.', the same in every replica");
      sound = false;
    }
    if (database.getUser().isEmpty()) {
      scope
          .field("user")
          .error(
              "missing (expected: the role that the service connects as, or a superuser: PostgreSQL"
                  + " lets nobody else complete what it prepared)");
      sound = false;
    }
    return sound;
  }

  private static List<Server> servers(List<String> addresses, Scope scope) {
    if (addresses.isEmpty()) {
      scope.field("addresses").error("missing (expected: host:port of its servers)");
    }
    List<Server> servers = new ArrayList<>();
    for (int i = 0; i < addresses.size(); i++) {
      Server server = Server.parse(addresses.get(i));
      if (server == null) {
        scope.field("addresses", i).error("'" + addresses.get(i) + "'", Server.EXPECTED);
      } else {
        servers.add(server);
      }
    }
    return servers;
  }

  private static Optional<Path> password(Database database, Scope scope) {
    if (database.getPasswordFile().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Path.of(database.getPasswordFile()));
    } catch (InvalidPathException e) {
      scope.error("'" + database.getPasswordFile() + "'", "a path of this host");
      return Optional.empty();
    }
  }

  private static boolean hasRoles(Database database, Scope scope) {
    Set<String> roles = new HashSet<>();
    boolean sound = true;
    for (int i = 0; i < database.getRolesCount(); i++) {
      String role = database.getRoles(i);
      if (role.isEmpty() || role.equals(database.getUser()) || !roles.add(role)) {
        scope.field("roles", i).error("'" + role + "'", "a role beside user, each once");
        sound = false;
      }
    }
    return sound;
  }
}
