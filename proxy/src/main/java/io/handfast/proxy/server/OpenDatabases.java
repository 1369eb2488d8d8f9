package io.handfast.proxy.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.stats.Stats;
import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.transaction.manager.DatabaseSettings;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.tx.port.Databases;
import io.handfast.tx.port.NoDatabases;
import io.handfast.tx.postgres.DatabaseConfig;
import io.handfast.tx.postgres.PostgresDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;

/** The databases that the configuration names, over connections of this sidecar's own. */
final class OpenDatabases {
  private OpenDatabases() {}

  /** Connects to nothing yet; blocking work has threads of its own. */
  static Databases open(ManagerConfig config, TlsContexts tls, Stats stats, Ambient ambient) {
    return config.databases().isEmpty()
        ? NoDatabases.INSTANCE
        : new PostgresDatabases(
            config.service(),
            config.databases().stream().map(settings -> config(settings, tls)).toList(),
            stats.meters(),
            ambient.nanoTime());
  }

  /** Waits for what is under way, for a moment. */
  static void close(Databases databases) {
    if (databases instanceof PostgresDatabases open) {
      open.close();
    }
  }

  private static DatabaseConfig config(DatabaseSettings settings, TlsContexts tls) {
    return new DatabaseConfig(
        settings.name(),
        settings.servers(),
        settings.database(),
        settings.user(),
        settings.passwordFile().map(file -> () -> password(file)),
        settings.tls().map(it -> tls(it, tls)),
        settings.maxConnections(),
        settings.scanInterval(),
        new LinkedHashSet<>(settings.roles()));
  }

  private static DatabaseConfig.Tls tls(TlsConfig.Upstream config, TlsContexts tls) {
    boolean named =
        config.common().validation().map(PeerValidation::names).stream()
            .anyMatch(names -> !names.isEmpty());
    return new DatabaseConfig.Tls(tls.halfClosing(config).forSockets(), !named);
  }

  private static String password(Path file) throws IOException {
    try {
      return Files.readString(file, UTF_8).stripTrailing();
    } catch (NoSuchFileException e) {
      throw new IOException("password_file: " + file + ": does not exist", e);
    }
  }
}
