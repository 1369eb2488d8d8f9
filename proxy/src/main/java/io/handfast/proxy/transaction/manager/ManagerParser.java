package io.handfast.proxy.transaction.manager;

import com.google.protobuf.Message;
import io.handfast.proxy.config.extension.BootstrapExtensionParser;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.transaction.manager.ManagerConfig.ControlConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.ControlTls;
import io.handfast.proxy.transaction.manager.ManagerConfig.EtcdConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.JournalConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.StoreConfig;
import io.handfast.transaction.v1.ControlAddress;
import io.handfast.transaction.v1.JournalStore;
import io.handfast.transaction.v1.Store;
import io.handfast.transaction.v1.TransactionManager;
import io.handfast.transaction.v1.Trust;
import io.handfast.tx.context.GlobalId;
import io.handfast.tx.core.Authority;
import io.handfast.tx.core.StoreId;
import io.handfast.tx.engine.EngineConfig;
import io.handfast.tx.engine.EngineConfig.Limits;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the bootstrap extension {@code handfast.transaction_manager}. Immutable. */
public final class ManagerParser implements BootstrapExtensionParser {
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9._-]{1,63}");
  private static final int DEFAULT_PORT = Authority.DEFAULT_PORT;
  private static final long MIN_SEGMENT = 64 << 10;
  private static final long MAX_SEGMENT = 1 << 30;
  private static final long DEFAULT_SEGMENT = 16 << 20;
  private static final long DEFAULT_MAX_BYTES = 1L << 30;

  /** What a journal keeps free for decisions, besides two segments. */
  private static final long RESERVE = 32L << 20;

  /** As long as they are: a UUID's 36 characters, and 32 hexadecimal digits. */
  private static final StoreId OF_JOURNAL = new StoreId("j." + "0".repeat(36));

  private static final StoreId OF_ETCD = new StoreId("e." + "0".repeat(32));

  private static final String OPERATOR_TOKEN = "operator-token";
  private static final String LOOPBACK = "127.0.0.1";
  private static final String ANY = "0.0.0.0";
  private static final Set<String> ANY_HOSTS = Set.of("0.0.0.0", "[::]");

  @Override
  public Message type() {
    return TransactionManager.getDefaultInstance();
  }

  @Override
  public @Nullable Object parse(Message config, Scope scope) {
    TransactionManager manager = (TransactionManager) config;
    if (!SERVICE.matcher(manager.getServiceName()).matches()) {
      scope
          .field("service_name")
          .error(
              "'" + manager.getServiceName() + "'",
              "1 to 63 letters, digits, '-', '_' and '.', the same for every replica");
    }
    StoreConfig store = store(manager.getStore(), scope.field("store"));
    ControlConfig control = control(manager, scope);
    Duration retention =
        scope
            .field("retention")
            .duration(
                manager.hasRetention(), manager.getRetention(), EngineConfig.DEFAULT_RETENTION);
    Duration quarantine =
        scope
            .field("trace_quarantine")
            .duration(
                manager.hasTraceQuarantine(),
                manager.getTraceQuarantine(),
                EngineConfig.DEFAULT_TRACE_QUARANTINE);
    Limits limits = LimitsParser.parse(manager, scope);
    List<DatabaseSettings> databases = DatabaseParser.parse(manager.getDatabasesList(), scope);
    if (store == null
        || control == null
        || limits == null
        || databases == null
        || !isOnePods(store, control, scope)
        || (!databases.isEmpty() && !fitsNames(store, control, scope))) {
      return null;
    }
    return new ManagerConfig(
        manager.getServiceName(),
        store,
        control,
        retention,
        limits,
        quarantine,
        manager.getLocalCluster().isEmpty()
            ? Optional.empty()
            : Optional.of(manager.getLocalCluster()),
        operatorTokenFile(manager, store, scope),
        databases);
  }

  private static Optional<Path> operatorTokenFile(
      TransactionManager manager, StoreConfig store, Scope scope) {
    String configured = manager.getOperatorTokenFile();
    if (configured.isEmpty()) {
      return store instanceof JournalConfig journal
          ? Optional.of(journal.directory().resolve(OPERATOR_TOKEN))
          : Optional.empty();
    }
    try {
      return Optional.of(Path.of(configured));
    } catch (InvalidPathException e) {
      scope.field("operator_token_file").error("'" + configured + "'", "a path of a file");
      return Optional.empty();
    }
  }

  /**
   * In a store that is shared the authority is what a pod is known by when it comes back: two that
   * have the same would end each other's branches (T19).
   */
  private static boolean isOnePods(StoreConfig store, ControlConfig control, Scope scope) {
    Authority authority = control.authority().orElse(null);
    if (store instanceof EtcdConfig
        && (authority == null || ANY_HOSTS.contains(authority.host()))) {
      scope
          .field("control")
          .field("authority")
          .error(
              (authority == null ? "missing" : authority.toString())
                  + " (expected: host:port of this pod and of no other, the same when it comes"
                  + " back, for a store on etcd)");
      return false;
    }
    return true;
  }

  /**
   * What is prepared says in its name who decides and where that answers, and PostgreSQL bounds
   * names. The store's id is not known before it is opened, but its length is.
   */
  private static boolean fitsNames(StoreConfig store, ControlConfig control, Scope scope) {
    boolean proves = control.tls().isPresent();
    Authority shared =
        store instanceof EtcdConfig etcd ? etcd.serviceAuthority().orElse(null) : null;
    Authority own = control.authority().orElse(null);
    Authority authority = shared == null ? own : shared;
    String problem =
        authority == null
            ? null // an address, which is short
            : GlobalId.tooLong(
                store instanceof EtcdConfig ? OF_ETCD : OF_JOURNAL, authority, proves);
    if (problem == null) {
      return true;
    }
    Scope field =
        shared == null
            ? scope.field("control").field("authority")
            : scope.field("store").field("etcd").field("service_authority");
    field.error(problem);
    return false;
  }

  private static @Nullable StoreConfig store(Store store, Scope scope) {
    return switch (store.getKindCase()) {
      case JOURNAL -> journal(store.getJournal(), scope.field("journal"));
      case ETCD -> EtcdParser.parse(store.getEtcd(), scope.field("etcd"));
      case KIND_NOT_SET -> {
        scope.error("missing (expected: journal or etcd)");
        yield null;
      }
    };
  }

  private static @Nullable JournalConfig journal(JournalStore journal, Scope scope) {
    Path directory = directory(journal.getDirectory(), scope.field("directory"));
    long segment =
        journal.hasSegmentBytes() ? journal.getSegmentBytes().getValue() : DEFAULT_SEGMENT;
    if (segment < MIN_SEGMENT || segment > MAX_SEGMENT) {
      scope
          .field("segment_bytes")
          .error(Long.toUnsignedString(segment), MIN_SEGMENT + " to " + MAX_SEGMENT);
      return null;
    }
    long max = journal.hasMaxBytes() ? journal.getMaxBytes().getValue() : DEFAULT_MAX_BYTES;
    long least = 2 * segment + RESERVE;
    if (max < least) {
      scope
          .field("max_bytes")
          .error(
              Long.toUnsignedString(max),
              "at least two segments and " + RESERVE + " in reserve, " + least);
      return null;
    }
    return directory == null ? null : new JournalConfig(directory, (int) segment, max);
  }

  private static @Nullable Path directory(String text, Scope scope) {
    if (text.isEmpty()) {
      scope.error("missing (expected: a directory of its own)");
      return null;
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      scope.error("'" + text + "'", "a path of this host");
      return null;
    }
  }

  private static @Nullable ControlConfig control(TransactionManager manager, Scope scope) {
    boolean mutual = manager.getControlTrust() != Trust.PLAINTEXT;
    Optional<ControlTls> tls = Optional.empty();
    if (mutual) {
      tls = Optional.ofNullable(ControlTlsParser.parse(manager, scope.field("control_tls")));
      if (tls.isEmpty()) {
        return null;
      }
    } else if (manager.hasControlTls()) {
      scope.field("control_tls").error("under PLAINTEXT (expected: control_trust: MTLS)");
      return null;
    }
    if (!manager.hasControl()) {
      scope.field("control").error("missing (expected: where other sidecars reach this one)");
      return null;
    }
    ControlAddress control = manager.getControl();
    Scope here = scope.field("control");
    int port = control.hasPort() ? control.getPort().getValue() : DEFAULT_PORT;
    if (port < 0 || port > 65_535) {
      here.field("port").error(Integer.toUnsignedString(port), "0 to 65535");
      return null;
    }
    String byDefault = mutual ? ANY : LOOPBACK;
    String address = control.getAddress().isEmpty() ? byDefault : control.getAddress();
    if (control.getAuthority().isEmpty()) {
      if (address.equals(ANY) || address.equals("::")) {
        here.field("authority")
            .error("missing (expected: host:port that others reach, for the address is any)");
        return null;
      }
      return new ControlConfig(address, port, Optional.empty(), tls);
    }
    Authority authority = Authority.parse(control.getAuthority());
    if (authority == null) {
      here.field("authority").error(control.getAuthority(), Authority.EXPECTED);
      return null;
    }
    return new ControlConfig(address, port, Optional.of(authority), tls);
  }
}
