package io.handfast.proxy.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.handfast.proxy.tls.TlsContexts;
import io.handfast.proxy.transaction.DispatcherLoop;
import io.handfast.proxy.transaction.manager.ManagerConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.EtcdConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.EtcdUser;
import io.handfast.proxy.transaction.manager.ManagerConfig.JournalConfig;
import io.handfast.tx.core.Authority;
import io.handfast.tx.engine.JournalStore;
import io.handfast.tx.etcd.EtcdMeters;
import io.handfast.tx.etcd.EtcdOpenException;
import io.handfast.tx.etcd.EtcdOptions;
import io.handfast.tx.etcd.EtcdStore;
import io.handfast.tx.journal.JournalOpenException;
import io.handfast.tx.journal.JournalOptions;
import io.handfast.tx.port.TransactionStore;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/**
 * The store that the configuration names. Opened and closed by the thread that starts and stops the
 * sidecar: both block.
 */
sealed interface OpenStore {

  /** What a journal keeps free for decisions, as the configuration's check demands. */
  long RESERVE_BYTES = 32L << 20;

  TransactionStore store();

  void bind(MeterRegistry meters);

  /** After the loops have stopped. */
  void close();

  /** A journal. */
  record OnJournal(JournalStore store) implements OpenStore {
    @Override
    public void bind(MeterRegistry meters) {
      JournalMeters.bind(store, meters);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /** A prefix of etcd. */
  record OnEtcd(EtcdStore store) implements OpenStore {
    @Override
    public void bind(MeterRegistry meters) {
      EtcdMeters.bind(store, meters);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /**
   * Opens it.
   *
   * @param authority of this sidecar's control service
   * @throws StartException if it cannot be opened
   */
  static OpenStore open(
      ManagerConfig config,
      Authority authority,
      DispatcherLoop loop,
      TlsContexts tls,
      Ambient ambient)
      throws StartException {
    return switch (config.store()) {
      case JournalConfig journal -> new OnJournal(journal(config, journal, loop, ambient));
      case EtcdConfig etcd -> new OnEtcd(etcd(config, etcd, authority, loop, tls, ambient));
    };
  }

  /** Where any replica answers inquiries, if the store is shared. */
  static Optional<Authority> serviceAuthority(ManagerConfig config) {
    return switch (config.store()) {
      case JournalConfig _ -> Optional.empty();
      case EtcdConfig etcd -> etcd.serviceAuthority();
    };
  }

  private static JournalStore journal(
      ManagerConfig config, JournalConfig journal, DispatcherLoop loop, Ambient ambient)
      throws StartException {
    try {
      JournalOptions options =
          JournalOptions.of(journal.directory())
              .withOwner(config.service())
              .withSegmentBytes(journal.segmentBytes())
              .withSpace(journal.maxBytes(), RESERVE_BYTES);
      return JournalStore.open(options, ambient.secrets(), loop);
    } catch (JournalOpenException e) {
      throw new StartException("handfast.transaction_manager: store.journal: " + e.getMessage(), e);
    }
  }

  private static EtcdStore etcd(
      ManagerConfig config,
      EtcdConfig etcd,
      Authority authority,
      DispatcherLoop loop,
      TlsContexts tls,
      Ambient ambient)
      throws StartException {
    EtcdUser user = etcd.user().orElse(null);
    EtcdOptions options =
        new EtcdOptions(
            etcd.endpoints(),
            etcd.prefix(),
            user == null
                ? Optional.empty()
                : Optional.of(new EtcdOptions.Credentials(user.name(), password(user))),
            etcd.tls().map(it -> tls.of(it).forGrpc()),
            etcd.lease(),
            etcd.maxTxnOps());
    try {
      return EtcdStore.open(
          options, config.service(), authority.toString(), ambient.secrets(), loop);
    } catch (EtcdOpenException e) {
      throw new StartException("handfast.transaction_manager: store.etcd: " + e.getMessage(), e);
    }
  }

  private static String password(EtcdUser user) throws StartException {
    try {
      return Files.readString(user.passwordFile(), UTF_8).stripTrailing();
    } catch (IOException e) {
      throw new StartException(
          "handfast.transaction_manager: store.etcd.password_file: "
              + user.passwordFile()
              + ": cannot be read (expected: a file with the password of "
              + user.name()
              + ")",
          e);
    }
  }
}
