package io.handfast.proxy.transaction.manager;

import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.EtcdConfig;
import io.handfast.proxy.transaction.manager.ManagerConfig.EtcdUser;
import io.handfast.transaction.v1.EtcdStore;
import io.handfast.tx.core.Authority;
import io.handfast.tx.etcd.EtcdOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses {@code store.etcd}. Pure. */
final class EtcdParser {
  private static final String DEFAULT_PREFIX = "/handfast";
  private static final Pattern PREFIX = Pattern.compile("(/[A-Za-z0-9._-]+){1,8}");
  private static final long MIN_LEASE_SECONDS = 1;
  private static final long MAX_LEASE_SECONDS = 600;
  private static final int MIN_TXN_OPS = 8;
  private static final int MAX_TXN_OPS = 4096;

  private EtcdParser() {}

  /** Null if something is wrong, which has been noted. */
  static @Nullable EtcdConfig parse(EtcdStore etcd, Scope scope) {
    int errors = 0;
    boolean secure = etcd.hasTls();
    if (etcd.getEndpointsList().isEmpty()) {
      scope.field("endpoints").error("missing (expected: http://host:port or https://host:port)");
      errors++;
    }
    for (String endpoint : etcd.getEndpointsList()) {
      if (!isEndpoint(endpoint, secure)) {
        scope
            .field("endpoints")
            .error(
                "'" + endpoint + "'",
                (secure ? "https" : "http") + "://host:port, all alike; https goes with tls");
        errors++;
      }
    }
    String prefix = etcd.getPrefix().isEmpty() ? DEFAULT_PREFIX : etcd.getPrefix();
    if (!PREFIX.matcher(prefix).matches()) {
      scope
          .field("prefix")
          .error("'" + prefix + "'", "/ and letters, digits, '.', '_', '-'; no / at its end");
      errors++;
    }
    Duration lease =
        scope.field("lease").duration(etcd.hasLease(), etcd.getLease(), EtcdOptions.DEFAULT_LEASE);
    if (!lease.equals(lease.truncatedTo(ChronoUnit.SECONDS))
        || lease.toSeconds() < MIN_LEASE_SECONDS
        || lease.toSeconds() > MAX_LEASE_SECONDS) {
      scope
          .field("lease")
          .error(
              lease.toString(), "whole seconds, " + MIN_LEASE_SECONDS + " to " + MAX_LEASE_SECONDS);
      errors++;
    }
    int ops =
        etcd.hasMaxTxnOps()
            ? Scope.clamped(etcd.getMaxTxnOps().getValue())
            : EtcdOptions.DEFAULT_MAX_TXN_OPS;
    if (ops < MIN_TXN_OPS || ops > MAX_TXN_OPS) {
      scope.field("max_txn_ops").error(Integer.toString(ops), MIN_TXN_OPS + " to " + MAX_TXN_OPS);
      errors++;
    }
    Optional<EtcdUser> user = user(etcd, scope);
    Optional<TlsConfig.Upstream> tls =
        secure
            ? Optional.ofNullable(ClientTlsParser.parse(etcd.getTls(), "h2", scope.field("tls")))
            : Optional.empty();
    Optional<Authority> authority = authority(etcd, scope.field("service_authority"));
    if (errors > 0
        || (user.isEmpty() && !etcd.getUser().isEmpty())
        || (tls.isEmpty() && secure)
        || (authority.isEmpty() && !etcd.getServiceAuthority().isEmpty())) {
      return null;
    }
    return new EtcdConfig(etcd.getEndpointsList(), prefix, user, tls, lease, ops, authority);
  }

  private static boolean isEndpoint(String text, boolean secure) {
    try {
      URI uri = new URI(text);
      return (secure ? "https" : "http").equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getPort() > 0
          && uri.getPath().isEmpty()
          && uri.getUserInfo() == null;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static Optional<EtcdUser> user(EtcdStore etcd, Scope scope) {
    if (etcd.getUser().isEmpty() != etcd.getPasswordFile().isEmpty()) {
      scope
          .field("password_file")
          .error("'" + etcd.getPasswordFile() + "'", "given with user, and only with it");
      return Optional.empty();
    }
    if (etcd.getUser().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new EtcdUser(etcd.getUser(), Path.of(etcd.getPasswordFile())));
    } catch (InvalidPathException e) {
      scope.field("password_file").error("'" + etcd.getPasswordFile() + "'", "a path of this host");
      return Optional.empty();
    }
  }

  private static Optional<Authority> authority(EtcdStore etcd, Scope scope) {
    if (etcd.getServiceAuthority().isEmpty()) {
      return Optional.empty();
    }
    Optional<Authority> authority =
        Optional.ofNullable(Authority.parse(etcd.getServiceAuthority()));
    if (authority.isEmpty()) {
      scope.error(etcd.getServiceAuthority(), Authority.EXPECTED);
    }
    return authority;
  }
}
